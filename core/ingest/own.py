"""Reelseek's own files: uploads under their videos' ids, and the copies that browsers can play.

Whatever is removed, is removed here. Knows names and folders, not the library.
"""

from __future__ import annotations

from pathlib import Path

from core.ingest import files
from core.ingest.journal import Note
from core.ingest.names import file_name_of
from core.media import parts
from core.model import Video


class OwnFiles:
    """What lies in two folders that nobody else writes to."""

    def __init__(self, videos_folder: Path, proxies_folder: Path) -> None:
        self._videos_folder = videos_folder
        self._proxies_folder = proxies_folder

    def of(self, video: Video) -> Path | None:
        """Give the file of a video where its place is in our folder, whether or not it is there."""
        path = Path(video.path) if video.path is not None else None
        return path if path is not None and path.parent == self._videos_folder else None

    def name_for(self, video_id: str, shown: str) -> str:
        """Give the name under which an upload is kept: its id, with an ending that is a video's."""
        suffix = Path(shown).suffix.lower()
        return f"{file_name_of(video_id)}{suffix if suffix in files.SUFFIXES else ''}"

    def path(self, file_name: str) -> Path:
        """Say where the upload of this name lies."""
        return self._videos_folder / file_name

    def proxy_of(self, video: Video) -> Path:
        """Say where the copy of a video that browsers can play lies, once it is made.

        Other content of the same video has another copy.
        """
        content = f".{file_name_of(video.content_sha256[:16])}" if video.content_sha256 else ""
        return self._proxies_folder / f"{file_name_of(video.video_id)}{content}.mp4"

    def remove(self, note: Note) -> None:
        """Remove the upload that a note names, if it names one, and the copies of its video.

        Raises:
            IngestError: a folder cannot be written to.
        """
        if note.file_name:
            files.remove(self.path(note.file_name))
        self.remove_copies(note.video_id)

    def remove_copies(self, video_id: str) -> None:
        """Remove the playable copies of a video, whatever content they are of."""
        for copy in self._proxies_folder.glob(f"{file_name_of(video_id)}.*"):  # no star is in it
            files.remove(copy)

    def sweep(self) -> None:
        """Remove what killed processes left unfinished of copies."""
        parts.sweep(self._proxies_folder)
