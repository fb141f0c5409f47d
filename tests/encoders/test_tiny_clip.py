"""The tiny CLIP is good enough to test and show a search with, through the product's own encoder.

Every picture here is drawn with a seed that its training never used.
"""

from __future__ import annotations

import hashlib
import json

import numpy as np
import pytest

from core.encoders.clip import ClipEncoder
from tests.conftest import TINY_MODEL
from tests.data.tiny_clip.measure import accuracy, drawn_frames, film_frames
from tests.data.tiny_clip.pictures import (
    BACKGROUNDS,
    COLOURS,
    PAIRS,
    SHAPES,
    random_frame,
    random_picture,
)

BAR = 0.97


def test_drawn_pictures_get_their_own_caption_first(tiny: ClipEncoder) -> None:
    """At least 97 % of fresh pictures have their own "a {colour} {shape}" first among the 48."""
    assert accuracy(tiny, drawn_frames(320, seed=70_001))["pair"] >= BAR


def test_so_do_frames_of_a_1080p_film(tiny: ClipEncoder) -> None:
    """So do pictures drawn at 1080p, encoded as H.264 (crf 28) and scaled down by ffmpeg."""
    assert accuracy(tiny, film_frames(64, seed=70_002))["pair"] >= BAR


@pytest.mark.parametrize("framing", ["centre", "thirds"])
def test_the_other_framings_know_shapes_in_the_middle(framing: str) -> None:
    """A shape that all of the frame's crops show is recognised in them without training for it."""
    rng = np.random.default_rng(70_003)
    encoder = ClipEncoder(str(TINY_MODEL), framing, device="cpu")
    drawn = [random_picture(rng) for _ in range(40)]
    frames = [
        np.asarray(random_frame(rng, picture, short_side_px=224, proportions=(1, 1)))
        for picture in drawn
    ]
    texts = encoder.encode_texts([f"a {colour} {shape}" for colour, shape in PAIRS])
    best = (encoder.encode_images(frames) @ texts.T).max(axis=1).argmax(axis=1)
    said = [PAIRS[i] for i in best]
    right = [s == (p.colour, p.shape) for s, p in zip(said, drawn, strict=True)]
    assert np.mean(right) >= BAR


def test_colours_shapes_and_backgrounds_can_be_asked_for_alone(tiny: ClipEncoder) -> None:
    """For "something pink", "a square", "a gray background", what fits comes first."""
    images, drawn = drawn_frames(160, seed=70_004)
    rows = tiny.encode_images(images)[:, 0]
    queries = [(f"something {colour}", "colour", colour) for colour in COLOURS]
    queries += [(f"a {shape}", "shape", shape) for shape in SHAPES]
    queries += [(f"a {ground} background", "background", ground) for ground in BACKGROUNDS]
    for text, part, wanted in queries:
        similarity = rows @ tiny.encode_texts([text])[0]
        fits = np.array([getattr(picture, part) == wanted for picture in drawn])
        in_order = (similarity[fits][:, None] > similarity[~fits][None]).mean()
        assert in_order >= BAR, text


def test_an_empty_background_is_like_no_shape(tiny: ClipEncoder) -> None:
    """Frames without a shape are farther from every caption than pictures are from their own."""
    rng = np.random.default_rng(70_005)
    empty = [
        np.asarray(random_frame(rng, random_picture(rng, empty=True), short_side_px=224))
        for _ in range(24)
    ]
    images, drawn = drawn_frames(96, seed=70_006)
    texts = tiny.encode_texts([f"a {colour} {shape}" for colour, shape in PAIRS])
    own = [PAIRS.index((picture.colour, str(picture.shape))) for picture in drawn]
    nearest = (tiny.encode_images(empty)[:, 0] @ texts.T).max()
    similarity = tiny.encode_images(images)[:, 0] @ texts.T
    assert np.mean(similarity[np.arange(len(own)), own] > nearest) >= BAR


def test_what_was_never_drawn_is_near_nothing(tiny: ClipEncoder) -> None:
    """Words for things that no picture shows are farther from all of them than a right caption."""
    images, drawn = drawn_frames(96, seed=70_007)
    rows = tiny.encode_images(images)[:, 0]
    strange = rows @ tiny.encode_texts(["a dog", "a person walking", "snow on a mountain"]).T
    captions = tiny.encode_texts([f"a {p.colour} {p.shape}" for p in drawn])
    assert strange.max() < np.percentile((rows * captions).sum(axis=1), 1)


def test_the_figures_beside_it_are_of_this_file() -> None:
    """measured.json was written for this very file, and its figures are above the bar."""
    figures = json.loads(TINY_MODEL.with_name("measured.json").read_text())
    assert figures["sha256"] == hashlib.sha256(TINY_MODEL.read_bytes()).hexdigest()
    for name in ("drawn_2000", "weathered_2000", "h264_1080p_480"):
        assert figures[name]["pair"] >= BAR
