"""Both towers of a transformer, beside what `clip` itself computes in float32; weights by lot."""

from __future__ import annotations

import platform
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.encoders import packed
from core.encoders.checkpoint import load_model
from core.encoders.clip import ClipEncoder, import_clip
from core.encoders.clip_model import ClipModel
from core.encoders.framing import squares
from core.encoders.weights import Weights

TEXTS = ["a red star", "a red", "a star in the snow", ""]


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    """A model of three blocks on patches of 16 pixels, and two blocks of words."""
    import torch

    import_clip()
    from clip.model import CLIP

    torch.manual_seed(3)
    model = CLIP(32, 64, 3, 128, 16, 77, 49408, 128, 2, 2)
    for parameter in model.parameters():  # as made, biases are 0 and norms change nothing
        parameter.data += 0.05 * torch.randn_like(parameter)
    torch.save(model.state_dict(), tmp_path / "by lot.pt")
    return tmp_path / "by lot.pt"


@pytest.mark.parametrize(("in_halves", "least"), [(False, 1 - 1e-6), (True, 1 - 1e-3)])
@pytest.mark.parametrize("packs", [True, False])
def test_they_give_what_clip_gives(
    packs: bool, in_halves: bool, least: float, checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pictures and words, in either number, with matrices packed for oneDNN and as torch's own."""
    import torch

    monkeypatch.setattr(ClipModel, "_has_units", lambda _: in_halves)
    if not packs:
        monkeypatch.setattr(packed, "_packs", lambda *_: False)
    plain = load_model(Weights(str(checkpoint)), "cpu")
    encoder = ClipEncoder(str(checkpoint), device="cpu")
    pictures = list(np.random.default_rng(4).integers(0, 255, (5, 90, 160, 3), np.uint8))
    framed = np.stack(list(squares(pictures, "whole", encoder.input_px, on_threads=False)))
    loaded = encoder._loaded()
    x = torch.from_numpy(framed).permute(0, 3, 1, 2).float() / 255
    with torch.inference_mode():
        seen = plain.encode_image((x - loaded._mean) / loaded._deviation)
        read = plain.encode_text(import_clip().tokenize(TEXTS))
    assert (cosines(encoder.encode_images(pictures)[:, 0], seen) > least).all()
    assert (cosines(encoder.encode_texts(TEXTS), read) > least).all()


@pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="oneDNN is for x86")
def test_matrices_are_packed_where_onednn_is() -> None:
    """Else all would be right, and slow."""
    import torch

    assert packed._packs(torch, torch.zeros(2, 2))
    assert not packed._packs(torch, torch.zeros(2, 2, dtype=torch.float16))


def cosines(ours: Any, theirs: Any) -> Any:
    """Of unit rows and tensors of any length."""
    theirs = theirs.numpy()
    return (ours * theirs / np.linalg.norm(theirs, axis=1, keepdims=True)).sum(axis=1)
