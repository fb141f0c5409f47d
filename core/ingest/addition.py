"""One file or folder on its way into the library: how far it is, and the note that outlives a kill.

Knows no library; additions.py does the work.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from core.errors import ReelseekError
from core.ingest import files
from core.ingest.journal import sweep, write_safely
from core.ingest.preflight import Preflight

log = logging.getLogger("reelseek.ingest")

State = Literal["looking", "asking", "adding", "done", "stopped", "failed"]

ENDED: tuple[State, ...] = ("done", "stopped", "failed")
MOST_FAILURES = 50  # that are kept with their sentences
_KEPT_FOR = timedelta(days=1)  # what has ended is shown so long, unless it is dismissed


@dataclass(frozen=True, slots=True)
class Addition:
    """What a person asked to be added, and what became of it so far.

    It is looked at, then asks whether to begin where there is much of it, then is added.
    """

    addition_id: str
    path: str
    state: State
    asked_at: datetime  # with time zone
    n_files: int = 0  # and folders that cannot be read
    n_seen: int = 0  # of these, looked at: new, known, or failed
    n_new: int = 0
    n_known: int = 0
    n_failed: int = 0
    failures: tuple[tuple[str, str], ...] = ()  # (name, sentence); the first MOST_FAILURES
    error: str | None = None  # why it failed; before that: what is in the way, and passes
    preflight: Preflight | None = field(default=None, compare=False)  # while it asks

    @property
    def has_ended(self) -> bool:
        """Say whether nothing more will become of it."""
        return self.state in ENDED

    @property
    def kind(self) -> Literal["file", "folder"]:
        """Say what was named; of what is not there, or cannot be looked at, as its name has it."""
        path = Path(self.path)
        with suppress(OSError):
            if path.exists():
                return "folder" if path.is_dir() else "file"
        return "file" if path.suffix.lower() in files.SUFFIXES else "folder"

    def counted(self, *, is_new: bool) -> Addition:
        """Give it with one more file, which is in the library."""
        return replace(
            self, n_seen=self.n_seen + 1, n_new=self.n_new + is_new,
            n_known=self.n_known + (not is_new), error=None,
        )  # fmt: skip

    def failed_at(self, name: str, sentence: str) -> Addition:
        """Give it with one more file, which cannot be added."""
        kept = (*self.failures, (name, sentence))[:MOST_FAILURES]
        return replace(
            self, n_seen=self.n_seen + 1, n_failed=self.n_failed + 1, failures=kept, error=None
        )


@contextmanager
def tolerated() -> Iterator[None]:
    """Go on without a note that cannot be changed: only the next start knows less, or too much."""
    try:
        yield
    except ReelseekError as error:
        log.warning("%s", error)


class Notes:
    """The additions of one machine as files, each with the name of who is at it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def write(self, addition: Addition, owner: str) -> None:
        """Keep an addition as it is now.

        Raises:
            DiskFullError, IngestError: the note cannot be written.
        """
        one = {key: getattr(addition, key) for key in _KEPT}
        one |= {"asked_at": addition.asked_at.isoformat(), "owner": owner}
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            write_safely(self._path(addition.addition_id), json.dumps(one))
        except OSError as error:
            raise files.unwritable(self._folder, error) from error

    def remove(self, addition_id: str) -> None:
        """Forget an addition."""
        files.remove(self._path(addition_id))

    def read(self) -> Iterator[tuple[Addition, str]]:
        """Give every addition that is kept, with its owner; those long ended go."""
        sweep(self._folder)
        for path in sorted(self._folder.glob("*.json")):
            try:
                found = _read(json.loads(path.read_text("utf-8")))
            except (OSError, ValueError, TypeError, KeyError):
                continue  # it has just gone, or is none of ours
            if found[0].has_ended and datetime.now(UTC) - found[0].asked_at > _KEPT_FOR:
                with tolerated():
                    files.remove(path)
                continue
            yield found

    def _path(self, addition_id: str) -> Path:
        return self._folder / f"{addition_id}.json"


_KEPT = (
    "addition_id", "path", "state", "n_files", "n_seen", "n_new", "n_known", "n_failed",
    "failures", "error",
)  # fmt: skip


def _read(one: dict[str, Any]) -> tuple[Addition, str]:
    owner = str(one.pop("owner"))
    asked_at = datetime.fromisoformat(one.pop("asked_at"))
    failures = tuple((str(name), str(sentence)) for name, sentence in one.pop("failures"))
    return Addition(**one, asked_at=asked_at, failures=failures), owner
