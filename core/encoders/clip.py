"""OpenAI's CLIP as an encoder, by one of its names or from a checkpoint.

Constructing costs nothing: torch is imported by the first `load()`, and `status()` looks at files
only. Knows no settings and no videos; frames and words come in as they are.
"""

from __future__ import annotations

import contextlib
import importlib
import itertools
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from core.encoders.batches import ON_CPU, Batches
from core.encoders.checkpoint import load_model
from core.encoders.clip_model import ClipModel
from core.encoders.clip_module import import_clip
from core.encoders.framing import N_VIEWS, squares
from core.encoders.remembered import Remembered
from core.encoders.threads import settle
from core.encoders.weights import Weights
from core.errors import EncoderError, WeightsMissingError
from core.model import EncoderInfo, EncoderStatus

__all__ = ["ClipEncoder", "import_clip"]

PROVIDER: Final = "clip"  # as ApertureDB's own programs name the package
_BATCHES_ON_CUDA: Final = 2  # one is framed and copied while the other is computed
_State = Literal["ready", "loading", "downloading", "absent", "failed"]
_Item = TypeVar("_Item")


class ClipEncoder:
    """One of OpenAI's CLIP models; safe to use from several threads."""

    def __init__(
        self,
        model: str = "ViT-B/32",
        framing: str = "whole",
        *,
        device: str | None = None,
        download_root: Path | None = None,
        batch_size: int | None = None,
    ) -> None:
        """Remember what to load; nothing is imported or read yet.

        Args:
            model: a name that `clip.load` knows, or the path of a checkpoint.
            framing: `whole`, `centre` or `thirds`, see core.encoders.framing.
            device: "cpu", "cuda", "cuda:1"; None is CUDA when there, else the CPU.
            download_root: where named models are kept; None is clip's own ~/.cache/clip.
            batch_size: squares encoded at once; None is 32 on the CPU, on CUDA what fits into half
                of the free memory, at most 256. It halves while memory runs out all the same.

        Raises:
            EncoderError: no such framing.
        """
        if framing not in N_VIEWS:
            raise EncoderError(f"There is no framing {framing!r}. Use one of {', '.join(N_VIEWS)}.")
        self._weights = Weights(model, download_root)
        self._framing = framing
        self._device = device
        self._batch_size = batch_size
        # Of pictures and of texts: a shortage for the ones says nothing about the others.
        self._batches, self._of_texts = Batches(batch_size or ON_CPU), Batches(batch_size or ON_CPU)
        self._lock = threading.RLock()  # one user of the model at a time
        self._model: ClipModel | None = None
        self._said = Remembered()
        self._identity: tuple[str, str] | None = None
        self._is_loading = False
        self._failure: str | None = None

    @property
    def input_px(self) -> int:
        """Side of the square the model sees: known for a published name, else read from it."""
        if self._weights.published is not None:
            return self._weights.published.input_px
        return self._loaded().input_px

    @property
    def batch_size(self) -> int:
        """Frames to hand over at once: as many as are encoded at once, of CUDA's batches a few."""
        is_on_cuda = self._loaded().is_on_cuda
        n_squares = self._batches.size * (_BATCHES_ON_CUDA if is_on_cuda else 1)
        return max(1, n_squares // N_VIEWS[self._framing])

    def info(self) -> EncoderInfo:
        """Say which model makes the vectors; loads it to know how long they are.

        Raises:
            WeightsMissingError, EncoderError: as `load`.
        """
        model = self._loaded()
        name, pretrained, framing = self.identity()
        return EncoderInfo(
            provider=PROVIDER,
            model=name,
            pretrained=pretrained,
            framing=framing,
            dimensions=model.dimensions,
            n_views=N_VIEWS[self._framing],
        )

    def identity(self) -> tuple[str, str, str]:
        """Say which model it is, (model, pretrained, framing), from its file; loads nothing.

        Waits for nobody who does load it. Read once: the first call sums the file up.

        Raises:
            WeightsMissingError: there is no such file.
        """
        if self._identity is None:
            self._identity = self._weights.identity()
        return *self._identity, self._framing

    @property
    def is_loaded(self) -> bool:
        """Say whether the model is in memory; one that is just being loaded is not."""
        return self._model is not None

    def load(self) -> None:
        """Bring the model into memory, downloading a named one first if need be; repeatable.

        Raises:
            WeightsMissingError: the weights are not on this machine and cannot be fetched.
            EncoderMemoryError: the device has no memory left for it.
            EncoderError: what is there is no CLIP checkpoint, or `clip` is not installed.
        """
        self._loaded()

    def encode_images(self, images: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """Encode frames, each framed first; see core.encoders.base.Encoder."""
        model, batches = self._loaded(), self._batches
        n_views = N_VIEWS[self._framing]
        encode = self._alone(model.encode_squares)
        found: list[Any] = []
        # Beside CUDA on threads, as one keeps no device busy.
        framed = squares(images, self._framing, model.input_px, on_threads=model.is_on_cuda)
        with contextlib.closing(framed):
            while part := list(itertools.islice(framed, max(n_views, batches.size))):
                found += batches.each(part, encode)
        return model.rows(found).reshape(len(images), n_views, model.dimensions)

    def encode_texts(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Encode words; a text of more than 77 tokens is cut. See core.encoders.base.Encoder.

        Batches that were encoded lately are remembered.
        """
        return self._said.rows(texts, self._encode_texts)

    def _encode_texts(self, texts: Sequence[str]) -> NDArray[np.float32]:
        model = self._loaded()
        return model.rows(self._of_texts.each(texts, self._alone(model.encode_texts)))

    def _alone(self, work: Callable[[Sequence[_Item]], Any]) -> Callable[[Sequence[_Item]], Any]:
        """Let one user of the model in at a time, from batch to batch."""

        def alone(items: Sequence[_Item]) -> Any:
            with self._lock:
                return work(items)

        return alone

    def status(self) -> EncoderStatus:
        """Say whether the model can be used now; at once, from files alone unless it is loaded."""
        if self._model is not None:
            sentence = f"{self._title()} is ready on {self._model.device}."
            return EncoderStatus("ready", sentence, None, self._model.device)
        found = self._weights.look()
        if found.state == "growing":
            return self._status(
                "downloading", f"{self._title()} is being downloaded.", found.fraction
            )
        if self._is_loading:
            return self._status("loading", f"{self._title()} is being loaded.")
        if found.state == "whole" or self._weights.published is None:
            return self._status_on_disk()
        if self._failure is not None:
            return self._status("absent", self._failure)
        later = self._status("absent", self._will_download_sentence(found.state))
        return replace(later, comes_by_itself=True)

    def _status_on_disk(self) -> EncoderStatus:
        try:
            self._weights.check()
        except WeightsMissingError as error:
            return self._status("absent", str(error))
        except EncoderError as error:
            return self._status("failed", str(error))
        if self._failure is not None:
            return self._status("failed", self._failure)
        sentence = f"{self._title()} is on this machine and is loaded when first needed."
        return self._status("ready", sentence)

    def _will_download_sentence(self, state: str) -> str:
        size_mib = self._weights.published.size_mib if self._weights.published else 0
        if state == "partial":
            return (
                f"The download of {self._title()} was broken off; it starts again ({size_mib} MiB) "
                "when the model is next needed."
            )
        return (
            f"{self._title()} is not on this machine yet; it is downloaded ({size_mib} MiB) when "
            "first needed."
        )

    def _status(self, state: _State, sentence: str, fraction: float | None = None) -> EncoderStatus:
        return EncoderStatus(state, sentence, fraction, self._device or "")

    def _title(self) -> str:
        return f"CLIP {self._weights.model if self._weights.published else self._weights.path.name}"

    def _loaded(self) -> ClipModel:
        with self._lock:
            if self._model is None:
                self._is_loading, self._failure = True, None
                try:
                    self._model = self._load_now()
                except EncoderError as error:
                    self._failure = str(error)
                    raise
                finally:
                    self._is_loading = False
            elif self._batches.is_unknown:  # the device was full when it was loaded
                self._batches.fit(self._model)
            settle()
            return self._model

    def _load_now(self) -> ClipModel:
        import_clip()  # first, so that a missing torch is told as an EncoderError
        settle()
        device = self._device or _best_device()
        model = ClipModel(load_model(self._weights, device), device)
        self._batches.on_less = self._of_texts.on_less = model.let_go
        if self._batch_size is None and model.is_on_cuda:
            self._batches.fit(model)
        self._identity = self._weights.identity()
        return model


def _best_device() -> str:
    torch = importlib.import_module("torch")
    return "cuda" if torch.cuda.is_available() else "cpu"
