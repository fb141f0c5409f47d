"""Finds the videos in files and folders that a person names. Opens none of them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from core.errors import IngestError
from core.ingest import files


def find(
    paths: Iterable[Path], *, recursive: bool = True, but_not: Path | None = None
) -> list[Path]:
    """List the files named, and the videos in the folders named, each once, in order.

    With `recursive`, also those of the folders below; never those in the folder `but_not`.

    Raises:
        IngestError: there is nothing at a path.
    """
    found: dict[Path, None] = {}
    for path in map(files.absolute, paths):
        if not path.exists():
            raise IngestError(f"There is nothing at {path}. Check the path and try again.")
        is_folder = path.is_dir()
        found.update(dict.fromkeys(_videos_in(path, recursive, but_not) if is_folder else [path]))
    return list(found)


def _videos_in(folder: Path, recursive: bool, but_not: Path | None) -> Iterator[Path]:  # noqa: FBT001 - private
    if but_not is not None and folder.resolve().is_relative_to(but_not.resolve()):
        return
    for here, folders, names in os.walk(folder, onerror=_refuse_folder):
        folders[:] = sorted(
            name
            for name in folders
            if not name.startswith(".") and not _is_same(Path(here, name), but_not)
        )
        for name in sorted(names):
            if not name.startswith(".") and Path(name).suffix.lower() in files.SUFFIXES:
                yield Path(here, name)
        if not recursive:
            return


def _is_same(folder: Path, other: Path | None) -> bool:
    try:
        return other is not None and folder.samefile(other)
    except OSError:  # one of them is not there, or may not be looked at
        return False


def _refuse_folder(error: OSError) -> None:
    raise IngestError(
        f"The folder {error.filename} cannot be read ({error.strerror}). Allow it, or name the "
        "files one by one."
    ) from error
