"""The encoder as search and indexing use it, on the tiny model."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from core.encoders.base import Encoder
from core.encoders.clip import ClipEncoder, import_clip
from core.encoders.clip_model import ClipModel
from core.encoders.framing import N_VIEWS
from core.errors import EncoderError, EncoderMemoryError
from tests.conftest import TINY_MODEL
from tests.data.tiny_clip.measure import drawn_frames
from tests.data.tiny_clip.pictures import Picture, draw

TEXTS = ["a red star", "a", "", "a photo of a green ring on a brown background", "ünïcode 星"]


def test_it_is_an_encoder_that_says_what_it_is(tiny: ClipEncoder) -> None:
    """Its record names model, checksum, framing and size, as an index needs them."""
    encoder: Encoder = tiny
    info = encoder.info()
    assert (info.provider, info.model, info.framing) == ("clip", "tiny_clip", "whole")
    assert (info.dimensions, info.n_views, encoder.input_px) == (512, 1, 224)
    assert len(info.pretrained) == 12
    assert int(info.pretrained, 16) > 0
    assert encoder.status().state == "ready"
    assert encoder.status().device == "cpu"


def alike(ours: NDArray[np.float32], theirs: NDArray[np.float32], encoder: ClipEncoder) -> bool:
    """Say whether unit rows are the same, but for last bits: of bfloat16, where it is used."""
    if encoder._loaded()._has_units():
        return bool(((ours * theirs).sum(axis=-1) > 1 - 1e-4).all())
    return np.allclose(ours, theirs, atol=1e-5)


def test_being_ready_is_not_being_loaded() -> None:
    """Weights on the disk can be used, and are loaded by the first who does."""
    encoder: Encoder = ClipEncoder(str(TINY_MODEL), device="cpu")
    assert (encoder.status().state, encoder.is_loaded) == ("ready", False)
    encoder.encode_texts(["a red star"])
    assert (encoder.status().state, encoder.is_loaded) == ("ready", True)


@pytest.mark.parametrize("framing", N_VIEWS)
def test_pictures_become_unit_rows_per_view(framing: str) -> None:
    """Frames of different sizes give float32 (n, n_views, 512), all of unit length."""
    encoder = ClipEncoder(str(TINY_MODEL), framing, device="cpu")
    rows = encoder.encode_images(drawn_frames(5, seed=11)[0])
    assert rows.shape == (5, N_VIEWS[framing], 512)
    assert rows.dtype == np.float32
    assert np.abs(np.linalg.norm(rows, axis=2) - 1).max() < 1e-5
    assert encoder.info().n_views == N_VIEWS[framing]


def test_words_become_unit_rows(tiny: ClipEncoder) -> None:
    """Texts give float32 (n, 512), all of unit length; none is like another."""
    rows = tiny.encode_texts(TEXTS)
    assert rows.shape == (len(TEXTS), 512)
    assert rows.dtype == np.float32
    assert np.abs(np.linalg.norm(rows, axis=1) - 1).max() < 1e-5
    assert (rows @ rows.T - np.eye(len(TEXTS))).max() < 0.999


def test_nothing_gives_no_rows(tiny: ClipEncoder) -> None:
    """Empty lists give empty arrays of the right width."""
    assert tiny.encode_images([]).shape == (0, 1, 512)
    assert tiny.encode_texts([]).shape == (0, 512)


@pytest.mark.parametrize("framing", ["whole", "thirds"])
def test_the_batch_size_changes_nothing(framing: str) -> None:
    """A frame's rows do not hang on what else is in its batch, nor on their order."""
    frames, _ = drawn_frames(7, seed=12)
    one, four = (ClipEncoder(str(TINY_MODEL), framing, device="cpu", batch_size=n) for n in (1, 4))
    assert alike(one.encode_images(frames), four.encode_images(frames), one)
    assert alike(one.encode_texts(TEXTS), four.encode_texts(TEXTS), one)


def test_a_square_picture_is_encoded_as_clip_itself_does(tiny: ClipEncoder) -> None:
    """CLIP's own preprocessing and `encode_image` give the same direction."""
    import torch

    model, preprocess = own_clip()
    picture = draw(Picture("orange", "cross", "cyan", 0.4, 0.6, 0.5, 7), 300, 300)
    with torch.inference_mode():
        theirs = model.encode_image(preprocess(picture)[None]).numpy()[0]
    ours = tiny.encode_images([np.asarray(picture)])[0, 0]
    assert ours @ theirs / np.linalg.norm(theirs) > 0.999


@pytest.mark.parametrize(("in_halves", "least"), [(False, 1 - 1e-6), (True, 1 - 1e-4)])
def test_short_text_is_the_same_as_all_77_positions(
    in_halves: bool, least: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reading a text at its own length is what CLIP gives for the padded one, in either number."""
    import torch

    model, _ = own_clip()
    with torch.inference_mode():
        theirs = model.encode_text(import_clip().tokenize(TEXTS)).numpy()
    theirs /= np.linalg.norm(theirs, axis=1, keepdims=True)
    monkeypatch.setattr(ClipModel, "_has_units", lambda _: in_halves)
    ours = ClipEncoder(str(TINY_MODEL), device="cpu").encode_texts(TEXTS)
    assert ((ours * theirs).sum(axis=1) > least).all()


def test_texts_that_begin_alike_do_not_hear_of_each_other(tiny: ClipEncoder) -> None:
    """What is read once for several texts gives each what it has alone."""
    texts = ["a red star", "a red", "a star", "red star", "a red star in the snow", "a red star"]
    together = tiny.encode_texts(texts)
    alone = np.concatenate([tiny.encode_texts([text]) for text in texts])
    assert alike(together, alone, tiny)


def test_a_long_text_is_cut(tiny: ClipEncoder) -> None:
    """A text of more than 77 tokens is read as far as the model reads, not refused."""
    start = "a red star " * 40
    rows = tiny.encode_texts([start + "and a dog", start + "and a cat"])
    assert rows.shape == (2, 512)
    assert np.allclose(rows[0], rows[1], atol=1e-5)


def test_a_frame_that_is_no_rgb_is_refused(tiny: ClipEncoder) -> None:
    """A gray frame is an error with its shape, not a wrong vector."""
    with pytest.raises(EncoderError, match="uint8 of shape"):
        tiny.encode_images([np.zeros((9, 9), np.uint8)])


def test_an_unknown_framing_is_refused_when_constructing() -> None:
    """A misspelt framing is told before anything is indexed with it."""
    with pytest.raises(EncoderError, match="whole, centre, thirds"):
        ClipEncoder(str(TINY_MODEL), "hole")


def test_an_error_of_torch_is_told_as_the_encoders(
    tiny: ClipEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What fails on a device names the device and what to do, and is not taken for lack of room."""

    def broken(*_: Any) -> Any:
        raise RuntimeError("CUDA error: unspecified launch failure")

    monkeypatch.setattr(ClipModel, "_see", broken)
    with pytest.raises(
        EncoderError, match=r"1 pictures on cpu \(CUDA error: unspecified"
    ) as failed:
        tiny.encode_images([np.zeros((224, 224, 3), np.uint8)])
    assert not isinstance(failed.value, EncoderMemoryError)


def test_threads_share_one_model() -> None:
    """Threads that all start with an unloaded encoder load it once and get the same rows."""
    encoder = ClipEncoder(str(TINY_MODEL), device="cpu")
    frames, _ = drawn_frames(3, seed=13)
    results: list[np.ndarray] = []
    models: set[int] = set()

    def work() -> None:
        results.append(encoder.encode_images(frames))
        models.add(id(encoder._model))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(models) == 1
    assert all(np.allclose(rows, results[0], atol=1e-6) for rows in results)
    assert len(results) == 4


def test_clip_load_reads_the_tiny_model() -> None:
    """The tiny model is of OpenAI's class and kind of file, read by `clip.load` alone."""
    from clip.model import CLIP

    model, _ = own_clip()
    assert isinstance(model, CLIP)
    assert model.visual.input_resolution == 224
    assert TINY_MODEL.stat().st_size <= 8_000_000


def own_clip() -> tuple[Any, Any]:
    """The tiny model and CLIP's own preprocessing, by `clip.load`."""
    import warnings

    clip = import_clip()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="`torch.jit.load` is deprecated")
        return clip.load(str(TINY_MODEL), device="cpu")


def test_cuda_is_used_when_it_is_there(tiny: ClipEncoder) -> None:
    """Without a wish, the model is on CUDA where torch has it; rows agree with the CPU's.

    They do so over several batches, which follow each other without waiting.
    """
    import torch

    if not torch.cuda.is_available():
        pytest.skip("no CUDA on this machine")
    images, _ = drawn_frames(40, seed=15)
    encoder = ClipEncoder(str(TINY_MODEL), batch_size=8)
    rows = encoder.encode_images(images)[:, 0]
    assert (rows * tiny.encode_images(images)[:, 0]).sum(axis=1).min() > 0.999
    assert encoder.status().device == "cuda"
    assert encoder.batch_size == 16
    assert ClipEncoder(str(TINY_MODEL)).batch_size >= 2
