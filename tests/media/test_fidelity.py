"""What indexing shows the model of a frame says the same as the whole frame itself."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.fidelity import GOAL, draw_grain, full, sampled, squeezed
from core.encoders.clip import ClipEncoder
from tests.conftest import TINY_MODEL


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Movement, grain and strong colours, other ones each second."""
    path = tmp_path_factory.mktemp("fidelity") / "grain.mp4"
    return draw_grain(path, "1280x720", seconds=8, scene_s=1)


def test_vectors_are_those_of_the_full_frame(film: Path) -> None:
    """The frame was scaled before, and the model can hardly tell."""
    encoder = ClipEncoder(str(TINY_MODEL))
    samples = sampled(film, encoder.input_px)
    squares = [squeezed(frame, encoder.input_px) for frame in full(film, len(samples))]
    own, plain = (encoder.encode_images(frames)[:, 0] for frames in (samples, squares))
    assert len(own) == len(plain) == 8
    assert np.sum(own * plain, axis=1).min() >= GOAL


def test_colours_are_kept(film: Path) -> None:
    """No channel is a level darker or brighter than in the full frame, as by swscale's habit."""
    samples = sampled(film, 224)
    wholes = [squeezed(frame, 224) for frame in full(film, len(samples))]
    squares = [squeezed(sample, 224) for sample in samples]
    difference = np.array(squares, np.float32) - np.array(wholes, np.float32)
    assert np.abs(difference.mean(axis=(1, 2))).max() < 0.3
