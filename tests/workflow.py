"""Writes a library as ApertureDB's Embeddings Extraction workflow does, query by query.

After apps/embeddings-extraction/app/{extract_embeddings,videos}.py: the set, then of each video
that is not done one query that reads frames and one that writes clips, vectors and edges. Nothing
in it is Reelseek's: no ids, no properties on clips and vectors, vectors not at unit length.

And opens a set as all of ApertureDB's programs do, after base/docker/scripts/embeddings/
{embeddings,aperturedb_io}.py: what they ask for, what they insist on, how they search it.
"""

from __future__ import annotations

import hashlib
import io
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

SET = "wf_embeddings_clip_video"
DONE = f"{SET}_extraction_done"
UNDONE = {DONE: ["!=", True]}
SIDE_PX = 224
PAGE = 2  # videos that it asks for at a time
PROVIDERS = ("clip", "openclip", "gpt4all", "sentence-transformers")  # that it can load
_NOT_UNIT = 9.3  # about how long CLIP's own vectors are

Answer = tuple[list[dict[str, Any]], list[bytes]]


class Model(Protocol):
    """The embedder of the workflow, so far as it is Reelseek's."""

    def encode_images(self, images: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """Give unit rows, (n, 1, dimensions)."""

    def encode_texts(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Give unit rows, (n, dimensions)."""


def ingest(database: Any, films: Mapping[str, Path]) -> None:
    """Add videos as other programs do: their bytes and a property or two of their own."""
    for name, path in films.items():
        _ask(database, [{"AddVideo": {"properties": {"source": name}}}], [path.read_bytes()])


def run(
    database: Any, model: Model, *, dimensions: int, made_by: Mapping[str, str],
    samples_per_s: float = 1.0,
) -> int:  # fmt: skip
    """Extract what is not done yet; how many videos that were.

    Args:
        database: anything with `query`.
        model: makes the vectors.
        dimensions: of these.
        made_by: provider, model and pretrained, as the workflow's arguments name them.
        samples_per_s: frames that are looked at.
    """
    _ensure_set(database, model, dimensions, made_by)
    counted = {"constraints": UNDONE, "results": {"count": True}}
    answer, _ = _ask(database, [{"FindVideo": counted}])
    n_videos = int(answer[0]["FindVideo"]["count"])
    for page in range(math.ceil(n_videos / PAGE)):
        for video in _page(database, page):
            _extract(database, model, video, samples_per_s)
    return n_videos


def _page(database: Any, page: int) -> list[dict[str, Any]]:
    """Ask for some of what is not done, while it is being done: the pages must not shift."""
    find = {"constraints": UNDONE, "uniqueids": True, "results": {"all_properties": True},
            "batch": {"batch_size": PAGE, "batch_id": page}}  # fmt: skip
    answer, _ = _ask(database, [{"FindVideo": find}])
    found: list[dict[str, Any]] = answer[0]["FindVideo"].get("entities", [])
    return found


def opened(database: Any, name: str) -> dict[str, Any]:
    """Open a set for reading (`Embedder.from_existing_descriptor_set`); the model it then loads."""
    found = _find_set(database, name)
    assert found is not None, f"Descriptor set '{name}' not found."
    model = {key: found.get(f"embeddings_{key}") for key in ("provider", "model", "pretrained")}
    assert all(model.values()), f"Properties must contain all of {list(model)}: {found}"
    assert model["provider"] in PROVIDERS, f"Unsupported provider: {model['provider']}"
    return model


def find_similar(database: Any, model: Model, name: str, text: str, k: int) -> list[dict[str, Any]]:
    """Search a set by words as it does once it is open; the descriptors, best first."""
    find = {"set": name, "k_neighbors": k, "distances": True, "results": {"all_properties": True}}
    row = (model.encode_texts([text])[0] * np.float32(_NOT_UNIT)).astype("<f4")
    answer, _ = _ask(database, [{"FindDescriptor": find}], [row.tobytes()])
    found: list[dict[str, Any]] = answer[0]["FindDescriptor"]["entities"]
    return found


def _find_set(database: Any, name: str) -> dict[str, Any] | None:
    listed = [f"embeddings_{key}" for key in ("provider", "model", "pretrained", "fingerprint")]
    find = {"with_name": name, "results": {"list": listed}, "metrics": True, "dimensions": True}
    answer, _ = _ask(database, [{"FindDescriptorSet": find}])
    return next(iter(answer[0]["FindDescriptorSet"].get("entities", [])), None)


def _ensure_set(database: Any, model: Model, dimensions: int, made_by: Mapping[str, str]) -> None:
    """Open the set for writing (`Embedder.from_new_descriptor_set`), or add it.

    Of one that is there, the three names must be those that were asked for. (As published it looks
    for them under keys that it did not ask for, and so refuses every set, its own too.)
    """
    assert made_by["provider"] in PROVIDERS
    if _find_set(database, SET) is not None:
        there = opened(database, SET)
        assert there == made_by, f"Mismatch: {made_by} != {there}"
        return
    row = model.encode_texts(["ApertureDB"])[0] * np.float32(_NOT_UNIT)
    properties = {
        "type": "video",
        "embeddings": " ".join(made_by[key] for key in ("provider", "model", "pretrained")),
        **{f"embeddings_{key}": value for key, value in made_by.items()},
        "embeddings_fingerprint": hashlib.sha256(row.tobytes()).hexdigest(),
    }
    add = {"name": SET, "dimensions": dimensions, "engine": "HNSW", "metric": "CS"}
    _ask(database, [{"AddDescriptorSet": {**add, "properties": properties}}])


def _extract(database: Any, model: Model, video: dict[str, Any], samples_per_s: float) -> None:
    step, n_frames = math.ceil(video["_fps"] / samples_per_s), int(video["_frame_count"])
    this = {"FindVideo": {"_ref": 1, "constraints": {"_uniqueid": ["==", video["_uniqueid"]]}}}
    extract = {
        "video_ref": 1,
        "frame_spec": list(range(0, n_frames, step)),
        "as_format": "jpg",
        "operations": [{"type": "resize", "width": SIDE_PX, "height": SIDE_PX}],
    }
    _, jpegs = _ask(database, [this, {"ExtractFrames": extract}])
    frames = [np.asarray(Image.open(io.BytesIO(jpeg)).convert("RGB")) for jpeg in jpegs]
    commands: list[dict[str, Any]] = [this]
    for i in range(len(frames)):
        commands += _sample(i, i * step, min((i + 1) * step, n_frames))
    commands.append({"UpdateVideo": {"ref": 1, "properties": {DONE: True}}})
    rows = model.encode_images(frames)[:, 0] * np.float32(_NOT_UNIT)
    _ask(database, commands, [row.astype("<f4").tobytes() for row in rows])


def _sample(i: int, start: int, stop: int) -> list[dict[str, Any]]:
    clip, descriptor, frames = 2 * i + 2, 2 * i + 3, {"start": start, "stop": stop}
    to_clip = {"ref": clip, "class": "ClipHasDescriptor"}
    edge = {"class": "VideoHasDescriptor", "src": 1, "dst": descriptor, "properties": frames}
    return [
        {"AddClip": {"_ref": clip, "video_ref": 1, "frame_number_range": frames}},
        {"AddDescriptor": {"_ref": descriptor, "set": SET, "connect": to_clip}},
        {"AddConnection": edge},
    ]


def _ask(database: Any, commands: list[dict[str, Any]], blobs: Sequence[bytes] = ()) -> Answer:
    response, out = database.query(commands, list(blobs))
    assert isinstance(response, list), response
    return response, out
