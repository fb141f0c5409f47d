"""Adds files and folders beside whoever asked: it goes on when they look elsewhere, or are killed.

Each addition has a thread; a note on this machine, whose files these are, lets the next start go
on with what was broken off. Knows no pages.
"""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from core.errors import (
    CancelledError,
    DatabaseAwayError,
    DatabaseError,
    DiskFullError,
    IngestError,
    PathError,
    ReelseekError,
)
from core.ingest import files, owner
from core.ingest.addition import Addition, Notes, State, tolerated
from core.ingest.intake import Intake
from core.ingest.preflight import Preflight
from core.ingest.retry import Backoff
from core.library.library import Library

T = TypeVar("T")

_STOP_LIMIT_S = 10.0  # a file is looked at, or hashed, to its end
_NOTED_EVERY_S = 1.0  # how far it is, for other processes to read

log = logging.getLogger("reelseek.ingest")


class Additions:
    """What is being added on this machine; safe to use from several threads."""

    def __init__(
        self, library: Library, intake: Intake, *, folder: Path,
        survey: Callable[[Sequence[Path]], Preflight],
    ) -> None:  # fmt: skip
        """Begin nothing yet; notes are kept in `folder`, `survey` counts what files would take."""
        self._library, self._intake, self._survey = library, intake, survey
        self._notes = Notes(folder)
        self._errands: dict[str, _Errand] = {}
        self._closing = threading.Event()
        self._owner = owner.new_name()

    def ask(self, path: Path) -> Addition:
        """Look at a file or folder; more than one file that is new waits for `begin`.

        Raises:
            DiskFullError, IngestError: not even a note of it can be written.
        """
        with suppress(PathError):  # who looks at it says what is wrong
            path = files.absolute(path)
        asked = Addition(uuid.uuid4().hex, str(path), "looking", datetime.now(UTC))
        self._notes.write(asked, self._owner)
        return self._start(asked).now

    def begin(self, addition_id: str) -> None:
        """Add what was looked at; harmless where that is under way or over."""
        if errand := self._errands.get(addition_id):
            errand.may_begin.set()

    def stop(self, addition_id: str) -> None:
        """Add no more of it; what was added stays."""
        if errand := self._errands.get(addition_id):
            errand.stop.set()
            errand.may_begin.set()

    def dismiss(self, addition_id: str) -> None:
        """Show one that has ended no more."""
        errand = self._errands.get(addition_id)
        if errand is not None and errand.now.has_ended:
            self._forget(addition_id)

    def all(self) -> list[Addition]:
        """List what is being added, and what has ended and was not dismissed; the newest first."""
        found = [errand.now for errand in list(self._errands.values())]
        return sorted(found, key=lambda one: one.asked_at, reverse=True)

    def noted(self) -> list[tuple[Addition, bool]]:
        """List what any process of this machine adds, the newest first; and whether it lives on.

        As its notes say, which are a second behind. What nobody is at goes on with the next start.
        """
        found = [(addition, not owner.is_dead(of)) for addition, of in self._notes.read()]
        return sorted(found, key=lambda one: one[0].asked_at, reverse=True)

    def resume(self) -> None:
        """Go on with what a process that is gone had begun, and know again what it had ended."""
        for addition, of in list(self._notes.read()):
            if addition.addition_id in self._errands or not owner.is_dead(of):
                continue
            if addition.has_ended:
                self._errands[addition.addition_id] = _Errand(addition, self._closing)
                continue
            state: State = "adding" if addition.state == "adding" else "looking"
            again = replace(
                addition, state=state, n_seen=0, n_new=0, n_known=0, n_failed=0, failures=()
            )
            self._start(again, resumed=True)

    def close(self) -> None:
        """Stop, to be resumed by the next start. May be called again."""
        self._closing.set()
        for errand in list(self._errands.values()):
            errand.may_begin.set()
        for errand in list(self._errands.values()):
            if errand.thread is not None:
                errand.thread.join(_STOP_LIMIT_S)

    def _start(self, addition: Addition, *, resumed: bool = False) -> _Errand:
        errand = self._errands[addition.addition_id] = _Errand(addition, self._closing)
        if resumed:
            self._note(errand)
        errand.thread = threading.Thread(
            target=self._run, args=[errand], kwargs={"resumed": resumed}, name="adding", daemon=True
        )
        errand.thread.start()
        return errand

    def _forget(self, addition_id: str) -> None:
        with tolerated():
            self._notes.remove(addition_id)
        self._errands.pop(addition_id, None)

    # -- in the thread of one addition ------------------------------------------------------------

    def _run(self, errand: _Errand, *, resumed: bool) -> None:
        try:
            self._look_and_add(errand, resumed=resumed)
        except CancelledError:
            if self._closing.is_set():
                return  # the note says how far it was
            if errand.now.state != "adding" or not errand.now.n_seen:  # there is nothing to tell
                self._forget(errand.now.addition_id)
                return
            errand.change(state="stopped", error=None)
        except ReelseekError as error:
            errand.change(state="failed", error=str(error))
        except Exception:  # nobody sees how a thread ends, and its row would stand still for ever
            log.exception("A fault in Reelseek itself, in adding %s", errand.now.path)
            errand.change(state="failed", error=_FAULT)
        self._note(errand)

    def _look_and_add(self, errand: _Errand, *, resumed: bool) -> None:
        found = self._intake.find_files([Path(errand.now.path)])
        paths = found.files
        if not paths:
            nothing = f"There are no videos in {errand.now.path}."
            raise IngestError(" ".join(found.refused.values()) or nothing)
        errand.change(n_files=len(paths) + len(found.refused))
        for folder, sentence in found.refused.items():
            errand.now = errand.now.failed_at(folder.name, sentence)
        is_begun = resumed and errand.now.state == "adding"
        if not is_begun and len(paths) > 1:
            self._ask_whether(errand, paths)
        errand.change(state="adding", preflight=None)
        self._note(errand)
        since = self._added_since(errand) if is_begun else frozenset()
        for path in paths:
            self._add(errand, path, is_there=str(path) in since)
            if time.monotonic() > errand.noted_at_s + _NOTED_EVERY_S:
                self._note(errand)
        errand.change(state="done", error=None)

    def _ask_whether(self, errand: _Errand, paths: Sequence[Path]) -> None:
        found = errand.patiently(lambda: self._survey(paths))
        if not found.n_new:
            return
        errand.change(state="asking", preflight=found, error=None)
        self._note(errand)
        errand.may_begin.wait()
        errand.go_on()

    def _added_since(self, errand: _Errand) -> frozenset[str]:
        """Name the files that came in before it was broken off: these are not touched again.

        Or a video that kills processes would be tried anew at every start.
        """
        videos = errand.patiently(self._library.videos)
        return frozenset(
            video.path for video in videos if video.path and video.added_at >= errand.now.asked_at
        )

    def _add(self, errand: _Errand, path: Path, *, is_there: bool) -> None:
        errand.go_on()
        try:
            is_new = is_there or not errand.patiently(lambda: self._intake.add_file(path)).already
        except (CancelledError, DatabaseError):
            raise
        except ReelseekError as error:
            errand.now = errand.now.failed_at(path.name, str(error))
        else:
            errand.now = errand.now.counted(is_new=is_new)

    def _note(self, errand: _Errand) -> None:
        errand.noted_at_s = time.monotonic()
        with tolerated():
            self._notes.write(errand.now, self._owner)


class _Errand:
    """One addition, its thread, and how it is told to begin and to stop."""

    def __init__(self, addition: Addition, closing: threading.Event) -> None:
        self.now = addition
        self.thread: threading.Thread | None = None
        self.may_begin, self.stop = threading.Event(), threading.Event()
        self._closing = closing
        self.noted_at_s = float("-inf")

    def change(self, **changes: object) -> None:
        self.now = replace(self.now, **changes)  # type: ignore[arg-type]

    def go_on(self) -> None:
        if self.stop.is_set() or self._closing.is_set():
            raise CancelledError(f"The adding of {self.now.path} was stopped.")

    def patiently(self, act: Callable[[], T]) -> T:
        """Do it, for as long as the database is away or the disk full, unless told to stop."""
        backoff = Backoff()
        while True:
            try:
                return act()
            except (DatabaseAwayError, DiskFullError) as error:
                self.change(error=str(error))
            pause_s = backoff.next_s()
            if self.stop.wait(pause_s / 2) or self._closing.wait(pause_s / 2):
                self.go_on()


_FAULT = (
    "This met a fault in Reelseek itself. The log says where; add it again, and report it if it "
    "comes back."
)
