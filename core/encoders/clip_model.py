"""A CLIP model in memory: squares or words through it, unit-length float32 rows out.

The arithmetic only. Knows no files and no locks; whoever holds it calls from one thread at a time.
"""

from __future__ import annotations

import contextlib
import importlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.encoders.memory import shortage_told
from core.encoders.text_tower import TextTower
from core.encoders.vision_tower import VisionTower
from core.errors import EncoderError

# Of the pictures CLIP was trained on, per channel of RGB in 0..1 (openai/CLIP, clip/clip.py).
_MEAN = (0.48145466, 0.4578275, 0.40821073)
_DEVIATION = (0.26862954, 0.26130258, 0.27577711)
_BFLOAT16_UNITS = ("amx_bf16", "avx512_bf16")  # as torch.cpu names them


class ClipModel:
    """A loaded `clip.model.CLIP` on a device."""

    def __init__(self, model: Any, device: str) -> None:
        """Make a model ready that is on the device.

        Raises:
            EncoderMemoryError: there is no memory left there for what it needs beside itself.
        """
        self._torch = importlib.import_module("torch")
        self._model = model
        self.device, self.is_on_cuda = device, device.startswith("cuda")
        self.input_px = int(model.visual.input_resolution)
        self.dimensions = int(model.text_projection.shape[1])
        with shortage_told("load CLIP", device):
            self._mean, self._deviation = (
                self._torch.tensor(one, device=device).reshape(1, 3, 1, 1)
                for one in (_MEAN, _DEVIATION)
            )
            self._text_tower = TextTower(model, device, self._dtype())
            is_vit = hasattr(model.visual, "transformer")
            self._vision_tower = (
                VisionTower(model.visual, self._dtype()) if is_vit and device == "cpu" else None
            )

    def encode_squares(self, squares: Sequence[NDArray[np.uint8]]) -> Any:
        """Encode one batch, uint8 (input_px, input_px, 3) each, to a tensor for `rows`.

        On CUDA it may return before the device has done the work, so that the next batch is
        framed and copied meanwhile: from pinned memory, which torch keeps until it is copied.
        """
        with self._torch.inference_mode(), _explained(f"{len(squares)} pictures", self.device):
            x = self._torch.from_numpy(np.stack(squares))
            if self.is_on_cuda:
                x = x.pin_memory()
            x = x.to(self.device, non_blocking=self.is_on_cuda).permute(0, 3, 1, 2)
            return self._see((x.float() / 255 - self._mean) / self._deviation)

    def encode_texts(self, texts: Sequence[str]) -> Any:
        """Encode one batch of words to a tensor for `rows`; see core.encoders.text_tower."""
        with self._torch.inference_mode(), _explained(f"{len(texts)} texts", self.device):
            return self._text_tower.encode(texts)

    def rows(self, batches: Sequence[Any]) -> NDArray[np.float32]:
        """Give encoded batches as one array (n, dimensions) of unit-length rows, once done.

        Raises:
            EncoderError: the device failed at one of them, or gave numbers that are none.
        """
        if not batches:
            return np.empty((0, self.dimensions), np.float32)
        torch = self._torch
        with torch.inference_mode(), _explained("what it was given", self.device):
            found = torch.nn.functional.normalize(torch.cat(list(batches)).float(), dim=-1)
            rows: NDArray[np.float32] = found.cpu().numpy()
        if not np.isfinite(rows).all():
            raise EncoderError(
                f"CLIP gave numbers that are not finite on {self.device}. The checkpoint may be "
                "damaged: fetch it again, or set REELSEEK_MODEL to another."
            )
        return rows

    def try_out(self, n: int) -> None:
        """Encode so many black pictures."""
        square = np.zeros((self.input_px, self.input_px, 3), np.uint8)
        self.rows([self.encode_squares([square] * n)])

    def let_go(self) -> None:
        """Give memory that is set aside and not used back to the device."""
        if self.is_on_cuda:
            self._torch.cuda.empty_cache()

    def _see(self, x: Any) -> Any:
        """Send pictures (n, 3, input_px, input_px) through the vision tower."""
        if self._vision_tower is not None:
            return self._vision_tower.encode(x)
        halves = self._torch.autocast("cpu", self._torch.bfloat16, enabled=self._has_units())
        with halves:
            return self._model.encode_image(x)

    def _dtype(self) -> Any:
        """Say what to multiply in: bfloat16 where the CPU has units for it.

        `python -m benchmarks.encoding` measures what that saves and how far vectors move: 1 less
        the cosine is some 0.0001, with weights by lot. With OpenAI's it is not measured.
        """
        return self._torch.bfloat16 if self._has_units() else self._model.dtype

    def _has_units(self) -> bool:
        if self.device != "cpu":
            return False
        # An older torch than the one required may not know.
        capabilities: Mapping[str, Any] = getattr(self._torch.cpu, "get_capabilities", dict)()
        return any(capabilities.get(unit, False) for unit in _BFLOAT16_UNITS)


@contextlib.contextmanager
def _explained(what: str, device: str) -> Iterator[None]:
    """Translate torch's errors; memory running out is one of its own, as it may pass."""
    try:
        with shortage_told(f"encode {what}", device):
            yield
    except RuntimeError as error:
        reason = str(error).partition("\n")[0][:300]
        raise EncoderError(
            f"CLIP could not encode {what} on {device} ({reason}). Try again; if it comes back, "
            "set REELSEEK_MODEL to another model, or CUDA_VISIBLE_DEVICES to -1 for the CPU."
        ) from error
