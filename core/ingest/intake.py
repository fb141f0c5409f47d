"""Takes files in: looks at them, registers them for the workers; and lets them go again.

A file on this machine stays where it is; an upload moves into Reelseek's own folder. Only files in
Reelseek's own folders are ever removed. Knows no vectors and no pages.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable
from pathlib import Path

from core.errors import LibraryError
from core.ingest import files
from core.ingest.names import display_name
from core.library.library import Added, Library
from core.media.probe import probe
from core.media.proxy import needed
from core.model import IndexState, PlayState, Video, VideoFacts

_VIDEO_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


class Intake:
    """The door of the library."""

    def __init__(self, library: Library, *, videos_folder: Path, proxies_folder: Path) -> None:
        self._library = library
        self._videos_folder = videos_folder
        self._proxies_folder = proxies_folder

    def find_files(self, paths: Iterable[Path]) -> list[Path]:
        """List the files to add: those named, and all videos in the folders named, in order.

        A folder is searched to its depth, hidden files and folders left out; there a file's ending
        tells whether it is a video. A file that was named is taken whatever its ending.

        Raises:
            IngestError: a path does not exist, or a folder cannot be read.
        """
        return files.find(paths)

    def add_file(
        self, path: Path, *, name: str | None = None, video_id: str | None = None,
        content_sha256: str | None = None,
    ) -> Added:  # fmt: skip
        """Register a file where it lies, for the workers to index.

        Content that is there already is recognised: what had failed is tried again, and a video
        whose file is gone gets this one.

        Args:
            path: the file.
            name: the name to show; the file's own by default.
            video_id: letters, digits, - and _, at most 64; made here by default.
            content_sha256: of the file's bytes in hexadecimal, where somebody has computed it.

        Raises:
            MediaError: it is no video that can be used, or cannot be read.
            LibraryError: the id is no id, or that of another video.
        """
        path = files.absolute(path)
        files.check(path)
        facts = probe(path)
        added = self._library.add_video(
            uuid.uuid4().hex if video_id is None else _checked(video_id),
            name=display_name(name or path.name),
            path=path,
            content_sha256=content_sha256 or files.sha256(path),
            facts=facts,
            play_state=_play_state(facts),
        )
        if not added.already:
            return added
        if _is_lost(added.video):
            self._library.move(added.video.video_id, path)
        return self._again(added.video)

    def adopt_upload(self, part: Path, *, name: str, content_sha256: str) -> Added:
        """Take over an uploaded file as a video of our own, unless its content is there already.

        Whatever happens, nothing is left at `part`.

        Raises:
            MediaError: it is no video that can be used.
            DiskFullError: there is no room to keep it.
        """
        try:
            probe(part)  # before it gets a name and a place that look trustworthy
            known = self._library.find_by_content(content_sha256)
            if known is None:
                return self._keep(part, name, content_sha256)
            if _is_lost(known):
                self._library.move(known.video_id, self._move_in(part, known.video_id, name))
            return self._again(known)
        finally:
            files.remove(part)

    def delete(self, video_id: str) -> Video:
        """Remove a video from the library, and those of its files that Reelseek made.

        Raises:
            NoSuchVideoError: there is none with this id.
        """
        video = self._library.delete(video_id)
        if video.path is not None and Path(video.path).parent == self._videos_folder:
            files.remove(Path(video.path))
        files.remove(self.proxy_of(video_id))
        return video

    def proxy_of(self, video_id: str) -> Path:
        """Say where the copy of a video that browsers can play lies, once it is made."""
        return self._proxies_folder / f"{video_id}.mp4"

    def _keep(self, part: Path, name: str, content_sha256: str) -> Added:
        video_id = uuid.uuid4().hex
        target = self._move_in(part, video_id, name)
        is_kept = False
        try:
            added = self.add_file(
                target, name=name, video_id=video_id, content_sha256=content_sha256
            )
            is_kept = added.video.path == str(target)  # else another upload of it was faster
        finally:
            if not is_kept:
                files.remove(target)
        return added

    def _move_in(self, part: Path, video_id: str, name: str) -> Path:
        suffix = Path(name).suffix.lower()
        suffix = suffix if suffix in files.SUFFIXES else ""
        target = self._videos_folder / f"{video_id}{suffix}"
        files.move(part, target)
        return target

    def _again(self, video: Video) -> Added:
        if video.state in (IndexState.FAILED, IndexState.CANCELLED):
            self._library.requeue(video.video_id)
        return Added(self._library.video(video.video_id), already=True)


def _is_lost(video: Video) -> bool:
    return video.path is not None and not Path(video.path).exists()


def _play_state(facts: VideoFacts) -> PlayState:
    return PlayState.DIRECT if needed(facts) == "direct" else PlayState.WANTED


def _checked(video_id: str) -> str:
    if not _VIDEO_ID.fullmatch(video_id):
        raise LibraryError(
            f"{video_id!r} cannot be the id of a video. Use 1 to 64 letters, digits, - and _, with "
            "a letter or digit first."
        )
    return video_id
