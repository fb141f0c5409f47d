"""The videos on the shelf: added, listed, renamed, deleted, with their posters and pictures.

The half of the library that needs no model and does no work; library.py builds on it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from core.errors import DatabaseError, LibraryError, NoSuchVideoError
from core.library import answers, save_queries, schema, sent
from core.library import index_queries as iq
from core.library import video_queries as q
from core.library.database import TOO_LARGE, Database, ask, entities
from core.library.index import Index
from core.library.indexes import accounts, serving
from core.library.records import Added, Version
from core.model import PlayState, Sheet, Video, VideoFacts


class Shelf:
    """What is known of each video; see Library for what every method may raise."""

    def __init__(
        self,
        database: Database,
        *,
        index: str | None = None,
        clock: Callable[[], float] = time.time,
        most_sent_bytes: int | None = None,
    ) -> None:
        """Use a database.

        Args:
            database: what answers.
            index: the descriptor set; None: at every call the one that serves then.
            clock: seconds since 1970.
            most_sent_bytes: of a video that is sent to the database; None where that reads this
                machine's files itself.
        """
        self._database = database
        self._clock = clock
        self._most_sent_bytes = most_sent_bytes
        self._pinned = None if index is None else Index(database, index)

    @property
    def _index(self) -> Index:
        """The index to use; asked for once in a method, as another may serve a moment later."""
        return self._pinned or Index(self._database, serving(self._database))

    def add_video(
        self, video_id: str, *, name: str, path: Path, content_sha256: str, facts: VideoFacts,
        play_state: PlayState, version: Version | None = None,
    ) -> Added:  # fmt: skip
        """Register the file at the absolute `path`, unless its content is there already.

        A database that cannot read it is sent its bytes.

        Raises:
            LibraryError: another video has this id; the file is too large to be sent, or cannot be
                read.
        """
        if self._most_sent_bytes is not None and (known := self.find_by_content(content_sha256)):
            return Added(known, already=True)
        added_at = datetime.fromtimestamp(self._clock(), UTC)
        query = q.add_video(
            video_id, lane=self._index.account.lane, name=name, path=path,
            content_sha256=content_sha256, facts=facts, play_state=play_state, added_at=added_at,
            content=self._sent(path, name), version=version,
        )  # fmt: skip
        already = ask(self._database, query)[0][0].get("status") == 2
        video = self.find_by_content(content_sha256) if already else self.video(video_id)
        if video is None:
            raise LibraryError(
                f"Another video has the id {video_id} already. Choose another id for {name}, or "
                "delete that video first."
            )
        return Added(video, already)

    def check_size(self, name: str, n_bytes: int) -> None:
        """See that the database takes a file of this size.

        Raises:
            TooLargeError: it does not.
        """
        if self._most_sent_bytes is not None:
            sent.check_size(name, n_bytes, self._most_sent_bytes)

    def _sent(self, path: Path, name: str) -> bytes | None:
        return (
            None if self._most_sent_bytes is None else sent.read(path, name, self._most_sent_bytes)
        )

    def content(self, video_id: str) -> bytes:
        """Fetch a video's bytes, as they were stored.

        Raises:
            NoSuchVideoError: there is none with this id.
            LibraryError: they are more than the database gives in one answer.
        """
        try:
            _, blobs = ask(self._database, q.content(video_id))
        except DatabaseError as error:
            if error.status != TOO_LARGE:
                raise
            raise LibraryError(
                f"The video {video_id} has more bytes than its database gives in one answer (256 "
                "MB, unless ADB_MAX_CONNECTION_MESSAGE_SIZE_MB says otherwise on a server). Raise "
                "that setting there, or put the video's file on this machine and add it."
            ) from error
        if not blobs:
            raise _no_such(video_id)
        return blobs[0]

    def videos(self) -> list[Video]:
        """List every video, the newest first."""
        return sorted(self._videos(), key=lambda video: video.added_at, reverse=True)

    def video(self, video_id: str) -> Video:
        """Give one video.

        Raises:
            NoSuchVideoError: there is none with this id.
        """
        found = self._videos(q.by_id(video_id))
        if not found:
            raise _no_such(video_id)
        return found[0]

    def find_by_content(self, content_sha256: str) -> Video | None:
        """Find the video whose file has this SHA-256, in hexadecimal."""
        found = self._videos({schema.CONTENT_SHA256: ["==", content_sha256]})
        return found[0] if found else None

    def rename(self, video_id: str, name: str) -> None:
        """Give a video another name to show.

        Raises:
            LibraryError: the name is empty. NoSuchVideoError: there is no such video.
        """
        if not name.strip():
            raise LibraryError("A video needs a name with at least one character in it.")
        self._change(video_id, {schema.NAME: name.strip()})

    def known_file(self, path: Path, version: Version) -> Video | None:
        """Find the video whose file this is, if the file is as it was when it was added."""
        found = self._videos(q.of_file(path, version))
        return found[0] if found else None

    def known_paths(self) -> dict[str, tuple[int, int]]:
        """Give the size and the date, as in Version, of every video's file by its path."""
        query = q.list_videos(
            {schema.MODIFIED_US: [">", 0]}, [schema.PATH, schema.SIZE_BYTES, schema.MODIFIED_US]
        )
        return {
            str(one.get(schema.PATH)): (
                int(one.get(schema.SIZE_BYTES) or 0), int(one[schema.MODIFIED_US])
            )
            for one in entities(ask(self._database, query)[0][0])
        }  # fmt: skip

    def speeds(self) -> list[float]:
        """List how fast videos were indexed here, in seconds of video in a second."""
        return [speed for speed, _ in self.paces()]

    def paces(self) -> list[tuple[float, float | None]]:
        """List these speeds with the seconds between samples; None where nobody noted these."""
        speed, every_s = self._index.account.work[0], self._index.account.sampled_every_s
        query = q.list_videos({speed: [">", 0.0]}, [speed, every_s])
        found = entities(ask(self._database, query)[0][0])
        return [(float(one[speed]), one.get(every_s) or None) for one in found]

    def at_path(self, path: Path) -> list[Video]:
        """List the videos that were added from this path, whatever lies there now."""
        return self._videos({schema.PATH: ["==", str(path)]})

    def move(self, video_id: str, path: Path, version: Version | None = None) -> None:
        """Record that the file of a video lies elsewhere now."""
        self._change(video_id, {schema.PATH: str(path), **q.version_properties(version)})

    def replace(
        self, video: Video, *, content_sha256: str, facts: VideoFacts, play_state: PlayState,
        version: Version,
    ) -> Video:  # fmt: skip
        """Record that other content lies in the place of a video's file; it waits to be indexed.

        What was indexed of the old content is removed with the same query, from every index.
        """
        account = self._index.account
        others = [one for one in accounts(self._database) if one != account]
        mine = {
            **q.by_id(video.video_id),
            schema.CONTENT_SHA256: ["==", video.content_sha256],
        }
        new = q.content_properties(account.lane, content_sha256, facts, play_state, version)
        ask(self._database, save_queries.replace_content(mine, account, others, new))
        return self.video(video.video_id)

    def delete(self, video_id: str) -> Video:
        """Remove a video with its clips, vectors and pictures; its file is left alone."""
        video = self.video(video_id)
        ask(self._database, iq.delete_video(video_id))
        return video

    def poster(self, video_id: str) -> bytes | None:
        """Give the poster of a video as JPEG, if it has one yet."""
        return next(iter(ask(self._database, iq.find_poster(video_id))[1]), None)

    def picture(self, video_id: str, at_s: float) -> bytes | None:
        """Give the picture of the clip that holds this instant, as JPEG."""
        index = self._index.name
        return next(iter(ask(self._database, iq.find_picture(index, video_id, at_s))[1]), None)

    def storyboard(self, video_id: str) -> list[Sheet]:
        """List the sheets of a video's storyboard in the order of time, without their pictures."""
        bodies, _ = ask(self._database, save_queries.find_sheets(self._index.name, video_id, None))
        return [answers.sheet(entity) for entity in entities(bodies[0])]

    def sheet(self, video_id: str, at_s: float) -> Sheet | None:
        """Give the sheet that holds this instant, with its picture."""
        query = save_queries.find_sheets(self._index.name, video_id, at_s)
        bodies, blobs = ask(self._database, query)
        found = entities(bodies[0])
        return answers.sheet(found[0], blobs[0]) if found else None

    def _videos(self, constraints: Mapping[str, Any] | None = None) -> list[Video]:
        index = self._index.name
        found = entities(ask(self._database, q.find_videos(constraints))[0][0])
        return [answers.video(entity, index) for entity in found]

    def _change(self, video_id: str, properties: Mapping[str, Any]) -> None:
        query = q.update_video(q.by_id(video_id), properties)
        if not ask(self._database, query)[0][0].get("count"):
            raise _no_such(video_id)


def _no_such(video_id: str) -> NoSuchVideoError:
    return NoSuchVideoError(f"No video has the id {video_id}; it may have been deleted.")
