"""`add PATH…`: count, ask, register files, and index them here, on a cluster, or with workers."""

from __future__ import annotations

import argparse
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TypeVar

from tqdm import tqdm

from core.bootstrap import App, open_app
from core.cli import preflight
from core.cli.indexing import Indexing
from core.cli.terminal import complain, many, say
from core.errors import DiskFullError, IngestError, LibraryError, MediaError
from core.ingest.finding import Found
from core.ingest.retry import patiently
from core.ingest.watch import Watch
from core.library.library import Added
from core.model import IndexState, PlayState, Video
from core.settings import from_environment

T = TypeVar("T")

_WATCH_S = 1.0  # between two looks into the folders


def run(asked: argparse.Namespace) -> int:
    """Add the files and folders; 1 if any of them did not become searchable."""
    app = open_app(from_environment())
    try:
        app.intake.mend()
        return _Adding(app, asked).run()
    finally:
        app.close()


class _Adding:
    """One run of `add`: what was added, and what failed with which sentence."""

    def __init__(self, app: App, asked: argparse.Namespace) -> None:
        self._app, self._asked = app, asked
        self._failures: list[tuple[str, str]] = []
        self._names: dict[str, str] = {}  # what to say of each video by its id

    def run(self) -> int:
        found = self._find()
        if not self._may_start(found.files):
            self._complain()
            return 1
        if self._asked.watch:
            return self._run_watching(found)
        with Indexing(self._app, self._asked) as indexing:
            self._register(found.files, indexing)
            n_refused = self._complain()  # while the model works, or before it is known to be none
            indexing.wait()
        self._tell()
        return 1 if n_refused + self._complain() else 0

    def _patiently(self, act: Callable[[], T]) -> T:
        return patiently(act, patience_s=self._asked.patience)

    def _find(self) -> Found:
        """Find what was named, and note what there is to complain of."""
        files: dict[Path, None] = {}
        refused: dict[Path, str] = {}
        for path in self._asked.paths:
            found = self._look([path])
            if not (found.files or found.refused or self._asked.watch):
                self._failures.append((str(path), self._nothing_in(path)))
            files.update(dict.fromkeys(found.files))
            refused |= found.refused
        self._refuse(refused)
        return Found(list(files), refused)

    def _look(self, paths: Sequence[Path]) -> Found:
        return self._app.intake.find_files(paths, recursive=self._asked.recursive)

    def _refuse(self, refused: Mapping[Path, str]) -> None:
        self._failures += [(str(path), sentence) for path, sentence in refused.items()]

    def _nothing_in(self, path: Path) -> str:
        if not self._asked.recursive and self._app.intake.find_files([path]).files:
            return "The videos are in folders below this one; --recursive adds them, too."
        return "There are no videos in this folder."

    def _may_start(self, files: Sequence[Path]) -> bool:
        if len(files) < 2:
            return True
        return preflight.agreed(self._app, files, is_sure=self._asked.yes)

    def _register(self, files: Sequence[Path], indexing: Indexing) -> None:
        """Register files; each may be indexed from then on."""
        for path in tqdm(files, desc="reading", unit="file", disable=None, leave=False):
            try:
                added = self._patiently(partial(self._app.intake.add_file, path))
            except DiskFullError:
                raise  # the next file meets it, too
            except (MediaError, IngestError, LibraryError) as error:
                self._failures.append((str(path), str(error)))
                continue
            self._names.setdefault(added.video.video_id, _became(added))
            indexing.take(added.video)

    # -- watching ---------------------------------------------------------------------------------

    def _run_watching(self, found: Found) -> int:
        """Add what is there, then what comes, until Ctrl+C."""
        watch = Watch(lambda: self._look(self._asked.paths))
        watch.ignore(found)
        complain(f"Watching {', '.join(map(str, self._asked.paths))}. Ctrl+C ends it.")
        with suppress(KeyboardInterrupt), Indexing(self._app, self._asked) as indexing:
            while True:
                self._register(found.files, indexing)
                found = watch.look(time.monotonic())
                self._refuse(found.refused)
                self._tell()
                self._complain()
                indexing.check()
                threading.Event().wait(_WATCH_S)
        return 0

    # -- what became of it ------------------------------------------------------------------------

    def _tell(self) -> None:
        """Say what is done, each video once."""
        videos = self._patiently(self._app.library.videos)
        there = {video.video_id: video for video in videos}
        n_uncopied = 0
        for video_id, what in list(self._names.items()):
            video = there.get(video_id)
            if self._asked.watch and video is not None and not _is_ended(video):
                continue
            del self._names[video_id]
            if video is None:
                self._failures.append((video_id, "It was deleted meanwhile."))
            elif video.state is IndexState.READY:
                say(f"{video.name}: {what}, {many(video.n_clips, 'clip')}")
                n_uncopied += video.play_state in (PlayState.WANTED, PlayState.MAKING)
            else:
                self._failures.append((video.name, video.error or f"It is {video.state}."))
        sys.stdout.flush()
        if n_uncopied:
            complain(_who_copies(n_uncopied))

    def _complain(self) -> int:
        """Write the failures, and give how many there were."""
        n = len(self._failures)
        for name, sentence in self._failures:
            complain(f"{name}: {sentence}")
        self._failures.clear()
        return n


def _became(added: Added) -> str:
    """Say what was done about a file; a copy of one that waits is there, and not searchable yet."""
    if not added.already:
        return "added"
    is_searchable = added.video.state is IndexState.READY
    return "already there" if is_searchable else "already there, indexed now"


def _who_copies(n: int) -> str:
    """Say of how many videos a copy is lacking, and who makes it: not `add`, which would wait."""
    what, each = ("1 video has", "it") if n == 1 else (f"{n} videos have", "each")
    return (
        f"{what} no copy yet that browsers can play. The app or `python -m core worker` makes one "
        f"of {each}, and `python -m core status` says how far that is; searches find {each} now."
    )


def _is_ended(video: Video) -> bool:
    return video.state not in (IndexState.WAITING, IndexState.INDEXING)
