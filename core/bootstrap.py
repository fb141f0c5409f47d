"""Puts the rooms together: the one place that knows which database and which model there are.

Opening is quick and imports nothing heavy; torch comes with the first search or the first video to
index, and the client of a server, a second, only where the settings name one.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from core.databases import Closable, connect, database_of, embedded
from core.encoders.base import Encoder
from core.encoders.clip import ClipEncoder
from core.ingest.addition import Addition
from core.ingest.additions import Additions
from core.ingest.intake import Intake
from core.ingest.preflight import Preflight, preflight
from core.ingest.progress import Pace, pace
from core.ingest.worker import Worker
from core.library.library import Library
from core.library.overview import Tally
from core.media.stills import jpeg, read_picture
from core.model import Video
from core.query import Wanted
from core.search.evaluate import Evaluator
from core.search.evaluate import Report as Report
from core.search.search import Searcher
from core.search.zoom import Zoom
from core.serving import Serving
from core.settings import Settings
from core.web.cache import VideoCache
from core.web.kept import Kept
from core.web.playing import Playing
from core.web.stills import Stills
from core.wire.pool import ServerPool

__all__ = [
    "Addition",
    "App",
    "Pace",
    "Preflight",
    "Tally",
    "connect",
    "embedded",
    "open_app",
]

# What a query that sends a video has beside its bytes.
_ENVELOPE_BYTES = 64 * 1024
_STILLS_BYTES = 64 * 2**20  # on the disk: some thousand pictures
_PICTURE_PX = 640  # the long side of a picture that is kept; no model looks at more


class App:
    """Everything that a page, a route or a command needs, opened on one data folder."""

    def __init__(self, settings: Settings, database: Closable, encoder: Encoder | None) -> None:
        self.settings = settings
        self._database = database
        self._server = database if isinstance(database, ServerPool) else None
        sent_bytes = None if self._server is None else settings.message_mb * 2**20 - _ENVELOPE_BYTES
        self.library = Library(database, most_sent_bytes=sent_bytes)
        self.intake = Intake(
            self.library,
            data_folder=settings.data,
            videos_folder=settings.videos_folder,
            proxies_folder=settings.proxies_folder,
        )
        self.models = Serving(
            self.library, settings,
            lambda model, framing: ClipEncoder(model, framing=framing), encoder,
        )  # fmt: skip
        self._most_sent_bytes = sent_bytes
        self.additions = Additions(
            self.library, self.intake, folder=settings.additions_folder, survey=self.survey
        )
        self._searcher: tuple[str, Searcher] | None = None
        self._zoom: tuple[Searcher, Zoom] | None = None
        self.is_closed = False
        self.playing = Playing(
            self.intake.proxy_of, self._cache(), has_all=self._server is not None
        )
        self.stills = Stills(
            self.library, Kept(settings.stills_folder, _STILLS_BYTES, what="picture")
        )
        self._preparing = threading.Lock()
        self._is_prepared = False
        self._opened_at = datetime.now(UTC)

    def _cache(self) -> VideoCache:
        most_bytes = int(self.settings.cache_gb * 1e9)
        return VideoCache(self.settings.cache_folder, most_bytes, self.library.content)

    def prepare(self) -> None:
        """Make the database ready for use, unless this app has done so before.

        Raises:
            DatabaseAwayError: it does not answer; the next call tries again.
        """
        with self._preparing:
            if not self._is_prepared:
                self.library.prepare()
                self._is_prepared = True

    def survey(self, files: Sequence[Path]) -> Preflight:
        """Count what adding these files would take; see core.ingest.preflight."""
        return preflight(
            self.library, files, every_s=self.settings.every_s, data=self.settings.data,
            most_sent_bytes=self._most_sent_bytes,
        )  # fmt: skip

    def pace(self, running: Sequence[Video], waiting_s: Callable[[], float]) -> Pace | None:
        """Say how fast all that is under way is indexed; see core.ingest.progress."""
        return pace(running, waiting_s)

    @property
    def encoder(self) -> Encoder:
        """The model of the index that serves now."""
        return self.models.now().encoder

    @property
    def searcher(self) -> Searcher:
        """A search of the index that serves now, with its model; it stays with these."""
        now = self.models.now()
        library = now.library or self.library.serving()
        key = f"{library.index_name} {id(now.encoder)}"
        if self._searcher is None or self._searcher[0] != key:
            self._searcher = key, self._searcher_of(library, now.encoder)
        return self._searcher[1]

    def _searcher_of(self, library: Library, encoder: Encoder) -> Searcher:
        return Searcher(library, encoder, wraps=self.settings.templates)

    @property
    def zoom(self) -> Zoom:
        """Refines moments that the searcher found, with the same model."""
        searcher = self.searcher
        if self._zoom is None or self._zoom[0] is not searcher:
            self._zoom = searcher, Zoom(self.library, self.encoder, fetch=self.playing.original)
        return self._zoom[1]

    def measured(self, wanted: Wanted, *, zooms: bool = False, index: str | None = None) -> Report:
        """Measure the search by what people said is right; see Evaluator.run_marked.

        In the index that serves, or in the one that is named.

        Raises:
            LibraryError: there is no such index, or it is not complete.
        """
        served = self.models.now() if index is None else self.models.at(index)
        library = served.library or self.library.serving()
        zoom = Zoom(library, served.encoder, fetch=self.playing.original)
        searcher = self._searcher_of(library, served.encoder)
        evaluator = Evaluator(
            searcher, self.library.videos(), wanted, refine=zoom.exact if zooms else None
        )
        return evaluator.run_marked(self.library.rights.all())

    def keep_picture(self, content: bytes) -> str:
        """Keep a picture that somebody hands in to search by; gives the name of it.

        Raises:
            MediaError: it is none that can be read.
        """
        return self.library.pictures.keep(jpeg(read_picture(content), max_px=_PICTURE_PX))

    def worker(self) -> Worker:
        """Make a worker under a name of its own."""
        return Worker(
            self.library, self.models,
            every_s=self.settings.every_s, mode=self.settings.sampling,
            proxy_of=self.intake.proxy_of, fetch=self.playing.original,
            learn=self._learn, tell=self.models.tell,
        )  # fmt: skip

    def _learn(self) -> None:
        self.searcher.learn()  # the one of the index that serves then

    def playable(self, video: Video) -> Path | None:
        """Give the file to serve to browsers; see core.web.playing."""
        return self.playing.playable(video)

    def standing(self, video: Video) -> Video:
        """Give the video with its play state as it is on this machine."""
        return self.playing.standing(video)

    def delete(self, video_id: str) -> Video:
        """Remove a video from the library, and every file of it that Reelseek made.

        Raises:
            NoSuchVideoError: there is none with this id.
        """
        video = self.intake.delete(video_id)
        self.playing.forget(video_id)
        self.stills.forget(video_id)
        return video

    def database_name(self) -> str:
        """Say in words which database this is."""
        if self._server is not None:
            return self._server.name
        return f"embedded, in {self.settings.database_folder}"

    def database_since(self) -> datetime | None:
        """Say since when it answers without a break; None while it does not."""
        return self._opened_at if self._server is None else self._server.since

    def database_version(self) -> str:
        """Ask the database for its version.

        Raises:
            DatabaseAwayError: it does not answer.
        """
        response, _ = self._database.query([{"GetStatus": {}}])
        said = response[0]["GetStatus"] if isinstance(response, list) else {}
        return f"{said.get('system', 'ApertureDB')} {said.get('version', '')}".strip()

    def close(self) -> None:
        """Let go of the database; harmless to repeat."""
        if not self.is_closed:
            self.is_closed = True
            self.additions.close()
            self.playing.close()
            self.stills.close()
            self._database.close()


def open_app(
    settings: Settings, *, database: Closable | None = None, encoder: Encoder | None = None,
    must_answer: bool = True,
) -> App:  # fmt: skip
    """Open the app on what the settings name, or on the database and encoder given.

    Raises:
        SettingsError: what names the server cannot be used.
        DatabaseAwayError: the database cannot be opened or, if it must answer, be reached.
    """
    database = database or database_of(settings)
    app = App(settings, database, encoder)
    try:
        if must_answer:
            app.prepare()
    except BaseException:
        app.close()
        raise
    return app
