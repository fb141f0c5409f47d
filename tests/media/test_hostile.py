"""Damaged and lying files: a sentence or a video, in time, and nothing else on the machine touched.

Sixty damaged files in each run; REELSEEK_MUTATIONS=500 takes that many.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from core.errors import DiskFullError, MediaError
from core.media import proxy
from core.media.frames import Sampling, read_samples
from core.media.probe import probe
from tests.media.mutations import draw_seeds, mutated

N_MUTATIONS = int(os.environ.get("REELSEEK_MUTATIONS", "60"))
LIMIT_S = 60.0  # what probing may take at most, see core.media.probe
FFMPEGS_OWN_WORDS = ("0x", "Invalid", "ffmpeg", "\n", "Error", "moov", "None")


@pytest.fixture(scope="module")
def seeds(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    return draw_seeds(tmp_path_factory.mktemp("seeds"))


def outcome(path: Path, *, makes_copy: bool = False) -> str:
    """What becomes of a file: "taken", or the sentence that it is refused with.

    Anything else is an exception that no caller expects.
    """
    try:
        facts = probe(path)
        assert facts.duration_s > 0
        assert facts.width_px > 0
        assert facts.height_px > 0
        # No more samples than a hundred, however long it says it is.
        every_s = max(0.5, facts.duration_s / 100)
        with read_samples(facts, path, Sampling(every_s), size_px=(64, 48)) as samples:
            times_s = [sample.time_s for sample in samples]
        assert times_s
        assert times_s == sorted(times_s)
        if makes_copy and proxy.needed(facts) != "direct" and facts.duration_s < 60:
            copy = path.with_name("copy.mp4")
            proxy.make(path, facts, copy, on_progress=lambda _: None, cancelled=lambda: False)
            assert probe(copy).duration_s > 0
    except (MediaError, DiskFullError) as refusal:
        return str(refusal)
    return "taken"


@pytest.mark.parametrize("number", range(N_MUTATIONS))
def test_a_damaged_file(seeds: dict[str, bytes], tmp_path: Path, number: int) -> None:
    """It is taken and decodes, or is refused with a sentence; soon, and nothing is left running."""
    name, data = mutated(number * 37 % max(500, N_MUTATIONS), seeds)  # a few of all containers
    path = tmp_path / name
    path.write_bytes(data)
    start_s = time.monotonic()
    said = outcome(path, makes_copy=number % 4 == 0)
    assert time.monotonic() - start_s < LIMIT_S
    if said != "taken":
        assert said.endswith(".")
        assert not any(word in said for word in FFMPEGS_OWN_WORDS), said
    assert {found.name for found in tmp_path.iterdir()} <= {name, "copy.mp4"}
