"""The notebooks about videos: Videos, ClipsFrames, VideoVectorSearch, Operations; and images.

The film has the numbers of the notebooks' own, 165 pictures at 30 a second, 852×480, and shows in
each picture which one it is. Recorded outputs are compared whole.
"""

from __future__ import annotations

import io
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from imageio_ffmpeg import get_ffmpeg_exe
from PIL import Image

from core.engine.engine import Engine
from core.media import edits
from core.media.probe import probe
from tests.contract.conftest import Client, picture, vector
from tests.contract.recorded import ALL, ID, NONE, OK, ONE, found, plays

CREPE = {
    "name": "crepe_flambe", "id": 45, "category": "dessert", "cuisine": "French",
    "location": "Brittany", "caption": "Special Brittany flambe crepe",
}  # fmt: skip
OF_THE_FILM = {
    "_duration_us": 5500000, "_fps": 30, "_frame_count": 165, "_frame_height": 480,
    "_frame_width": 852,
}  # fmt: skip
ONCE = {"properties": CREPE, "if_not_found": {"id": ["==", 45]}}
NAMED = {"name": ["==", "crepe_flambe"]}


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The film: its left edge grows brighter by a step with each picture."""
    path = tmp_path_factory.mktemp("film") / "crepe_flambe.mp4"
    source = "color=black:s=852x480:r=30:d=5.5,format=gray,geq=lum='if(lt(X,400),60+N,20)'"
    subprocess.run(
        [get_ffmpeg_exe(), "-v", "error", "-f", "lavfi", "-i", source, "-c:v", "libx264",
         "-preset", "ultrafast", "-qp", "8", "-pix_fmt", "yuv420p", str(path)],
        check=True,
    )  # fmt: skip
    return path.read_bytes()


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """An empty engine that decodes."""
    opened = Engine(tmp_path / "database", probe_video=probe, studio=edits)
    yield opened
    opened.close()


def _number(blob: bytes) -> int:
    """Read which picture of the film it is, to about one."""
    rgb = np.asarray(Image.open(io.BytesIO(blob)).convert("L"), float)
    return round(float(rgb[:, : rgb.shape[1] // 3].mean())) - 60


def test_videos(ask: Client, film: bytes) -> None:
    """Videos: add if it is not there, found by texts that compare, updated, deleted, gone."""
    plays(ask, {"AddVideo": ONCE}, OK, film)
    some = {"name": [">=", "crepe"], "location": [">", "A"]}
    find = {"FindVideo": {"constraints": some, "blobs": True, "results": ALL}}
    entity = {"_uniqueid": ID, **OF_THE_FILM, **CREPE}
    plays(ask, find, found({"_blob_index": 0, **entity}, blobs_start=0))
    assert ask.blobs == [film]
    update = {"properties": {"contributor": "Vishakha"}, "constraints": NAMED}
    plays(ask, {"UpdateVideo": update}, ONE)
    find = {"FindVideo": {"constraints": NAMED, "results": ALL}}
    plays(ask, find, found({**entity, "contributor": "Vishakha"}))
    plays(ask, {"DeleteVideo": {"constraints": NAMED}}, ONE)
    plays(ask, find, NONE)


def test_clips_and_frames(ask: Client, film: bytes, tmp_path: Path) -> None:
    """ClipsFrames: a clip and a frame come with the video, and back as pictures."""
    clip = {"video_ref": 1, "frame_number_range": {"start": 10, "stop": 150},
            "properties": {"label": "active flames"}}  # fmt: skip
    frame = {"video_ref": 1, "frame_number": 65, "properties": {"scene": "tallest flame"}}
    video = {"AddVideo": {"_ref": 1, **ONCE}}
    assert ask(video, {"AddClip": clip}, {"AddFrame": frame}, blobs=[film]) == [OK] * 3
    small = [{"type": "resize", "width": 320, "height": 240}]
    flames, tallest = {"label": ["==", "active flames"]}, {"scene": ["==", "tallest flame"]}
    clips, frames = ask(
        {"FindClip": {"blobs": True, "constraints": flames, "fast_cut": True, "results": ALL,
                      "operations": small}},
        {"FindFrame": {"blobs": True, "constraints": tallest, "results": ALL}},
    )  # fmt: skip
    assert clips == found(
        {"_frame_number_range": {"start": 10, "stop": 150}, "_range_start": 10,
         "_range_stop": 150, "_range_type": 1, "_uniqueid": ID, "label": "active flames"},
        blobs_start=0,
    )  # fmt: skip
    assert frames == found(
        {"_blob_index": 1, "_frame_number": 65, "_label": "None", "_uniqueid": ID,
         "scene": "tallest flame"},
        blobs_start=1,
    )  # fmt: skip
    (tmp_path / "clip").write_bytes(ask.blobs[0])
    facts = probe(tmp_path / "clip")
    assert (facts.width_px, facts.height_px) == (320, 240)
    assert abs(_number(ask.blobs[1]) - 65) <= 1
    assert Image.open(io.BytesIO(ask.blobs[1])).format == "JPEG"
    gone = {"DeleteClip": flames, "DeleteFrame": tallest, "DeleteVideo": NAMED}
    assert ask(*[{name: {"constraints": of}} for name, of in gone.items()]) == [ONE] * 3


def test_video_vector_search(ask: Client, film: bytes) -> None:
    """VideoVectorSearch: five frames on the fly, a vector each, the best moment of three."""
    plays(ask, {"AddVideo": {"_ref": 1, "properties": {"name": "crepe_flambe"}}}, OK, film)
    this = {"FindVideo": {"constraints": NAMED, "_ref": 1}}
    numbers = [0, 30, 60, 90, 120]
    extract = {"video_ref": 1, "frame_spec": numbers}
    answers = ask(this, {"ExtractFrames": extract})
    assert answers == [NONE, {"blobs_start": 0, "returned": 5, "status": 0}]
    seen = [_number(blob) for blob in ask.blobs]
    assert seen == pytest.approx(numbers, abs=1)
    made = {"name": "video_frame_search", "dimensions": 2, "engine": "FaissFlat", "metric": "CS"}
    plays(ask, {"AddDescriptorSet": made}, OK)
    for number in numbers:
        of_frame = {"frame_number": number, "video_name": "crepe_flambe"}
        add = {"set": "video_frame_search", "properties": of_frame,
               "connect": {"ref": 1, "class": "has_frame_embedding"}}  # fmt: skip
        assert ask(this, {"AddDescriptor": add}, blobs=[vector(number / 30, 1)]) == [NONE, OK]
    near = {"set": "video_frame_search", "k_neighbors": 3, "distances": True, "results": ALL}
    (answer,) = ask({"FindDescriptor": near}, blobs=[vector(3, 1)])
    assert [one["frame_number"] for one in answer["entities"]] == [90, 120, 60]
    distances = [one["_distance"] for one in answer["entities"]]
    assert distances == sorted(distances, reverse=True)
    plays(ask, {"DeleteDescriptorSet": {"with_name": "video_frame_search"}}, ONE)
    assert ask(this, {"DeleteVideo": {"ref": 1}}) == [NONE, ONE]


def test_operations(ask: Client, film: bytes, tmp_path: Path) -> None:
    """Operations: a picture stored as PNG comes as a small JPEG; a video sampled on its way out."""
    out = io.BytesIO()
    Image.new("RGB", (300, 200), "orange").save(out, "JPEG")
    focaccia = {"name": "Focaccia", "id": 35, "location": "Brittany"}
    plays(ask, {"AddImage": {"properties": focaccia, "format": "png"}}, OK, out.getvalue())
    some = {"name": ["==", "Focaccia"], "location": [">", "A"]}
    small = [{"type": "resize", "width": 100, "height": 100}]
    find: dict[str, Any] = {"constraints": some, "operations": small, "blobs": True}
    shown = {"blobs_start": 0, "returned": 1, "status": 0}
    plays(ask, {"FindImage": {**find, "as_format": "jpg"}}, shown)
    picture = Image.open(io.BytesIO(ask.blobs[0]))
    assert (picture.format, picture.size) == ("JPEG", (100, 100))
    ask({"FindImage": {"blobs": True}})
    assert Image.open(io.BytesIO(ask.blobs[0])).format == "PNG"
    plays(ask, {"AddVideo": ONCE}, OK, film)
    every = {"type": "interval", "start": 30, "stop": 150, "step": 5}
    sampled = [{"type": "resize", "width": 320, "height": 240}, every]
    plays(ask, {"FindVideo": {"constraints": NAMED, "blobs": True, "operations": sampled}}, shown)
    (tmp_path / "sampled").write_bytes(ask.blobs[0])
    facts = probe(tmp_path / "sampled")
    assert (facts.width_px, facts.height_px) == (320, 240)
    assert round(facts.duration_s * facts.fps) == 25


def test_image_vector_search(ask: Client) -> None:
    """ImageVectorSearch: image and vector in one query, the images of the nearest vectors, all."""
    made = {"name": "dish_image_search", "dimensions": 2, "engine": "HNSW", "metric": "CS"}
    plays(ask, {"AddDescriptorSet": made}, OK)
    for n in range(10):
        dish = {"properties": {"dish_name": f"dish {n}", "cuisine": "Indian"}}
        embedding = {"set": "dish_image_search", "connect": {"ref": 1, "class": "has_embedding"}}
        commands = {"AddImage": {"_ref": 1, **dish}}, {"AddDescriptor": {**embedding, **dish}}
        assert ask(*commands, blobs=[picture(n), vector(n, 10)]) == [OK, OK]
    near, images = ask(
        {"FindDescriptor": {"set": "dish_image_search", "k_neighbors": 3, "distances": True,
                            "_ref": 1, "results": ALL}},
        {"FindImage": {"is_connected_to": {"ref": 1, "connection_class": "has_embedding"},
                       "blobs": False, "results": ALL}},
        blobs=[vector(9, 10)],
    )  # fmt: skip
    best = [one["dish_name"] for one in near["entities"]]
    assert best == ["dish 9", "dish 8", "dish 7"]
    assert sorted(one["dish_name"] for one in images["entities"]) == sorted(best)
    assert images == found(*images["entities"])
    plays(ask, {"DeleteDescriptorSet": {"with_name": "dish_image_search"}}, ONE)
    plays(ask, {"DeleteImage": {}}, {"count": 10, "status": 0})
