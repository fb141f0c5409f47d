"""Finds the videos in files and folders that a person names. Opens none of them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from core.errors import PathError
from core.ingest import files


@dataclass(frozen=True, slots=True)
class Found:
    """The files, each once and in order, and what could not be looked at, with a sentence each."""

    files: list[Path] = field(default_factory=list)
    refused: dict[Path, str] = field(default_factory=dict)


def find(paths: Iterable[Path], *, recursive: bool = True, but_not: Path | None = None) -> Found:
    """List the files named, and the videos in the folders named.

    With `recursive`, also those of the folders below; never those in the folder `but_not`. What is
    not there, or may not be looked into, is refused, and everything else is listed.
    """
    found: dict[Path, None] = {}
    refused: dict[Path, str] = {}
    for named in paths:
        path = named
        try:
            path = files.absolute(named)
            path.stat()
        except (OSError, ValueError, PathError) as error:
            refused[path] = _absent(path, error)
            continue
        is_folder = path.is_dir()
        inside = _videos_in(path, recursive, but_not, refused) if is_folder else [path]
        found.update(dict.fromkeys(inside))
    return Found(list(found), refused)


def _videos_in(
    folder: Path,
    recursive: bool,  # noqa: FBT001 - private
    but_not: Path | None,
    refused: dict[Path, str],
) -> Iterator[Path]:
    if but_not is not None and folder.resolve().is_relative_to(but_not.resolve()):
        return

    def refuse(error: OSError) -> None:
        refused[Path(error.filename or folder)] = _closed(error)

    for here, folders, names in os.walk(folder, onerror=refuse):
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


def _absent(path: Path, error: OSError | ValueError | PathError) -> str:
    if isinstance(error, PathError):
        return str(error)
    if isinstance(error, ValueError):
        return files.no_path(path)
    if isinstance(error, FileNotFoundError):
        return f"There is nothing at {path}. Check the path and try again."
    return (
        f"{path} cannot be looked at ({error.strerror}). Check the path, and that Reelseek may go "
        "there."
    )


def _closed(error: OSError) -> str:
    return (
        f"The folder {error.filename} cannot be read ({error.strerror}), so nothing in it was "
        "added. Let Reelseek read it and add it again, or leave it out."
    )
