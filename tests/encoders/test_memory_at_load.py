"""Memory that runs out while a model is loaded: it passes, and no checkpoint is to blame."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from core.encoders.clip import ClipEncoder, import_clip
from core.encoders.text_tower import TextTower
from core.encoders.weights import PUBLISHED
from core.errors import EncoderError, EncoderMemoryError
from core.ingest import retry
from tests.conftest import TINY_MODEL
from tests.encoders.test_weights import TINY_BYTES, TINY_SHA256, offer, tiny_state


def full_card(*_: Any, **__: Any) -> Any:
    import torch

    raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")


def full_machine(*_: Any, **__: Any) -> Any:
    import torch

    return torch.empty(1 << 50)  # torch's own refusal on a CPU


def no_memory_of_python(*_: Any, **__: Any) -> Any:
    raise MemoryError


def state_dict(folder: Path) -> ClipEncoder:
    import torch

    torch.save(tiny_state(), folder / "plain.pt")
    return ClipEncoder(str(folder / "plain.pt"), device="cpu")


def published(folder: Path, monkeypatch: pytest.MonkeyPatch) -> ClipEncoder:
    offer(monkeypatch, f"http://127.0.0.1:9/{TINY_SHA256}/ViT-B-32.pt")
    genuine = PUBLISHED["ViT-B/32"].__class__("ViT-B-32.pt", 338, 224, TINY_SHA256[:12])
    monkeypatch.setitem(PUBLISHED, "ViT-B/32", genuine)
    (folder / "ViT-B-32.pt").write_bytes(TINY_BYTES)
    return ClipEncoder("ViT-B/32", device="cpu", download_root=folder)


@pytest.mark.parametrize("full", [full_card, full_machine, no_memory_of_python])
@pytest.mark.parametrize("kind", ["archive", "state dict", "published"])
def test_no_memory_for_the_model_is_an_error_of_its_own(
    kind: str, full: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever file it comes from; and as soon as there is room, the same encoder loads it."""
    encoder = {
        "archive": lambda: ClipEncoder(str(TINY_MODEL), device="cpu"),
        "state dict": lambda: state_dict(tmp_path),
        "published": lambda: published(tmp_path, monkeypatch),
    }[kind]()
    import_clip()
    with monkeypatch.context() as patched:
        for module in ("clip.clip", "clip.model"):
            patched.setattr(f"{module}.build_model", full)
        refused(encoder)
    encoder.load()
    assert encoder.status().state == "ready"


def test_nor_is_an_archive_that_does_not_fit_taken_for_another_kind_of_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """`clip.load` tries it as a state dict then, and ends in what that says."""
    import torch

    monkeypatch.setattr(torch.jit, "load", full_machine)
    refused(ClipEncoder(str(TINY_MODEL), device="cpu"))


def test_nor_is_what_comes_after_loading_an_error_of_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    """The model is on the device, and what it needs beside itself does not fit."""
    monkeypatch.setattr(TextTower, "__init__", full_card)
    refused(ClipEncoder(str(TINY_MODEL), device="cpu"))


def test_a_shortage_before_says_nothing_about_this_file(tmp_path: Path) -> None:
    """Loaded while another error is being handled, a file that is no CLIP is just that."""
    import torch

    torch.save({"weight": torch.zeros(3)}, tmp_path / "other.pt")
    try:
        full_machine()
    except RuntimeError:
        with pytest.raises(EncoderError, match="not one of OpenAI's CLIP") as caught:
            ClipEncoder(str(tmp_path / "other.pt"), device="cpu").load()
    assert type(caught.value) is EncoderError


def refused(encoder: ClipEncoder) -> None:
    with pytest.raises(EncoderMemoryError, match="not enough memory on cpu to load") as caught:
        encoder.load()
    assert retry.may_pass(caught.value)
    assert encoder.status().state == "failed"
    assert encoder.status().sentence == str(caught.value)
