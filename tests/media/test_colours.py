"""Colours are those that players show, whether a file says how they are coded or not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.editing import Resize, Threshold, VideoEdit
from core.media import colour, edits, proxy
from core.media.frames import Sampling, read_samples
from core.media.probe import probe
from core.model import VideoFacts
from tests.media.exact import frames
from tests.media.patches import BT601, BT709, COLOURS, COPIED, PLAYED, Patches

HD = PLAYED[0]
FACTS = VideoFacts(9.0, 1280, 720, 25.0, "h264", None, "mp4", "yuv420p", 0, 1)
SILENT = "unknown/unknown/unknown"
AS_709 = ["setparams=colorspace=bt709:color_primaries=bt709:color_trc=bt709"]
AS_601 = ["setparams=colorspace=smpte170m:color_primaries=smpte170m:color_trc=smpte170m"]


@pytest.mark.parametrize("film", [*PLAYED, *COPIED], ids=lambda film: film.name)
def test_samples_have_the_colours_that_were_drawn(tmp_path: Path, film: Patches) -> None:
    """By the matrix that players take, to a level or two."""
    path = film.draw(tmp_path)
    sample = next(frames(path, probe(path))).rgb
    assert np.abs(film.colours_of(sample) - COLOURS).max() < 3


def test_they_have_where_key_frames_alone_are_decoded(tmp_path: Path) -> None:
    """As in long videos."""
    film = replace(HD, encode=(*HD.encode, "-g", "2"), n_frames=12)
    path = film.draw(tmp_path)
    with read_samples(probe(path), path, Sampling(1.0), size_px=96) as samples:
        assert samples.mode == "keyframes"
        pictures = [sample.frame for sample in samples]
    assert all(np.abs(film.colours_of(one) - COLOURS).max() < 3 for one in pictures)


@pytest.mark.parametrize("film", [HD, PLAYED[3]], ids=lambda film: film.name)
def test_other_pictures_and_clips_have_them(tmp_path: Path, film: Patches) -> None:
    """Those picked by number, those of a clip, of a smaller one, and of one that was worked on."""
    path, clip = film.draw(tmp_path), tmp_path / "clip.mp4"
    (rgb,) = edits.pictures(path, [1], [Resize(width_px=160)])
    assert np.abs(film.colours_of(rgb) - COLOURS).max() < 4
    for operation in ((), (Resize(320, 180),), (Threshold(8),)):
        edits.render(path, clip, VideoEdit(1, 2, operation, "h264", "mp4"))
        sample = next(frames(clip, probe(clip))).rgb
        assert np.abs(film.colours_of(sample) - COLOURS).max() < 5, operation


@pytest.mark.parametrize("film", COPIED, ids=lambda film: film.name)
def test_a_copy_has_them_and_says_so(tmp_path: Path, film: Patches) -> None:
    """No browser has to guess by its size, which is not that of the original."""
    path, copy = film.draw(tmp_path), tmp_path / "copy.mp4"
    proxy.make(path, probe(path), copy, on_progress=lambda _: None, cancelled=lambda: False)
    facts = probe(copy)
    assert "unknown" not in str(facts.colours)
    assert np.abs(film.colours_of(next(frames(copy, facts)).rgb) - COLOURS).max() < 4


@pytest.mark.parametrize(
    ("changed", "filters"),
    [
        ({}, AS_709),
        ({"height_px": 719}, AS_601),
        ({"width_px": 608, "height_px": 1280, "rotation_deg": 90}, AS_601),  # stored as 1280 × 608
        ({"width_px": 608, "height_px": 1280, "rotation_deg": 180}, AS_709),
        ({"video_codec": "vp9"}, AS_601),
        ({"pixel_format": "yuvj420p"}, AS_601),
        ({"colours": f"{SILENT}/pc"}, AS_601),
        ({"pixel_format": "yuv422p10le"}, AS_709),
        ({"pixel_format": "gbrp"}, []),
        ({"pixel_format": "gray"}, []),
        ({"colours": "bt709/bt709/bt709/tv"}, []),
        ({"colours": "bt2020nc/bt2020/bt709/tv"}, []),
        ({"colours": "bt2020nc/unknown/unknown/tv"}, []),
        ({"pixel_format": "yuv420p10le", "colours": "unknown/unknown/smpte2084/tv"}, []),
        ({"colours": "bt470bg/unknown/unknown/tv"},
         ["setparams=color_primaries=smpte170m:color_trc=smpte170m"]),
        ({"colours": "unknown/bt709/bt709/tv"}, ["setparams=colorspace=bt709"]),
    ],
)  # fmt: skip
def test_what_is_left_unsaid(changed: dict[str, object], filters: list[str]) -> None:
    """Only what is missing is filled in, as players guess it; the rest is the file's own."""
    facts = replace(FACTS, **{"colours": f"{SILENT}/tv", **changed})  # type: ignore[arg-type]
    assert colour.told(Path("not looked at"), facts) == filters


@pytest.mark.parametrize("says", [HD.says, BT601, BT709])
@pytest.mark.parametrize("known", [None, "", "red"])
def test_the_file_is_asked_where_the_facts_do_not_know(
    tmp_path: Path, says: tuple[str, str, str], known: str | None
) -> None:
    """As for videos that were added before it was recorded, or by other programs."""
    path = replace(HD, says=says).draw(tmp_path)
    facts = probe(path)
    assert str(facts.colours).startswith("/".join(says))
    found = colour.told(path, replace(facts, colours=known))
    assert found == colour.told(path, facts) == ([] if says != HD.says else AS_709)
