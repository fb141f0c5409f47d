"""How fast videos are indexed and how long they still take, from how far they were when. Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from core.model import Bottleneck, Video, Work

_WINDOW_S = 20.0  # speed is that of the last so many seconds
_SOON_S = 1.0  # before this, a speed says nothing


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast all workers together index, and what that depends on."""

    speed: float  # seconds of video in a second
    left_s: float  # until nothing waits any more
    bottlenecks: tuple[Bottleneck, ...]
    devices: tuple[str, ...]


def pace(running: Sequence[Video], waiting_s: Callable[[], float]) -> Pace | None:
    """Add up what workers say of the videos that they index; None: nothing can be said yet.

    `waiting_s` is asked, then, for the length of all that waits beside them, in seconds.
    """
    works = [video.work for video in running if video.work is not None and video.work.speed]
    if not works:
        return None
    speed = sum(work.speed for work in works)
    own_s = sum((1 - v.progress) * v.facts.duration_s for v in running if v.work is not None)
    held_up = {work.bottleneck for work in works if work.bottleneck is not None}
    return Pace(
        speed, (own_s + waiting_s()) / speed, tuple(sorted(held_up)),
        tuple(sorted({work.device for work in works})),
    )  # fmt: skip


class Speedometer:
    """Told how far one video is, it says how fast that goes."""

    def __init__(self, worker: str, duration_s: float, device: str) -> None:
        self.progress = 0.0
        self._worker, self._duration_s, self._device = worker, duration_s, device
        self._bottleneck: Bottleneck | None = None
        self._seen: deque[tuple[float, float]] = deque()  # (when, seconds of video)

    def add(self, now_s: float, progress: float, bottleneck: Bottleneck | None) -> None:
        """Take how far it is, 0..1, at an instant of any clock that does not go back."""
        self.progress, self._bottleneck = progress, bottleneck
        if self._seen and now_s - self._seen[-1][0] < 0.1:
            return
        self._seen.append((now_s, progress * self._duration_s))
        while self._seen[-1][0] - self._seen[0][0] > _WINDOW_S:
            self._seen.popleft()

    def work(self) -> Work:
        """Say how it goes now."""
        speed = self._speed()
        left_s = (1 - self.progress) * self._duration_s / speed if speed else None
        return Work(self._worker, speed, left_s, self._bottleneck, self._device)

    def _speed(self) -> float:
        if not self._seen or self._seen[-1][0] - self._seen[0][0] < _SOON_S:
            return 0.0
        (then_s, before_s), (now_s, after_s) = self._seen[0], self._seen[-1]
        return max(0.0, after_s - before_s) / (now_s - then_s)
