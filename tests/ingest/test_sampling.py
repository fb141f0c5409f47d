"""Which frames are looked at, as a person sets it: from the environment through a worker to clips.

The model reads the number off each frame, so that a clip's vector says which frame it was.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from core.bootstrap import App, open_app
from core.model import Span
from core.settings import Settings, from_environment
from tests.fakes import ColourEncoder
from tests.media.counter import X264, Kind, draw, ffmpeg
from tests.media.test_formats_indexed import CounterEncoder


def indexed(kind: Kind, folder: Path, **variables: str) -> tuple[App, list[float]]:
    """Index a counter video with these settings; the times of its clips."""
    path = draw(kind, folder)
    given = {f"REELSEEK_{name.upper()}": value for name, value in variables.items()}
    settings = from_environment({"REELSEEK_DATA": str(folder / "reelseek"), **given})
    app = open_app(settings, encoder=CounterEncoder())
    video_id = app.intake.add_file(path).video.video_id
    app.worker().drain([video_id])
    return app, [clip.best_s for clip in app.library.clips(video_id)]


def check_exact(app: App, kind: Kind, times_s: list[float]) -> None:
    """See that a search for the frame shown at each of these times leads there."""
    for time_s in times_s:
        found = app.searcher.search(f"frame {kind.frame_at(time_s + 0.001)}", limit=1).moments
        assert [moment.best_s for moment in found] == [time_s]


# Key frames every 0.48 s, so that those alone are enough; and every 2 s, where they are not.
OFTEN = Kind("key frames come often", encode=(*X264, "-g", "12"))
RARELY = Kind("key frames are rare", n_frames=130, encode=(*X264, "-g", "50"))


@pytest.mark.parametrize(
    ("kind", "sampling", "expected"),
    [
        (OFTEN, None, [0, 1.44, 2.4]),
        (OFTEN, "auto", [0, 1.44, 2.4]),
        (OFTEN, "exact", [0, 1, 2, 3]),
        (RARELY, "auto", [0, 1, 2, 3, 4, 5]),
        (RARELY, "keyframes", [0, 2, 4]),
    ],
)
def test_the_sampling_that_is_set_is_used(
    tmp_path: Path, kind: Kind, sampling: str | None, expected: list[float]
) -> None:
    """Key frames alone where that is wanted or no loss, else the frames at each second."""
    given = {} if sampling is None else {"sampling": sampling}
    app, times_s = indexed(kind, tmp_path, **given)
    assert times_s == pytest.approx(expected)
    check_exact(app, kind, times_s)
    app.close()


def test_ten_frames_a_second(tmp_path: Path) -> None:
    """The closest that may be set: each is the one that is shown then, and a clip of its own."""
    kind = Kind("two seconds", n_frames=50)
    app, times_s = indexed(kind, tmp_path, every_s="0.1")
    assert times_s == pytest.approx([n / 10 for n in range(20)])
    check_exact(app, kind, times_s)
    app.close()


def test_cuts_are_stored_whether_or_not_a_sample_falls_between(tmp_path: Path) -> None:
    """A shot too short for a sample leaves its beginning and end, and the clips their numbers."""
    path = tmp_path / "quick.mp4"
    colours = ("red", 1.5), ("blue", 0.3), ("lime", 1.7)
    parts = ";".join(f"color={c}:s=64x36:r=20:d={s}[c{c}]" for c, s in colours)
    joined = "".join(f"[c{c}]" for c, _ in colours)
    ffmpeg("-filter_complex", f"{parts};{joined}concat=n=3", *X264, str(path))
    app = open_app(Settings(data=tmp_path / "reelseek"), encoder=ColourEncoder())
    video_id = app.intake.add_file(path).video.video_id
    app.worker().drain([video_id])
    assert app.library.cuts(video_id) == pytest.approx([1.5, 1.8])
    assert [clip.span for clip in app.library.clips(video_id)] == [Span(0, 1.5), Span(1.8, 3.5)]
    app.close()
