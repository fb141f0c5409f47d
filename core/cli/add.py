"""`add PATH…`: register files, then index them here, or wait for the worker that has them."""

from __future__ import annotations

import argparse
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from typing import NoReturn

from tqdm import tqdm

from core.bootstrap import App, open_app
from core.cli.terminal import complain, say
from core.errors import IngestError, MediaError
from core.model import IndexState, Video
from core.settings import from_environment

_LOOK_S = 0.3  # between two looks at how far the work is
_NAME_WIDTH = 30  # of the name beside the bar, in characters


def run(asked: argparse.Namespace) -> int:
    """Add the files and folders; 1 if any of them did not become searchable."""
    app = open_app(from_environment())
    try:
        return _Adding(app).run(asked.paths)
    finally:
        app.close()


class _Adding:
    """One run of `add`: what was added, and what failed with which sentence."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._failures: list[tuple[str, str]] = []

    def run(self, paths: Sequence[Path]) -> int:
        names = self._register(self._find(paths))
        if names:
            self._index(list(names))
        self._tell(names)
        for name, sentence in self._failures:
            complain(f"{name}: {sentence}")
        return 1 if self._failures else 0

    def _find(self, paths: Sequence[Path]) -> list[Path]:
        found: dict[Path, None] = {}
        for path in paths:
            try:
                files = self._app.intake.find_files([path])
            except IngestError as error:
                self._failures.append((str(path), str(error)))
                continue
            if not files:
                self._failures.append((str(path), "There are no videos in this folder."))
            found.update(dict.fromkeys(files))
        return list(found)

    def _register(self, files: Sequence[Path]) -> dict[str, str]:
        """Register the files; what to say of each video by its id."""
        names: dict[str, str] = {}
        for path in tqdm(files, desc="reading", unit="file", disable=None, leave=False):
            try:
                added = self._app.intake.add_file(path)
            except (MediaError, IngestError) as error:
                self._failures.append((str(path), str(error)))
                continue
            names[added.video.video_id] = "already there" if added.already else "added"
        return names

    def _index(self, video_ids: Sequence[str]) -> None:
        """Index here what no other worker has claimed, and wait for the rest."""
        stop = threading.Event()
        with ThreadPoolExecutor(1, "worker") as threads, _bar(len(video_ids)) as bar:
            work = threads.submit(self._app.worker().drain, video_ids, stop=stop)
            try:
                while work not in wait([work], _LOOK_S).done:
                    self._show(bar, set(video_ids))
            finally:
                stop.set()  # after Ctrl+C: the worker gives back what it has claimed
        work.result()

    def _show(self, bar: tqdm[NoReturn], video_ids: set[str]) -> None:
        videos = [video for video in self._app.library.videos() if video.video_id in video_ids]
        bar.n = sum(_done(video) for video in videos)
        now = next((video.name for video in videos if video.state is IndexState.INDEXING), "")
        n_done = sum(_done(video) == 1 for video in videos)
        bar.set_description_str(f"indexing, {n_done} of {len(video_ids)} done: {now[:_NAME_WIDTH]}")

    def _tell(self, names: Mapping[str, str]) -> None:
        there = {video.video_id: video for video in self._app.library.videos()}
        for video_id, what in names.items():
            video = there.get(video_id)
            if video is None:
                self._failures.append((video_id, "It was deleted meanwhile."))
            elif video.state is IndexState.READY:
                say(f"{video.name}: {what}, {video.n_clips} clips")
            else:
                self._failures.append((video.name, video.error or f"It is {video.state}."))


def _bar(n_videos: int) -> tqdm[NoReturn]:
    """Make a bar that counts videos in fractions; none where standard error is no terminal."""
    shape = "{desc} {percentage:3.0f}%|{bar}| [{elapsed}<{remaining}]"
    return tqdm(total=n_videos, desc="indexing", disable=None, leave=False, bar_format=shape)


def _done(video: Video) -> float:
    if video.state in (IndexState.WAITING, IndexState.INDEXING):
        return min(video.progress, 0.99)
    return 1.0
