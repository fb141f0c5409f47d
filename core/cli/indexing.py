"""The work that a command waits for: videos indexed here, or on a Dask cluster, with a bar."""

from __future__ import annotations

import argparse
import threading
from concurrent.futures import Future, ThreadPoolExecutor, wait
from types import TracebackType
from typing import NoReturn

from tqdm import tqdm

from core.bootstrap import App
from core.cli.terminal import clock
from core.errors import DatabaseError
from core.model import IndexState, Video

_LOOK_S = 0.3  # between two looks at how far the work is
_NEXT = 8  # videos that wait, of which one may say what for
_UNFINISHED = (IndexState.INDEXING, IndexState.WAITING)
_NAME_WIDTH = 30  # of the name beside the bar, in characters


class Indexing:
    """Indexes what it is handed in a thread beside the caller's, inside a `with` block.

    Left early, as after Ctrl+C, it gives back what is not finished.
    """

    def __init__(self, app: App, asked: argparse.Namespace) -> None:
        self._app, self._asked = app, asked
        self._video_ids: list[str] = []
        self._is_taking = True
        self._stop = threading.Event()
        self._threads = ThreadPoolExecutor(1, "worker")
        self._work: Future[None] | None = None

    def __enter__(self) -> Indexing:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._threads.shutdown()

    def take(self, video: Video) -> None:
        """Index this video too; where the work has ended with an error, it waits in the library."""
        self._video_ids.append(video.video_id)
        if self._work is None:
            self._work = self._threads.submit(self._run)

    def check(self) -> None:
        """Look whether the work goes on.

        Raises:
            EncoderError, LibraryError, DatabaseError: it ended: nothing can be indexed now.
        """
        if self._work is not None and self._work.done():
            self._work.result()

    def wait(self) -> None:
        """Wait until all of them are indexed or have failed.

        Raises:
            EncoderError, LibraryError, DatabaseError: nothing can be indexed now.
        """
        self._is_taking = False
        if self._work is None:
            return
        with _bar() as bar:
            while self._work not in wait([self._work], _LOOK_S).done:
                self._show(bar)
        self._work.result()

    def _run(self) -> None:
        if self._asked.dask is None:
            self._app.worker().drain(
                self._video_ids, stop=self._stop, patience_s=self._asked.patience,
                more=lambda: self._is_taking,
            )  # fmt: skip
        else:
            from core.cli.spread import Cluster  # noqa: PLC0415 - only who has a cluster

            with Cluster(self._asked.dask, patience_s=self._asked.patience) as cluster:
                cluster.drain(self._video_ids, stop=self._stop, more=lambda: self._is_taking)

    def _show(self, bar: tqdm[NoReturn]) -> None:
        if bar.disable:
            return
        try:
            n_left, near = self._look()
        except DatabaseError as error:
            bar.set_description_str(f"waiting: {error}"[: 2 * _NAME_WIDTH])
            return
        n = len(self._video_ids)
        bar.total = n
        bar.n = n - n_left + sum(min(video.progress, 0.99) for video in near)
        bar.set_description_str(f"indexing, {n - n_left} of {n} done: {_now(near)}")

    def _look(self) -> tuple[int, list[Video]]:
        """Count what is left, and give what runs and what is next; at a cost that stays."""
        overview, ours = self._app.library.overview, set(self._video_ids)
        near = overview.now()[1] + overview.some(IndexState.WAITING, _NEXT, order="oldest")
        unfinished = [v for v in near if v.video_id in ours and v.state in _UNFINISHED]
        return overview.n_unfinished(self._video_ids), unfinished


def _now(left: list[Video]) -> str:
    """Say which video is worked on and how fast, or what the first one waits for."""
    for video in left:
        if video.work is not None:
            left_s = video.work.left_s
            soon = f", {clock(left_s).partition('.')[0]} left" if left_s is not None else ""
            return f"{video.name[:_NAME_WIDTH]} at {video.work.speed:.0f}×{soon}"
    waiting = next((video for video in left if video.error), None)
    return f"{waiting.name[:_NAME_WIDTH]} waits: {waiting.error}" if waiting else ""


def _bar() -> tqdm[NoReturn]:
    """Make a bar that counts videos in fractions; none where standard error is no terminal."""
    shape = "{desc} {percentage:3.0f}%|{bar}| [{elapsed}<{remaining}]"
    return tqdm(total=1, desc="indexing", disable=None, leave=False, bar_format=shape)
