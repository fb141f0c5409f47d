"""Takes files in: looks at them, registers them for the workers; and lets them go again.

A file on this machine stays where it is; an upload moves into Reelseek's own folder. Only files in
Reelseek's own folders are ever removed. Knows no vectors and no pages.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable
from pathlib import Path

from core.errors import LibraryError, MediaError
from core.ingest import files
from core.ingest.journal import Journal, Note
from core.ingest.names import display_name
from core.library.library import Added, Library
from core.media import parts
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
        self._journal = Journal(videos_folder)

    def find_files(self, paths: Iterable[Path], *, recursive: bool = True) -> list[Path]:
        """List the files to add: those named, and all videos in the folders named, in order.

        With `recursive`, a folder is searched to its depth, hidden files and folders left out;
        there a file's ending tells whether it is a video. A file that was named is taken whatever
        its ending.

        Raises:
            IngestError: a path does not exist, or a folder cannot be read.
        """
        return files.find(paths, recursive=recursive)

    def add_file(
        self, path: Path, *, name: str | None = None, video_id: str | None = None,
        content_sha256: str | None = None,
    ) -> Added:  # fmt: skip
        """Register a file where it lies, for the workers to index.

        Content that is there already is recognised: what had failed is tried again, and a video
        whose file is gone, or holds something else by now, gets this one. A file that is as it was
        when it was added is not read again. New content in the place of a video's file takes that
        video's place.

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
        version = files.version(path)
        if known := self._library.known_file(path, version):
            return self._again(known)
        facts = probe(path)
        video_id = uuid.uuid4().hex if video_id is None else _checked(video_id)
        sha256 = content_sha256 or files.sha256(path)
        if overwritten := self._overwritten(path, sha256):
            video = self._library.replace(
                overwritten, content_sha256=sha256, facts=facts, play_state=_play_state(facts),
                version=version,
            )  # fmt: skip
            self._remove_copies(video.video_id)
            return Added(video, already=False)
        added = self._library.add_video(
            video_id, name=display_name(name or path.name), path=path, content_sha256=sha256,
            facts=facts, play_state=_play_state(facts), version=version,
        )  # fmt: skip
        if not added.already:
            return added
        if self._is_lost(added.video):
            self._library.move(added.video.video_id, path, version)
        return self._again(added.video)

    def _overwritten(self, path: Path, content_sha256: str) -> Video | None:
        """Find the video that was at a path whose content is new to the library."""
        there = self._library.at_path(path)
        if not there or self._library.find_by_content(content_sha256):
            return None
        return there[0]

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
            if self._is_lost(known):
                self._take_place(known, part, name)
            return self._again(known)
        finally:
            files.remove(part)

    def delete(self, video_id: str) -> Video:
        """Remove a video from the library, and those of its files that Reelseek made.

        Raises:
            NoSuchVideoError: there is none with this id.
        """
        video = self._library.video(video_id)
        path = Path(video.path) if video.path is not None else None
        own = path if path is not None and path.parent == self._videos_folder else None
        note = Note("delete", video_id, own.name if own else "")
        with self._journal.noting(note):
            self._library.delete(video_id)
            self._remove(note)
        return video

    def mend(self) -> list[Video]:
        """Finish what a killed process had begun with our own files; the uploads among it.

        An upload that was whole, but not yet registered, is registered; a deleted video's files go.
        """
        parts.sweep(self._proxies_folder)
        adopted = []
        for note in self._journal.broken_off():
            is_there = any(video.video_id == note.video_id for video in self._library.videos())
            if note.act == "delete" and not is_there:
                self._remove(note)
            elif note.act == "adopt" and not is_there:
                adopted += self._adopt_late(note)
        return adopted

    def _adopt_late(self, note: Note) -> list[Video]:
        target = self._videos_folder / note.file_name
        if not target.is_file():
            return []  # it was killed before the file came
        try:
            return [self._register(target, note).video]
        except MediaError:
            return []

    def _remove(self, note: Note) -> None:
        if note.file_name:
            files.remove(self._videos_folder / note.file_name)
        self._remove_copies(note.video_id)

    def _remove_copies(self, video_id: str) -> None:
        for copy in self._proxies_folder.glob(f"{video_id}.*"):  # no id has a star in it
            files.remove(copy)

    def proxy_of(self, video: Video) -> Path:
        """Say where the copy of a video that browsers can play lies, once it is made.

        Other content of the same video has another copy.
        """
        content = f".{video.content_sha256[:16]}" if video.content_sha256 else ""
        return self._proxies_folder / f"{video.video_id}{content}.mp4"

    def _keep(self, part: Path, name: str, content_sha256: str) -> Added:
        video_id = uuid.uuid4().hex
        note = Note("adopt", video_id, f"{video_id}{_suffix(name)}", name, content_sha256)
        target = self._videos_folder / note.file_name
        with self._journal.noting(note):
            files.move(part, target)
            return self._register(target, note)

    def _register(self, target: Path, note: Note) -> Added:
        """Register a file of our own; it goes where that fails, or another upload was faster."""
        is_kept = False
        try:
            added = self.add_file(
                target, name=note.name, video_id=note.video_id, content_sha256=note.content_sha256
            )
            is_kept = added.video.path == str(target)
        finally:
            if not is_kept:
                files.remove(target)
        return added

    def _take_place(self, video: Video, part: Path, name: str) -> None:
        """Keep an upload as the file of a video that has lost its own."""
        target = self._videos_folder / f"{video.video_id}{_suffix(name)}"
        files.move(part, target)  # under its id, so that doing it again leaves nothing else
        self._library.move(video.video_id, target, files.version(target))

    def _is_lost(self, video: Video) -> bool:
        """Say whether a video's file is gone, or holds something else by now."""
        if video.path is None:
            return False
        path = Path(video.path)
        if not path.exists():
            return True
        known = self._library.known_file(path, files.version(path))
        return known is None or known.video_id != video.video_id

    def _again(self, video: Video) -> Added:
        if video.state in (IndexState.FAILED, IndexState.CANCELLED):
            self._library.requeue(video.video_id)
        return Added(self._library.video(video.video_id), already=True)


def _suffix(name: str) -> str:
    suffix = Path(name).suffix.lower()
    return suffix if suffix in files.SUFFIXES else ""


def _play_state(facts: VideoFacts) -> PlayState:
    return PlayState.DIRECT if needed(facts) == "direct" else PlayState.WANTED


def _checked(video_id: str) -> str:
    if not _VIDEO_ID.fullmatch(video_id):
        raise LibraryError(
            f"{video_id!r} cannot be the id of a video. Use 1 to 64 letters, digits, - and _, with "
            "a letter or digit first."
        )
    return video_id
