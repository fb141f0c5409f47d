"""Each format from a file to a found moment: added, indexed by a worker, searched, at its time.

The model of these tests reads the number off a picture: a query names one frame and no other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from core.bootstrap import open_app
from core.model import EncoderInfo, IndexState
from core.settings import Settings
from tests.fakes import ColourEncoder
from tests.media.counter import N_BITS, Kind, read
from tests.media.formats import EVERY, STRANGE

FilmOf = Callable[[Kind], Path]
EVERY_S = 0.24
_SLACK_S = 0.001  # containers round the times of their frames


class CounterEncoder(ColourEncoder):
    """Encodes pictures by the number they show, and "frame 30" as that; other texts as nothing."""

    def info(self) -> EncoderInfo:
        return EncoderInfo("tests", "counter", "computed", "whole", N_BITS + 1, 1)

    def encode_images(self, images: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        rows = [_vector(read(image)) for image in images]
        return np.array(rows, np.float32).reshape(len(images), 1, N_BITS + 1)

    def encode_texts(self, texts: Sequence[str]) -> NDArray[np.float32]:
        words = [text.removeprefix("frame ") for text in texts]
        return np.array(
            [_vector(int(word) if word.isdecimal() else None) for word in words], np.float32
        )


def _vector(number: int | None) -> NDArray[np.float32]:
    row = np.zeros(N_BITS + 1, np.float32)
    if number is None:
        row[-1] = 1
    else:
        row[:N_BITS] = [1 if (number >> bit) & 1 else -1 for bit in range(N_BITS)]
    return row / np.linalg.norm(row)


@pytest.mark.parametrize("kind", [pytest.param(kind, id=kind.name) for kind in (*EVERY, *STRANGE)])
def test_a_format_is_searchable(film_of: FilmOf, settings: Settings, kind: Kind) -> None:
    """Every clip's frame is found where a player shows it, by a search for that frame."""
    app = open_app(Settings(data=settings.data, every_s=EVERY_S), encoder=CounterEncoder())
    video_id = app.intake.add_file(film_of(kind)).video.video_id
    app.worker().drain([video_id])
    video = app.library.video(video_id)
    assert (video.state, video.error) == (IndexState.READY, None)
    clips = app.library.clips(video_id)
    distinct = {kind.frame_at(k * EVERY_S) for k in range(int(video.facts.duration_s / EVERY_S))}
    assert len(clips) >= 0.8 * len(distinct), "none of them look alike"
    for clip in (clips[0], clips[len(clips) // 2], clips[-1]):
        number = kind.frame_at(clip.best_s + _SLACK_S)
        (moment,) = app.searcher.search(f"frame {number}", limit=1).moments
        assert (moment.video_id, moment.best_s) == (video_id, clip.best_s)
        assert moment.score == pytest.approx(1, abs=1e-3)
        assert moment.span.start_s <= moment.best_s < moment.span.end_s
    app.close()
