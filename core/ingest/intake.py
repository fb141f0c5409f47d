"""Takes files in: looks at them, registers them for the workers; and lets them go again.

A file on this machine stays where it is; an upload moves into Reelseek's own folder. Only files in
Reelseek's own folders are ever removed. Knows no vectors and no pages.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterable
from pathlib import Path

from core.errors import BusyFileError, DatabaseAwayError, IngestError, LibraryError, MediaError
from core.ingest import files, finding
from core.ingest.finding import Found
from core.ingest.journal import Journal, Note
from core.ingest.names import checked_id, display_name
from core.ingest.own import OwnFiles
from core.library.library import Added, Library
from core.library.records import Version
from core.media.probe import probe
from core.media.proxy import needed
from core.model import IndexState, PlayState, Video, VideoFacts

log = logging.getLogger("reelseek.ingest")


class Intake:
    """The door of the library."""

    def __init__(
        self, library: Library, *, data_folder: Path, videos_folder: Path, proxies_folder: Path
    ) -> None:
        """Take in for a library; what lies below `data_folder` is ours, and no folder to add."""
        self._library = library
        self._data_folder = data_folder
        self._own = OwnFiles(videos_folder, proxies_folder)
        self._journal = Journal(videos_folder)

    def find_files(self, paths: Iterable[Path], *, recursive: bool = True) -> Found:
        """List the files to add: those named, and all videos in the folders named, in order.

        With `recursive`, a folder is searched to its depth; hidden files and folders are left out,
        and so is Reelseek's own. There a file's ending tells whether it is a video. A file that was
        named is taken whatever its ending. What is not there, or cannot be read, is listed beside
        them, with a sentence, and keeps nothing else out.
        """
        return finding.find(paths, recursive=recursive, but_not=self._data_folder)

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
        video_id = uuid.uuid4().hex if video_id is None else checked_id(video_id)
        sha256 = content_sha256 or files.sha256(path)
        if overwritten := self._overwritten(path, sha256):
            video = self._library.replace(
                overwritten, content_sha256=sha256, facts=facts, play_state=_play_state(facts),
                version=version,
            )  # fmt: skip
            self._own.remove_copies(video.video_id)
            return Added(video, already=False)
        added = self._library.add_video(
            video_id, name=display_name(name or path.name), path=path, content_sha256=sha256,
            facts=facts, play_state=_play_state(facts), version=version,
        )  # fmt: skip
        if not added.already:
            return added
        if self._is_lost(added.video):
            self._move(added.video, path, version)
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
        own = self._own.of(video)
        note = Note("delete", video_id, own.name if own else "")
        with self._journal.noting(note):
            self._library.delete(video_id)
            self._own.remove(note)
        return video

    def mend(self) -> list[Video]:
        """Finish what a killed process had begun with our own files; the uploads among it.

        An upload that was whole, but not yet registered, is registered; a deleted video's files go.
        """
        self._own.sweep()
        adopted = []
        for note in self._journal.broken_off():
            try:
                adopted += self._mended(note)
            except (LibraryError, IngestError) as error:
                log.warning("%s waits to be taken in: %s", note.name or note.file_name, error)
            else:
                self._journal.forget(note)
        return adopted

    def _mended(self, note: Note) -> list[Video]:
        """Finish one thing; the videos that were adopted."""
        path = next((v.path for v in self._library.videos() if v.video_id == note.video_id), "")
        target = self._own.path(note.file_name)
        if note.act == "leave" and path != str(target):
            files.remove(target)
        elif note.act == "delete" and path == "":
            self._own.remove(note)
        elif note.act == "adopt" and path == "" and target.is_file():  # else killed before it came
            try:
                return [self._register(target, note).video]
            except MediaError:
                files.remove(target)
        return []

    def proxy_of(self, video: Video) -> Path:
        """Say where the copy of a video that browsers can play lies, once it is made."""
        return self._own.proxy_of(video)

    def _keep(self, part: Path, name: str, content_sha256: str) -> Added:
        video_id = uuid.uuid4().hex
        note = Note("adopt", video_id, self._own.name_for(video_id, name), name, content_sha256)
        target = self._own.path(note.file_name)
        with self._journal.noting(note):
            files.move(part, target)
            try:
                return self._register(target, note)
            except DatabaseAwayError:
                raise  # it may be registered, so the note and the file stay
            except BaseException:
                files.remove(target)
                raise

    def _register(self, target: Path, note: Note) -> Added:
        """Register a file of our own; it goes where another with its content was faster."""
        added = self.add_file(
            target, name=note.name, video_id=note.video_id, content_sha256=note.content_sha256
        )
        if added.video.path != str(target):
            files.remove(target)
        return added

    def _take_place(self, video: Video, part: Path, name: str) -> None:
        """Keep an upload as the file of a video that has lost its own."""
        target = self._own.path(self._own.name_for(video.video_id, name))
        files.move(part, target)  # under its id, so that doing it again leaves nothing else
        self._move(video, target, files.version(target))

    def _move(self, video: Video, path: Path, version: Version) -> None:
        """Record where the file of a video lies now; one of ours that it had until then goes."""
        own = self._own.of(video)
        if own is None or own == path:
            self._library.move(video.video_id, path, version)
            return
        with self._journal.noting(Note("leave", video.video_id, own.name)):
            self._library.move(video.video_id, path, version)
            files.remove(own)

    def _is_lost(self, video: Video) -> bool:
        """Say whether a video's file is gone, or holds something else by now.

        One that was only written again, as when a folder is put back from a backup, is not.
        """
        if video.path is None:
            return False
        path = Path(video.path)
        if not path.exists():
            return True
        version = files.version(path)
        known = self._library.known_file(path, version)
        if known is not None and known.video_id == video.video_id:
            return False
        try:
            is_same = files.sha256(path) == video.content_sha256
        except (MediaError, BusyFileError):
            return True
        if is_same:
            self._library.move(video.video_id, path, version)
        return not is_same

    def _again(self, video: Video) -> Added:
        if video.state in (IndexState.FAILED, IndexState.CANCELLED):
            self._library.requeue(video.video_id)
        return Added(self._library.video(video.video_id), already=True)


def _play_state(facts: VideoFacts) -> PlayState:
    return PlayState.DIRECT if needed(facts) == "direct" else PlayState.WANTED
