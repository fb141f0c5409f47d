"""The pictures that a player shows at given times, as a plain stream."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.media.frames import Sampling, read_samples
from core.model import VideoFacts


@dataclass(frozen=True, slots=True)
class Frame:
    """The picture a player shows at `time_s`: uint8 RGB (height, width, 3), upright."""

    time_s: float
    rgb: NDArray[np.uint8]


def frames(
    path: Path, facts: VideoFacts, *, every_s: float = 1.0, short_side_px: int = 224
) -> Generator[Frame, None, None]:
    """Yield the frames at 0, every_s, 2·every_s … before the video's end, at least one.

    Their short side is `short_side_px`, their proportions those of the shown picture. Close the
    generator to end ffmpeg early. Raises what `read_samples` and its iteration do.
    """
    sampling = Sampling(every_s, "exact", wants_shots=False)
    with closing(read_samples(facts, path, sampling, size_px=short_side_px)) as samples:
        for sample in samples:
            yield Frame(sample.time_s, sample.frame)
