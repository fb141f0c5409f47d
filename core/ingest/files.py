"""Files on their way into the library: checked, hashed, moved. Knows no library.

What the operating system refuses becomes a sentence here.
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import stat
from pathlib import Path

from core.errors import (
    BusyFileError,
    DiskFullError,
    IngestError,
    MediaError,
    NotAVideoError,
    ReelseekError,
)
from core.library.records import Version
from core.model import Video
from core.paths import at_home

# fmt: off
SUFFIXES = frozenset((
    ".3g2", ".3gp", ".asf", ".avi", ".divx", ".dv", ".f4v", ".flv", ".gif", ".m2ts", ".m2v", ".m4v",
    ".mkv", ".mov", ".mp4", ".mpeg", ".mpg", ".mts", ".mxf", ".ogm", ".ogv", ".qt", ".ts", ".vob",
    ".webm", ".wmv", ".y4m",
))
# fmt: on


def absolute(path: Path) -> Path:
    """Give the whole path without following links: the name a person gave is the one they know.

    Raises:
        PathError: it begins with the home folder of nobody.
    """
    return at_home(path).absolute()


def check(path: Path) -> None:
    """See that this is a file that can be read, under a name that can be stored.

    Raises:
        MediaError: it is not. NotAVideoError: it is a folder, a device or a pipe.
    """
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode):
            raise NotAVideoError(f"{path} is no file. Name a video file, or a folder of them.")
        path.open("rb").close()
        str(path).encode()
    except OSError as error:
        raise unreadable(path, error) from error
    except UnicodeEncodeError as error:
        readable = os.fsencode(path).decode("utf-8", "replace")
        raise MediaError(
            f"The name of {readable} is not UTF-8 text, so it cannot be stored. Rename the file."
        ) from error
    except ValueError as error:
        raise MediaError(no_path(path)) from error


def no_path(path: Path) -> str:
    """Say that no file can be called so, as names end before the character NUL."""
    return f"{str(path)!r} cannot be the path of a file. Check it and try again."


def unreadable(path: Path, error: OSError) -> ReelseekError:
    """Word what the operating system said about reading this file."""
    return MediaError(
        f"{path} cannot be read ({error.strerror}). Check that it is there and that Reelseek may "
        "open it."
    )


def sha256(path: Path) -> str:
    """Compute the SHA-256 of a file's bytes, in hexadecimal; memory does not grow with its size.

    Raises:
        MediaError: it cannot be read. BusyFileError: it was written to meanwhile.
    """
    try:
        with path.open("rb") as file:
            before = os.fstat(file.fileno())
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            after = os.fstat(file.fileno())
    except OSError as error:
        raise unreadable(path, error) from error
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise BusyFileError(f"{path} is still being written. Add it again when it is whole.")
    return digest


def version(path: Path) -> Version:
    """Say which state of a file this is.

    Raises:
        MediaError: it is not there, or may not be looked at.
    """
    try:
        found = path.stat()
    except OSError as error:
        raise unreadable(path, error) from error
    return Version(found.st_size, found.st_mtime_ns // 1000)


def move(source: Path, target: Path) -> None:
    """Move a file that was written safely to its place, and see the move itself on the disk.

    The place may be on another disk; either way the file is there whole, or not at all.

    Raises:
        DiskFullError: there is no room. IngestError: the place cannot be written to.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            source.replace(target)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            _copy(source, target)
            source.unlink()
        sync(target.parent)
    except OSError as error:
        raise unwritable(target.parent, error) from error


def _copy(source: Path, target: Path) -> None:
    part = target.with_name(f"{target.name}.part")
    try:
        shutil.copyfile(source, part)
        sync(part)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def sync(path: Path) -> None:
    """See a file, or a folder's list of files, on the disk."""
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def remove(path: Path) -> None:
    """Remove a file of ours, if it is there.

    Raises:
        IngestError: its folder cannot be written to.
    """
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise unwritable(path.parent, error) from error


def unwritable(folder: Path, error: OSError) -> ReelseekError:
    """Word what the operating system said about writing into this folder."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskFullError(
            f"The disk of {folder} is full; nothing of this video was kept. Free some space, then "
            "add it again."
        )
    return IngestError(
        f"{folder} cannot be written to ({error.strerror}). Make it writable, or set REELSEEK_DATA "
        "to another folder."
    )


_PASSING = frozenset((
    errno.EAGAIN, errno.EBUSY, errno.ETXTBSY, errno.EIO, errno.ESTALE, errno.ETIMEDOUT,
    errno.ENOTCONN, errno.ENODEV, errno.EHOSTDOWN, errno.EHOSTUNREACH, errno.EMFILE, errno.ENFILE,
))  # fmt: skip


def file_of(video: Video) -> Path:
    """Give the file of a video, seen to be readable.

    Raises:
        IngestError: it is not where it was, or may not be read.
        BusyFileError: it cannot be read now: it is locked, or its drive is away.
    """
    if video.path is None:
        raise _gone(video, "a place on this machine")
    path = Path(video.path)
    try:
        with path.open("rb") as file:
            file.read(1)
    except FileNotFoundError as error:
        if path.parent.is_dir():
            raise _gone(video, video.path) from error
        raise BusyFileError(
            f"The folder {path.parent} of {video.name} is away. Bring its drive back; this video "
            "is tried again by itself."
        ) from error
    except OSError as error:
        if error.errno not in _PASSING:
            raise unreadable(path, error) from error
        raise BusyFileError(
            f"{path} cannot be read at the moment ({error.strerror}). It is tried again by itself; "
            "close what uses it, or check its drive."
        ) from error
    return path


def _gone(video: Video, place: str) -> IngestError:
    return IngestError(
        f"The file of {video.name} is no longer at {place}. Put it back and try again, or add it "
        "from where it is now."
    )
