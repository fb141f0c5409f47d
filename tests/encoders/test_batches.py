"""How much is encoded at once, and what happens where the memory is not enough for it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.bootstrap import open_app
from core.encoders.batches import MOST_ON_CUDA, Batches, fitting
from core.encoders.clip import ClipEncoder
from core.encoders.clip_model import ClipModel
from core.encoders.framing import N_VIEWS
from core.errors import EncoderMemoryError
from core.ingest import retry
from core.settings import Settings
from tests.conftest import TINY_MODEL
from tests.data.tiny_clip.measure import drawn_frames
from tests.fakes import ColourEncoder
from tests.films import Film, draw_film, scenes


@pytest.mark.parametrize("framing", ["whole", "thirds"])
def test_where_memory_runs_out_the_batch_halves_until_it_fits(
    framing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A device with room for three pictures: same rows, and the next batch begins smaller."""
    import torch

    images, _ = drawn_frames(9, seed=14)
    encoder = ClipEncoder(str(TINY_MODEL), framing, device="cpu", batch_size=16)
    expected = encoder.encode_images(images)
    assert encoder.batch_size == 16 // N_VIEWS[framing]
    encode, tried = ClipModel._see, []

    def with_room_for_three(self: ClipModel, x: Any) -> Any:
        tried.append(len(x))
        if len(x) > 3:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")
        return encode(self, x)

    monkeypatch.setattr(ClipModel, "_see", with_room_for_three)
    assert np.allclose(encoder.encode_images(images), expected, atol=1e-5)
    assert encoder.batch_size == max(1, 2 // N_VIEWS[framing])
    tried.clear()
    assert np.allclose(encoder.encode_images(images), expected, atol=1e-5)
    assert max(tried) == 2, "it began with what had not fitted"


def test_no_memory_for_one_picture_is_an_error_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that whoever indexes can wait until other programs give some back."""

    def no_room(self: ClipModel, x: Any) -> Any:
        return x.new_empty(1 << 50)  # torch's own refusal on a CPU

    monkeypatch.setattr(ClipModel, "_see", no_room)
    encoder = ClipEncoder(str(TINY_MODEL), device="cpu")
    with pytest.raises(
        EncoderMemoryError, match="not enough memory on cpu to encode 1 pictures"
    ) as full:
        encoder.encode_images([np.zeros((224, 224, 3), np.uint8)] * 5)
    assert retry.may_pass(full.value)


def test_on_cuda_a_batch_is_what_fits_into_half_of_what_is_free() -> None:
    """Powers of two; at least one, however little there is, and no more than are of use."""
    gib, each = 1 << 30, 20 << 20
    assert [fitting(n * gib, each) for n in (0, 0.01, 1, 4, 80)] == [1, 1, 16, 64, MOST_ON_CUDA]


def test_batches_keep_the_order_and_say_when_there_was_less() -> None:
    """One that fails is done again in halves; those before it are not."""
    asked: list[list[int]] = []
    freed: list[int] = []

    def work(items: Sequence[int]) -> list[int]:
        asked.append(list(items))
        if sum(items) > 9:
            raise EncoderMemoryError("full")
        return list(items)

    batches = Batches(4)
    batches.on_less = lambda: freed.append(batches.size)
    assert batches.each([1, 2, 3, 1, 4, 5, 6, 7], work) == [[1, 2, 3, 1], [4, 5], [6], [7]]
    assert freed == [2, 1]
    assert asked == [[1, 2, 3, 1], [4, 5, 6, 7], [4, 5], [6, 7], [6], [7]]


def test_after_a_shortage_batches_grow_again_to_what_they_were() -> None:
    """Or a minute in which another program had the memory would make all later ones slow."""
    room = [1]

    def work(items: Sequence[int]) -> int:
        if len(items) > room[0]:
            raise EncoderMemoryError("full")
        return len(items)

    batches = Batches(8)
    assert max(batches.each([0] * 8, work)) == 1
    room[0] = 100
    sizes = batches.each([0] * 1000, work)
    assert sizes[0] == 1
    assert sizes[-2] == 8, "it did not grow, or grew beyond what it began with"
    assert sizes == [*sorted(sizes[:-1]), sizes[-1]]
    assert sizes.count(2) >= 16, "one good batch is no sign that the shortage is over"
    assert max(batches.each([0] * 9, work)) == 8


def test_whoever_waited_for_memory_begins_as_at_first() -> None:
    """The error goes to the caller, who tries again when there may be room."""
    batches = Batches(8)

    def full(_: Sequence[int]) -> int:
        raise EncoderMemoryError("full")

    with pytest.raises(EncoderMemoryError):
        batches.each([0] * 8, full)
    assert batches.each([0] * 16, len) == [8, 8]


def test_texts_do_not_suffer_from_a_shortage_for_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    """A picture takes many times what a text does."""
    import torch

    encode, tried = ClipModel._see, []

    def with_room_for_one(self: ClipModel, x: Any) -> Any:
        if len(x) > 1:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")
        return encode(self, x)

    monkeypatch.setattr(ClipModel, "_see", with_room_for_one)
    encoder = ClipEncoder(str(TINY_MODEL), device="cpu", batch_size=4)
    encoder.encode_images(drawn_frames(3, seed=16)[0])
    assert encoder.batch_size == 1
    read = ClipModel.encode_texts
    monkeypatch.setattr(
        ClipModel,
        "encode_texts",
        lambda self, texts: (tried.append(len(texts)), read(self, texts))[1],
    )
    encoder.encode_texts(["a", "red", "star", "or", "two"])
    assert tried == [4, 1]


class Card:
    """A model on a card that others fill, or where each picture takes `each_bytes`."""

    device = "cuda"

    def __init__(self, *, is_full: bool) -> None:
        self.is_full = is_full
        self.tried: list[int] = []

    def try_out(self, n: int) -> None:
        self.tried.append(n)
        if self.is_full:
            raise EncoderMemoryError("full")


def test_a_card_that_was_full_at_load_is_tried_out_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Until then one picture goes at a time; what it reads is said here, as the CPU has no card."""
    import torch

    gib = 1 << 30
    said = {"memory_allocated": gib, "reset_peak_memory_stats": None, "memory_reserved": gib,
            "max_memory_allocated": gib + (8 << 20), "mem_get_info": (128 << 20, gib)}  # fmt: skip
    for name, value in said.items():
        monkeypatch.setattr(torch.cuda, name, lambda _, value=value: value)
    card, batches = Card(is_full=True), Batches(32)
    batches.fit(card)
    assert batches.is_unknown
    assert batches.each([0] * 2, len) == [1, 1]
    card.is_full = False
    batches.fit(card)
    assert not batches.is_unknown
    assert batches.each([0] * 70, len) == [64, 6]
    assert card.tried == [1, 1, 8]


def test_an_encoder_tries_a_full_card_out_with_its_next_call() -> None:
    """Its first trial, when it was loaded, found no room."""
    encoder = ClipEncoder(str(TINY_MODEL), device="cpu")
    encoder.load()
    encoder._batches.is_unknown = True
    asked = []
    encoder._batches.fit = asked.append  # type: ignore[method-assign]
    assert encoder.batch_size == 32
    assert asked == [encoder._model]


class Fives(ColourEncoder):
    """Wants five frames at once, and remembers how many it was given."""

    batch_size = 5

    def __init__(self) -> None:
        super().__init__()
        self.given: list[int] = []

    def encode_images(self, images: Sequence[Any]) -> Any:
        self.given.append(len(images))
        return super().encode_images(images)


def test_indexing_hands_over_as_many_frames_as_the_encoder_wants(tmp_path: Path) -> None:
    """A GPU that is given 32 at a time, whatever it could hold, is idle."""
    film = draw_film(Film("moving", scenes("red star/black", seconds_each=12)), tmp_path)
    encoder = Fives()
    app = open_app(Settings(data=tmp_path / "data"), encoder=encoder)
    try:
        app.worker().drain([app.intake.add_file(film).video.video_id])
    finally:
        app.close()
    assert encoder.given == [5, 5, 2]
