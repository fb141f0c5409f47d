"""The picture at a time is the one that a player shows then: read off the picture itself."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from core.media import proxy
from core.media.probe import probe
from tests.media.counter import MORE, SIX, Kind, read
from tests.media.exact import frames

ALL = [pytest.param(kind, id=kind.name) for kind in (*SIX, *MORE)]
FilmOf = Callable[[Kind], Path]


@pytest.mark.parametrize("every_s", [0.2, 0.7])
@pytest.mark.parametrize("kind", ALL)
def test_sample_k_is_the_frame_shown_then(film_of: FilmOf, kind: Kind, every_s: float) -> None:
    """Not one frame off, from 0 to the last sample before the film's end."""
    path = film_of(kind)
    facts = probe(path)
    seen = [(frame.time_s, read(frame.rgb)) for frame in frames(path, facts, every_s=every_s)]
    assert [time_s for time_s, _ in seen] == [k * every_s for k in range(len(seen))]
    assert [number for _, number in seen] == [kind.frame_at(time_s) for time_s, _ in seen]
    # Sound may go on a little after the last picture.
    end_s = float(kind.time_s(kind.n_frames - 1))
    assert math.floor(end_s / every_s) < len(seen) <= math.ceil(facts.duration_s / every_s)


@pytest.mark.parametrize(
    ("way", "kind"),
    [
        pytest.param(way, kind, id=f"{way} {kind.name}")
        for kind in (*SIX, *MORE)
        # No browser plays these codecs in MP4, so they are never only remuxed.
        for way in (
            ["transcode"] if kind.name in ("VP8", "HEVC", "AVI") else ["remux", "transcode"]
        )
    ],
)
def test_a_copy_keeps_the_times(film_of: FilmOf, tmp_path: Path, way: str, kind: Kind) -> None:
    """At each time, the copy that browsers play shows the frame that the original was seen with."""
    path, copy = film_of(kind), tmp_path / "copy.mp4"
    facts = probe(path)
    asked = replace(facts, pixel_format="anything else") if way == "transcode" else facts
    proxy.make(path, asked, copy, on_progress=lambda _: None, cancelled=lambda: False)
    copied = probe(copy)
    assert proxy.needed(copied) == "direct"
    assert copied.video_codec == ("h264" if way == "transcode" else facts.video_codec)
    of_original = [read(frame.rgb) for frame in frames(path, facts, every_s=0.2)]
    of_copy = [read(frame.rgb) for frame in frames(copy, copied, every_s=0.2)]
    n_common = len(of_original) - 1  # the end of the sound may differ by a packet
    assert of_copy[:n_common] == of_original[:n_common]
    assert abs(len(of_copy) - len(of_original)) <= 1


@pytest.mark.parametrize("kind", [pytest.param(kind, id=kind.name) for kind in SIX])
def test_the_length_is_that_of_the_packets(film_of: FilmOf, kind: Kind) -> None:
    """Better than the 10 ms of the header: the end of the last picture."""
    last_s = kind.time_s(kind.n_frames - 1) - kind.time_s(0)
    usual_s = 1 / kind.fps
    assert 0 < probe(film_of(kind)).duration_s - float(last_s) <= usual_s + 0.0011
