"""Which model searches, and which one is to: what the settings name, and what the indexes say.

The index that serves decides; the settings name a model for a new library, and for one that stands
beside it. Loads nothing.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from core.encoders.absent import AbsentEncoder
from core.encoders.base import Encoder
from core.encoders.weights import PUBLISHED, Weights
from core.errors import EncoderError, LibraryError
from core.ingest.journal import write_safely
from core.library.library import Library
from core.model import EncoderInfo, EncoderStatus
from core.paths import at_home
from core.settings import DEFAULT_FRAMING, DEFAULT_MODEL, Settings

Make = Callable[[str, str], Encoder]
_Sourced = tuple[Encoder, str]  # a model, and what names it


@dataclass(frozen=True, slots=True)
class Served:
    """An index, the model that makes its vectors, and what names that in REELSEEK_MODEL."""

    library: Library | None  # with this index and no other; None: there is no such index yet
    encoder: Encoder
    source: str


class Serving:
    """The models of a library, asked anew whenever one is needed; safe to use from any thread.

    `make` makes an encoder of a model's name or path, and a framing; `given` stands for what the
    settings name.
    """

    def __init__(
        self, library: Library, settings: Settings, make: Make, given: Encoder | None = None
    ) -> None:
        self._library, self._settings = library, settings
        self._make, self._given = make, given
        self._made: dict[tuple[str, str], Encoder] = {}
        self._lock = threading.Lock()

    def now(self) -> Served:
        """Give the index that serves, with a model that may turn out not to be on this machine."""
        return self._served(self._library.serving())

    def at(self, name: str) -> Served:
        """Give an index by its name, with a model that may turn out not to be on this machine.

        Raises:
            LibraryError: there is no such index, or it is not complete.
        """
        self._check_whole(name)
        return self._served(self._library.at(name))

    def named(self) -> Served:
        """Give the index of the model that the settings name, whichever serves.

        Raises:
            LibraryError: there is none, or it is not complete.
        """
        wanted = self.wanted()
        if wanted is None:
            return self.now()
        later = self.next()
        if later is None or later.library is None:
            raise LibraryError(
                f"Nothing of the library is indexed with that model. {wanted.sentence} Name it in "
                "REELSEEK_MODEL, and `python -m core models make` indexes with it."
            )
        self._check_whole(later.library.index_name)
        return later

    def next(self) -> Served | None:
        """Give the index that is to serve later; None: there is none, or nobody can tell which."""
        other = self._other()
        if other is None:
            return None
        own, source = other
        try:
            model, pretrained, framing = own.identity()
        except EncoderError:
            return None
        name = self._library.indexes.of_model(model, pretrained, framing)
        if name is not None and name == self._library.indexes.going():
            return None
        library = None if name is None else self._library.at(name)
        return Served(library, own, source)

    def wanted(self) -> EncoderStatus | None:
        """Say how it is with the model that the settings name, where another one serves."""
        other = self._other()
        return None if other is None else other[0].status()

    def status(self) -> EncoderStatus:
        """Say how it is with the model that serves; where it is absent, why a worker got none."""
        status = self.now().encoder.status()
        told = self._told() if status.state == "absent" else ""
        return replace(status, sentence=told) if told else status

    def tell(self, why_not: str | None) -> None:
        """Note why a worker cannot use the model, for other processes to say; None: it can."""
        with contextlib.suppress(OSError):  # it is in the worker's log as well
            if why_not is None:
                self._trouble_file.unlink(missing_ok=True)
            else:
                write_safely(self._trouble_file, why_not)

    def _told(self) -> str:
        with contextlib.suppress(OSError, UnicodeDecodeError):
            return self._trouble_file.read_text(encoding="utf-8").strip()
        return ""

    @property
    def _trouble_file(self) -> Path:
        return self._settings.data / "model trouble.txt"

    def remove(self, name: str) -> None:
        """Note that an index goes; a worker removes it.

        Raises:
            LibraryError: there is no such index, it serves, another one goes, or the settings ask
                for its model.
        """
        target = self.next()
        if target is not None and target.library and target.library.index_name == name:
            raise LibraryError(
                f"REELSEEK_MODEL names the model of {name}, so it would be made again at once. "
                "Name another model, or none, then remove it."
            )
        self._library.indexes.begin_to_remove(name)

    def _check_whole(self, name: str) -> None:
        status = next((one for one in self._library.indexes.all() if one.name == name), None)
        if status is None:
            raise LibraryError(
                f"The library has no index {name}. `python -m core models` lists all."
            )
        if not status.is_serving and not status.is_whole:
            raise LibraryError(
                f"The index {name} is not complete, so its answers would not compare. "
                "`python -m core models` says how far it is."
            )

    def _served(self, library: Library) -> Served:
        made_by = library.made_by()
        if made_by is None:
            return Served(library, *self._own(None, ""))
        info, noted = made_by
        own, source = self._own(info, noted)
        if self._is_of(own, info, noted):
            return Served(library, own, source)
        return Served(library, *self._sought(info, noted))

    # -- the encoders -----------------------------------------------------------------------------

    @property
    def _named(self) -> str:
        """What REELSEEK_MODEL names: a path in full, so that it is found from another folder."""
        model = self._settings.model
        if not model or model in PUBLISHED:
            return model or ""
        return str(at_home(Path(model)).absolute())

    def _other(self) -> _Sourced | None:
        """Give the model that the settings name if it did not make the index that serves."""
        made_by = self._library.made_by()
        if made_by is None:
            return None
        own = self._own(*made_by)
        return None if self._is_of(own[0], *made_by) else own

    def _own(self, info: EncoderInfo | None, noted: str) -> _Sourced:
        """Give the model that the settings name; what they leave open is as the index has it."""
        if self._given is not None:
            return self._given, self._named
        if info is None:
            source, framing = self._named or DEFAULT_MODEL, self._settings.framing
            return self._encoder(source, framing or DEFAULT_FRAMING), source
        framing = self._settings.framing or info.framing
        if self._named:
            return self._encoder(self._named, framing), self._named
        encoder, source = self._sought(info, noted)
        if framing != info.framing and not isinstance(encoder, AbsentEncoder):
            encoder = self._encoder(source, framing)
        return encoder, source

    def _sought(self, info: EncoderInfo, noted: str) -> _Sourced:
        """Find the model that made an index; what lies elsewhere counts only if it is that one."""
        for source in _sources(info, noted, self._named):
            with contextlib.suppress(EncoderError):
                encoder = self._encoder(source, info.framing)
                if encoder.identity() == (info.model, info.pretrained, info.framing):
                    return encoder, source
        return AbsentEncoder(info, _lost_sentence(info, noted)), noted

    def _is_of(self, encoder: Encoder, info: EncoderInfo, noted: str) -> bool:
        """Say whether this model made the index; of a lost one, by what named it."""
        try:
            return encoder.identity() == (info.model, info.pretrained, info.framing)
        except EncoderError:
            return self._named == noted and self._settings.framing in (None, info.framing)

    def _encoder(self, source: str, framing: str) -> Encoder:
        with self._lock:
            key = (source, framing)
            if key not in self._made:
                self._made[key] = self._make(source, framing)
            return self._made[key]


def _sources(info: EncoderInfo, noted: str, named: str) -> list[str]:
    """List what may name the model of an index: where it was, beside the one named now, a cache."""
    published = PUBLISHED.get(info.model)
    name = published.filename if published else f"{info.model}.pt"
    beside = [str(Path(named).parent / name)] if named and named not in PUBLISHED else []
    at_last = [info.model] if published else [str(Weights(name).root / name)]
    return list(dict.fromkeys([noted or DEFAULT_MODEL, *beside, *at_last]))


def _lost_sentence(info: EncoderInfo, noted: str) -> str:
    where = f"at {noted}" if noted and noted not in PUBLISHED else "anywhere that Reelseek knows"
    return (
        f"The weights of {info.model} ({info.pretrained or 'unnamed'}), which made the index that "
        f"serves, are not {where}. Put the file there, or set REELSEEK_MODEL to where it is."
    )
