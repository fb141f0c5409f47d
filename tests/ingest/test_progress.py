"""How fast all workers together are, and when they are done: the figures of page and `status`."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from core.ingest.progress import pace
from core.model import IndexState, PlayState, Video, VideoFacts, Work

FACTS = VideoFacts(
    duration_s=100.0, width_px=64, height_px=36, fps=10.0, video_codec="h264", audio_codec=None,
    container="mp4", pixel_format="yuv420p", rotation_deg=0, size_bytes=1000,
)  # fmt: skip


def indexing(video_id: str, progress: float, work: Work | None) -> Video:
    return Video(
        video_id=video_id, name=video_id, path=None, content_sha256="", facts=FACTS,
        added_at=datetime.now(UTC), state=IndexState.INDEXING, progress=progress, error=None,
        play_state=PlayState.DIRECT, play_progress=0.0, play_error=None, n_clips=0, work=work,
    )  # fmt: skip


def test_speeds_add_up_and_all_that_waits_counts() -> None:
    """Two workers; 50 s and 80 s of theirs are left, and 300 s wait."""
    running = [
        indexing("a", 0.5, Work("one", 20.0, None, "decoding", "cpu")),
        indexing("b", 0.2, Work("two", 30.0, None, "model", "cuda")),
        indexing("c", 0.0, None),  # only just begun
    ]
    found = pace(running, lambda: 300.0)
    assert found is not None
    assert found.speed == 50
    assert found.left_s == pytest.approx((50 + 80 + 300) / 50)
    assert (found.bottlenecks, found.devices) == (("decoding", "model"), ("cpu", "cuda"))


def test_nothing_is_said_before_a_speed_is_known() -> None:
    """And what waits is not even added up then."""

    def never() -> float:
        raise AssertionError

    assert pace([], never) is None
    assert pace([indexing("a", 0.1, Work("one", 0.0, None, None, "cpu"))], never) is None
