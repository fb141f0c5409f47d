"""A video whose sound is longer than its pictures: beyond the last one, that one stands in.

The number of its pictures is taken from the length of the whole here, as it is where the last
packets do not tell, and was in older libraries: 90 are promised, and 60 are there.
"""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from core.engine.engine import Engine
from core.media import edits
from core.media.probe import probe
from core.media.timetable import frame_times_s
from core.model import VideoFacts
from tests.contract.conftest import Client
from tests.media.counter import LONG_SOUND, draw, read


def _by_length(path: Path) -> VideoFacts:
    return dataclasses.replace(probe(path), pictures_s=None)


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A film of 60 frames at 30 fps, with three seconds of sound."""
    return draw(LONG_SOUND, tmp_path_factory.mktemp("films")).read_bytes()


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """An empty engine that decodes, and counts pictures by the length of the whole."""
    opened = Engine(tmp_path / "database", probe_video=_by_length, studio=edits)
    yield opened
    opened.close()


@pytest.fixture
def one(ask: Client, film: bytes) -> Client:
    """A database with the film."""
    ask({"AddVideo": {"properties": {"name": "film"}}}, blobs=[film])
    return ask


VIDEO = {"FindVideo": {"_ref": 1}}


def _shown(blobs: list[bytes]) -> list[int]:
    return [read(np.asarray(Image.open(io.BytesIO(blob)))) for blob in blobs]


@pytest.mark.parametrize(
    ("spec", "shown"),
    [
        ([10, 85], [10, 59]),
        ([85, 10, 20, 30, 85], [59, 10, 20, 30, 59]),
        ([85], [59]),
        ([59, 60], [59, 59]),
        ({"start": 0, "stop": 88, "step": 11}, [0, 11, 22, 33, 44, 55, 59, 59, 59]),
        ({"start": 70, "stop": 80}, [59] * 11),
    ],
)
@pytest.mark.parametrize("seek_from", [250, 3])
def test_frames_extracted_beyond_the_last(
    one: Client, spec: Any, shown: list[int], seek_from: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever else is asked for, and whether or not ffmpeg is sent to the place."""
    monkeypatch.setattr(edits, "SEEK_FROM", seek_from)
    _, answer = one(VIDEO, {"ExtractFrames": {"video_ref": 1, "frame_spec": spec}})
    assert answer["returned"] == len(shown)
    assert _shown(one.blobs) == shown


@pytest.mark.parametrize("numbers", [[85], [10, 85], [85, 20, 10]])
def test_frames_found_beyond_the_last(one: Client, numbers: list[int]) -> None:
    """A frame answers the same alone and beside others."""
    one(VIDEO, *({"AddFrame": {"video_ref": 1, "frame_number": number}} for number in numbers))
    one({"FindFrame": {"blobs": True}})
    assert _shown(one.blobs) == [min(number, 59) for number in numbers]


@pytest.mark.parametrize("how", [{}, {"fast_cut": True}, {"as_codec": "xvid"}])
def test_a_clip_beyond_the_last_does_not_spoil_the_others(
    one: Client, how: dict[str, Any], tmp_path: Path
) -> None:
    """The three clips of ApertureDB's workflow, the last where there is sound only."""
    spans = [{"start": 0, "stop": 30}, {"start": 30, "stop": 60}, {"start": 60, "stop": 90}]
    one(VIDEO, *({"AddClip": {"video_ref": 1, "frame_number_range": span}} for span in spans))
    one({"FindClip": {"blobs": True, **how}})
    ends = []
    for blob in one.blobs:
        (tmp_path / "clip").write_bytes(blob)
        n = len(frame_times_s(tmp_path / "clip"))
        ends.append([read(rgb) for rgb in edits.pictures(tmp_path / "clip", [0, n - 1])])
    if "fast_cut" not in how:  # which begins at the key frame before
        assert ends == [[0, 30], [30, 59], [59, 59]]
    assert ends[2][1] == 59
