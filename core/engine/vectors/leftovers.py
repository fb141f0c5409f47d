"""Removes what killed processes left beside the vectors' files: whatever no head names."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from core.engine.vectors import graph_file, rows_file
from core.engine.vectors.rows_file import InUseError

_KINDS = {"": ("ids", "rows"), ".graph": ("graph", "nodes")}  # of files, by the name of their head


def remove(folder: Path) -> None:
    """Remove leftovers of every set, but for those that somebody writes: a later opening does."""
    for path in folder.glob("*.lock"):
        set_id, _, of_graph = path.name.removesuffix(".lock").partition(".")
        with suppress(InUseError, OSError, ValueError):
            _remove(folder, int(set_id), f".{of_graph}" if of_graph else "")


def _remove(folder: Path, set_id: int, of: str) -> None:
    with rows_file.locked(folder, set_id, f"{of}.lock".lstrip(".")):
        head = graph_file.read_head(folder, set_id) if of else rows_file.read_head(folder, set_id)
        left = list(folder.glob(f"{set_id}{of}.json.*.new"))
        for kind in _KINDS[of]:
            left += folder.glob(f"{set_id}-*.{kind}")
        for path in left:
            if head is None or path.stem != f"{set_id}-{head.generation}":
                path.unlink(missing_ok=True)
