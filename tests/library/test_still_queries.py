"""Which frames of a video are asked for, and how large; the answers are tried in test_stills."""

from __future__ import annotations

from typing import Any

import pytest

from core.library import still_queries as q


def asked(start_s: float, *, n: int = 1, every_s: float = 1.0, **changed: Any) -> dict[str, Any]:
    video = {
        "_uniqueid": "1.2.3", "_fps": 25, "_frame_count": 200, "_duration_us": 8_000_000,
        "_frame_width": 1920, "_frame_height": 1080, **changed,
    }  # fmt: skip
    query = q.extract(video, start_s, n=n, every_s=every_s, max_px=400)
    assert query is not None
    commands, blobs = query
    assert blobs == []
    assert commands[0]["FindVideo"]["constraints"] == {"_uniqueid": ["==", "1.2.3"]}
    return commands[1]["ExtractFrames"]


@pytest.mark.parametrize("fps", [12, 23.976024, 25, 29.97003, 59.94006])
def test_the_first_frame_of_every_clip_is_met(fps: float) -> None:
    """A clip's instant is its first frame over the rate, as text in an address: no frame before."""
    for number in range(0, 20_000, 7):
        start_s = float(str(number / fps))
        assert asked(start_s, _fps=fps, _frame_count=20_000)["frame_spec"] == [number]


def test_what_is_shown_at_an_instant() -> None:
    """The last frame that began by then; beyond the end, the last of all."""
    assert asked(0)["frame_spec"] == [0]
    assert asked(1.99 / 25)["frame_spec"] == [1]
    assert asked(8)["frame_spec"] == [199]
    assert asked(1e300)["frame_spec"] == [199]
    assert asked(1e308)["frame_spec"] == [199]


def test_several_are_evenly_apart() -> None:
    """As many as there are: so a decoder need not hand over what lies between."""
    assert asked(0, n=5, every_s=2, _fps=29.97)["frame_spec"] == [0, 60, 120, 180]
    assert asked(0, n=3, every_s=2)["frame_spec"] == [0, 50, 100]
    assert asked(0, n=3, every_s=0.001)["frame_spec"] == [0, 1, 2]


def test_few_bytes_travel() -> None:
    """The long side is made small; a small picture is not made large."""
    resized = {"type": "resize", "width": 400}
    assert asked(0)["operations"] == [resized]
    assert asked(0)["as_format"] == "jpg"
    upright = asked(0, _frame_width=1080, _frame_height=1920)
    assert upright["operations"] == [{"type": "resize", "height": 400}]
    assert "operations" not in asked(0, _frame_width=400, _frame_height=300)
    assert asked(0, _frame_width=None, _frame_height=None)["operations"] == [resized]


def test_nothing_is_asked_without_a_rate() -> None:
    """Where nobody knows which frame is shown when."""
    for unknown in ({"_uniqueid": "1.2.3"}, {"_uniqueid": "1.2.3", "_fps": 25}):
        assert q.extract(unknown, 1, n=1, every_s=1, max_px=400) is None
