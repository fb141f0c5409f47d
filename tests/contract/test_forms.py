"""The codecs and containers in which a client gets videos and clips."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.engine.engine import Engine
from core.media import edits
from core.media.probe import probe
from tests.contract.conftest import Client
from tests.media.counter import SIX, draw, read

SMALL = [{"type": "resize", "width": 96}]


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A film of 80 frames at 25 fps, H.264 in MP4."""
    return draw(SIX[0], tmp_path_factory.mktemp("films")).read_bytes()


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """An empty engine that decodes."""
    opened = Engine(tmp_path / "database", probe_video=probe, studio=edits)
    yield opened
    opened.close()


def _form(blob: bytes, folder: Path) -> tuple[str, str, int]:
    """Codec, container and the number of the sixth picture."""
    path = folder / "answer"
    path.write_bytes(blob)
    (rgb,) = edits.pictures(path, [5])
    container = {b"ftypqt  ": "mov", b"ftypisom": "mp4"}.get(blob[4:12], blob[8:11].decode())
    return probe(path).video_codec, container, read(rgb)


@pytest.mark.parametrize("how", [{}, {"operations": SMALL}])
def test_h263_goes_to_mov_by_itself(
    ask: Client, film: bytes, how: dict[str, Any], tmp_path: Path
) -> None:
    """MP4 has no name for it: asked for alone, it comes in MOV; stored, found and as a clip."""
    ask({"AddVideo": {"_ref": 1}},
        {"AddClip": {"video_ref": 1, "frame_number_range": {"start": 20, "stop": 40}}},
        blobs=[film])  # fmt: skip
    ask({"FindVideo": {"blobs": True, "as_codec": "h263", **how}})
    assert _form(ask.blobs[0], tmp_path) == ("h263", "mov", 5)
    ask({"FindClip": {"blobs": True, "as_codec": "h263", **how}})
    assert _form(ask.blobs[0], tmp_path) == ("h263", "mov", 25)
    ask({"AddVideo": {"codec": "h263", "properties": {"n": 2}, **how}}, blobs=[film])
    ask({"FindVideo": {"blobs": True, "constraints": {"n": ["==", 2]}}})
    assert _form(ask.blobs[0], tmp_path) == ("h263", "mov", 5)


@pytest.mark.parametrize(
    ("how", "codec", "container", "first"),
    [
        ({}, "h263", "mov", 25),
        ({"operations": SMALL}, "h263", "mov", 25),
        ({"as_container": "avi"}, "h263", "AVI", 25),
        ({"as_container": "mp4"}, "h264", "mp4", 25),
        ({"as_codec": "xvid"}, "mpeg4", "mp4", 25),
        ({"fast_cut": True}, "h263", "mov", None),
        ({"fast_cut": True, "as_container": "mp4"}, "h264", "mp4", 25),
    ],
)
def test_clips_of_an_h263_video(
    ask: Client, film: bytes, how: dict[str, Any], codec: str, container: str, first: int | None,
    tmp_path: Path,
) -> None:  # fmt: skip
    """A clip keeps codec and container; in MP4, if that is wished, it is H.264."""
    ask({"AddVideo": {"_ref": 1, "codec": "h263", "container": "mov"}},
        {"AddClip": {"video_ref": 1, "frame_number_range": {"start": 20, "stop": 40}}},
        blobs=[film])  # fmt: skip
    ask({"FindClip": {"blobs": True, **how}})
    form = _form(ask.blobs[0], tmp_path)
    assert form[:2] == (codec, container)
    assert first in (None, form[2])  # a fast cut begins at the key frame before


def test_why_a_form_is_impossible(ask: Client, film: bytes) -> None:
    """The sentence has ffmpeg's reason, without places in its memory or on the disk."""
    ask({"AddVideo": {}}, blobs=[film])
    large = [{"type": "resize", "width": 4096, "height": 4096}]
    info = ask.failing({"FindVideo": {"blobs": True, "as_codec": "h263", "operations": large}})
    assert "(H.263 does not support" in info["info"]
    assert "0x" not in info["info"]
    assert "file:" not in info["info"]


def test_an_interval_beyond_the_end(ask: Client, film: bytes) -> None:
    """No video without a picture, but a sentence."""
    ask({"AddVideo": {}}, blobs=[film])
    late = [{"type": "interval", "start": 80, "stop": 90}]
    assert (
        "none of the pictures"
        in ask.failing({"FindVideo": {"blobs": True, "operations": late}})["info"]
    )
