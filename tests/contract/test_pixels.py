"""What is decoded for a client: frames, clips, other forms of videos and images.

Every picture of the films here bears its number, so that a test can read which one it got.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.engine.engine import Engine
from core.media import edits
from core.media.probe import probe
from tests.contract.conftest import FACTS, Client
from tests.media.counter import LONG_SOUND, SIX, draw, read

N_FRAMES = 80


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A film of 80 frames at 25 fps, 192×144."""
    return draw(SIX[0], tmp_path_factory.mktemp("films")).read_bytes()


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """An empty engine that decodes."""
    opened = Engine(tmp_path / "database", probe_video=probe, studio=edits)
    yield opened
    opened.close()


@pytest.fixture
def one(ask: Client, film: bytes) -> Client:
    """A database with the film."""
    ask({"AddVideo": {"properties": {"name": "film"}}}, blobs=[film])
    return ask


VIDEO = {"FindVideo": {"_ref": 1}}


def _image(blob: bytes) -> Image.Image:
    return Image.open(io.BytesIO(blob))


def _read(blob: bytes) -> int:
    return read(np.asarray(_image(blob).convert("RGB")))


def _frames_of(blob: bytes, folder: Path, numbers: Sequence[int]) -> list[int]:
    path = folder / "answer"
    path.write_bytes(blob)
    return [read(rgb) for rgb in edits.pictures(path, numbers)]


def test_frames_extracted_as_recorded(one: Client) -> None:
    """Twenty JPEGs in the order of the spec; blobs_start, returned and status, no entities."""
    spec = {"start": 0, "stop": 79, "step": 4}
    _, answer = one(VIDEO, {"ExtractFrames": {"video_ref": 1, "frame_spec": spec}})
    assert answer == {"blobs_start": 0, "returned": 20, "status": 0}
    assert [_read(blob) for blob in one.blobs] == list(range(0, 80, 4))
    assert _image(one.blobs[0]).format == "JPEG"


def test_frames_by_list_keep_its_order(one: Client) -> None:
    """A list may go back and repeat; PNG and a smaller size where they are asked for."""
    body = {
        "video_ref": 1, "frame_spec": [40, 3, 3, 79], "as_format": "png",
        "operations": [{"type": "resize", "width": 96, "height": 72}],
    }  # fmt: skip
    one(VIDEO, {"ExtractFrames": body})
    assert [_read(blob) for blob in one.blobs] == [40, 3, 3, 79]
    assert {(_image(blob).format, _image(blob).size) for blob in one.blobs} == {("PNG", (96, 72))}


def test_frames_of_a_video_just_added(ask: Client, film: bytes) -> None:
    """The ref of an AddVideo in the same query is good for ExtractFrames."""
    add = {"AddVideo": {"_ref": 1}}
    ask(add, {"ExtractFrames": {"video_ref": 1, "frame_spec": [7]}}, blobs=[film])
    assert [_read(blob) for blob in ask.blobs] == [7]


def test_frames_beyond_the_end_fail(one: Client) -> None:
    """A number that the video does not have is named, with how many it has."""
    extract = {"ExtractFrames": {"video_ref": 1, "frame_spec": {"start": 0, "stop": 80}}}
    one.failing(VIDEO, extract, words="80")


def test_blobs_of_clips_and_frames_as_recorded(one: Client, tmp_path: Path) -> None:
    """FindClip has blobs_start and no _blob_index; FindFrame's index counts on through the answer.

    The recording: one clip, then one frame, with blobs_start 0 and 1.
    """
    span = {"frame_number_range": {"start": 10, "stop": 30}}
    one(
        VIDEO,
        {"AddClip": {"video_ref": 1, **span, "properties": {"label": "active flames"}}},
        {"AddFrame": {"video_ref": 1, "frame_number": 65}},
    )
    clip, frame = one(
        {"FindClip": {"blobs": True, "results": {"all_properties": True}}},
        {"FindFrame": {"blobs": True, "results": {"all_properties": True}}},
    )
    assert sorted(clip) == ["blobs_start", "entities", "returned", "status"]
    assert clip["blobs_start"] == 0
    assert "_blob_index" not in clip["entities"][0]
    assert (frame["blobs_start"], frame["entities"][0]["_blob_index"]) == (1, 1)
    assert _frames_of(one.blobs[0], tmp_path, list(range(21))) == list(range(10, 31))
    assert _read(one.blobs[1]) == 65
    assert _image(one.blobs[1]).format == "JPEG"


def test_frames_at_times_and_fractions(one: Client) -> None:
    """The picture of a time is the last that began by then; a fraction is one of the duration."""
    one(
        VIDEO,
        {"AddFrame": {"video_ref": 1, "time_offset": "1.0"}},
        {"AddFrame": {"video_ref": 1, "time_offset": "0:01.039"}},
        {"AddFrame": {"video_ref": 1, "time_fraction": 0.5}},
        {"AddFrame": {"video_ref": 1, "time_fraction": 1.0}},
        {"AddFrame": {"video_ref": 1, "frame_number": 2}},
    )
    one({"FindFrame": {"blobs": True}})
    assert [_read(blob) for blob in one.blobs] == [25, 25, 40, 79, 2]


def test_clips_by_times_share_no_picture(one: Client, tmp_path: Path) -> None:
    """Two clips that touch at one second: the picture that begins there is in the second only."""
    one(
        VIDEO,
        {"AddClip": {"video_ref": 1, "time_offset_range": {"start": "0", "stop": "1"}}},
        {"AddClip": {"video_ref": 1, "time_offset_range": {"start": "1", "stop": "2"}}},
        {"AddClip": {"video_ref": 1, "time_fraction_range": {"start": 0.75, "stop": 1}}},
    )
    one({"FindClip": {"blobs": True}})
    assert _frames_of(one.blobs[0], tmp_path, list(range(25))) == list(range(25))
    assert _frames_of(one.blobs[1], tmp_path, [0, 24]) == [25, 49]
    assert _frames_of(one.blobs[2], tmp_path, [0, 19]) == [60, 79]


def test_a_clip_in_another_form(one: Client, tmp_path: Path) -> None:
    """Codec, container and size of a clip are those that were asked for; fast cuts copy."""
    one(VIDEO, {"AddClip": {"video_ref": 1, "frame_number_range": {"start": 5, "stop": 24}}})
    form = {"as_codec": "xvid", "as_container": "avi"}
    small = [{"type": "resize", "width": 96}, {"type": "threshold", "value": 60}]
    one({"FindClip": {"blobs": True, "operations": small, **form}})
    (tmp_path / "clip").write_bytes(one.blobs[0])
    facts = probe(tmp_path / "clip")
    assert (facts.video_codec, facts.container, facts.width_px) == ("mpeg4", "avi", 96)
    one({"FindClip": {"blobs": True, "fast_cut": True}})
    (tmp_path / "fast").write_bytes(one.blobs[0])
    assert probe(tmp_path / "fast").video_codec == "h264"


def test_a_video_in_another_form(one: Client, film: bytes, tmp_path: Path) -> None:
    """Without a wish the stored bytes come back; an interval gives every fifth picture."""
    one({"FindVideo": {"blobs": True}})
    assert one.blobs == [film]
    every = [{"type": "interval", "start": 10, "stop": 30, "step": 5}]
    one({"FindVideo": {"blobs": True, "operations": every}})
    assert _frames_of(one.blobs[0], tmp_path, range(5)) == [10, 15, 20, 25, 30]


def test_a_video_changed_as_it_comes(ask: Client, film: bytes) -> None:
    """AddVideo stores what codec, container and operations make of the bytes."""
    crop = [{"type": "crop", "x": 0, "y": 0, "width": 96, "height": 96}]
    ask(
        {"AddVideo": {"codec": "xvid", "container": "avi", "operations": crop}},
        {"FindVideo": {"results": {"all_properties": True}}},
        blobs=[film],
    )
    (found,) = ask({"FindVideo": {"results": {"all_properties": True}}})
    entity = found["entities"][0]
    assert (entity["_frame_width"], entity["_frame_height"]) == (96, 96)
    assert entity["_frame_count"] == N_FRAMES


def test_pictures_are_counted_without_the_sound(ask: Client, tmp_path: Path) -> None:
    """Sound that goes on for a second adds to the duration, and not to the frames."""
    film = draw(LONG_SOUND, tmp_path).read_bytes()
    ask({"AddVideo": {}}, blobs=[film])
    (found,) = ask({"FindVideo": {"results": {"list": ["_frame_count", "_duration_us"]}}})
    assert found["entities"] == [{"_frame_count": 60, "_duration_us": 3_000_000}]
    extract = {"ExtractFrames": {"video_ref": 1, "frame_spec": [60]}}
    ask.failing(VIDEO, extract, words="60 frames")


def test_an_undecodable_video_changes_nothing(ask: Client) -> None:
    """Bytes that are no video fail the query, unless one like it is there already."""
    assert ask.failing({"AddVideo": {}}, blobs=[b"not a film"])["status"] == -1
    assert ask({"FindVideo": {"results": {"count": True}}})[0]["count"] == 0


def test_no_pictures_without_the_video(one: Client) -> None:
    """A clip whose video was deleted is still found, but has no bytes."""
    one(VIDEO, {"AddClip": {"video_ref": 1, "frame_number_range": {"start": 0, "stop": 9}}})
    one({"DeleteVideo": {}})
    assert one({"FindClip": {"uniqueids": True}})[0]["returned"] == 1
    one.failing({"FindClip": {"blobs": True}}, words="gone")


def test_without_a_studio_nothing_is_decoded(tmp_path: Path) -> None:
    """An engine that was opened without one says so."""
    engine = Engine(tmp_path, probe_video=lambda _: FACTS)
    query = [{"AddVideo": {"_ref": 1}}, {"ExtractFrames": {"video_ref": 1, "frame_spec": [0]}}]
    answer, _ = engine.query(query, [b"x"])
    assert isinstance(answer, dict)
    assert "decodes" in str(answer["info"])
    engine.close()


def test_a_large_video_is_not_copied(tmp_path: Path) -> None:
    """The bytes of a video go into its file from where they are."""

    class Uncopied(bytearray):
        def __bytes__(self) -> bytes:
            raise AssertionError("a second copy in memory")

    engine = Engine(tmp_path, probe_video=lambda _: FACTS)
    assert engine.query([{"AddVideo": {}}], [Uncopied(b"film")])[0] == [{"AddVideo": {"status": 0}}]
    assert engine.query([{"FindVideo": {"blobs": True}}])[1] == [b"film"]
    engine.close()
