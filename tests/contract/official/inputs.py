"""The tables and pictures that the official client's tests read, drawn as its generator has them.

Names and columns are the client's; there are fewer rows.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from PIL import Image

_RNG = random.Random(1)
_HALF = 500_000_000
_NOW = "2026-01-02T03:04:05.000006"


def make(folder: Path) -> None:
    """Write everything."""
    for name in ("images", "blobs"):
        (folder / name).mkdir(parents=True)
    persons, images = _persons(400), _images(folder)
    _save(folder, "persons", persons)
    known = _persons(60)
    _save(folder, "persons-exist-base", known)
    _save(folder, "persons-some-exist", pd.concat([known[:20], _persons(30)]))
    _save(folder, "images", images)
    _links(folder, images, persons)
    _blobs(folder)
    _descriptors(folder)
    _updates_of_persons(folder)
    _updates_of_images(folder)


def _save(folder: Path, name: str, table: pd.DataFrame) -> None:
    table.to_csv(folder / f"{name}.adb.csv", index=False)


def _ids(n: int, first: int = 0) -> list[int]:
    return _RNG.sample(range(first, first + _HALF), n)


def _traits(n: int) -> dict[str, Any]:
    return {
        "age": [_RNG.randrange(100) for _ in range(n)],
        "height": [200 * _RNG.random() for _ in range(n)],
        "has_dog": [_RNG.random() < 0.5 for _ in range(n)],
    }


def _persons(n: int) -> pd.DataFrame:
    ids = _ids(n)
    named = {"name": [f"person {i}" for i in range(n)], "lastname": "Doe", "id": ids}
    return pd.DataFrame({"EntityClass": "Person", **named, **_traits(n), "date:dob": _NOW,
                         "constraint_id": ids})  # fmt: skip


def _pictures(folder: Path, name: str, n: int, side_px: int, suffix: str = "png") -> list[str]:
    """Draw noise, which no format makes small; named relative to the folder."""
    paths = [f"images/{name}{i:04}.{suffix}" for i in range(n)]
    for i, path in enumerate(paths):
        noise = np.random.default_rng(i).integers(0, 255, (side_px, side_px, 3), dtype=np.uint8)
        Image.fromarray(noise).save(folder / path)
    return paths


def _images(folder: Path) -> pd.DataFrame:
    paths = _pictures(folder, "", 80, 90, "jpg") * 3
    n = len(paths)
    ids = _ids(n)
    return pd.DataFrame({"filename": paths, "license": [i % 10 for i in range(n)], "id": ids,
                         **_traits(n), "date:date_captured": _NOW,
                         "constraint_id": ids})  # fmt: skip


def _links(folder: Path, images: pd.DataFrame, persons: pd.DataFrame) -> None:
    pairs = list(product(images["id"][::20], persons["id"][::20]))
    table = {"ConnectionClass": "has_image", "_Image@id": [a for a, _ in pairs],
             "Person@id": [b for _, b in pairs], "confidence": 0.5}  # fmt: skip
    _save(folder, "connections-persons-images", pd.DataFrame(table))


def _blobs(folder: Path) -> None:
    np.array([1.5, 2.4, 3.3, 5.5, 9.9]).tofile(folder / "blobs/0000.blob")
    table = {"filename": ["blobs/0000.blob"] * 40, "license": [i % 10 for i in range(40)],
             "id": range(40), "constraint_id": range(40)}  # fmt: skip
    _save(folder, "blobs", pd.DataFrame(table))


def _descriptors(folder: Path, n: int = 200) -> None:
    sets = {"setA": (2048, "FaissIVFFlat", "L2"), "setB": (1025, "FaissFlat", "CS")}
    dimensions, engines, metrics = zip(*sets.values(), strict=True)
    table = {"name": list(sets), "dimensions": dimensions, "engine": engines, "metric": metrics}
    _save(folder, "descriptorset", pd.DataFrame(table))
    for name, width in zip(sets, dimensions, strict=True):
        np.save(folder / f"{name}_desc.npy", np.random.default_rng(1).random((n, width)))
        rows = {"filename": [f"{name}_desc.npy"] * n, "index": range(n), "set": name,
                "id": range(n), "label": "dog", "confidence": 0.1}  # fmt: skip
        _save(folder, name, pd.DataFrame(rows))


def _updates_of_persons(folder: Path) -> None:
    ids, ages = list(range(1000, 1100)), [_RNG.randrange(100) for _ in range(100)]

    def save(name: str, ages: Sequence[int], version: int, column: str, value: int) -> None:
        table = {"EntityClass": "Person", "id": ids, "age": ages, "version_id": version,
                 "constraint_id": ids, f"updateif_{column}": value}  # fmt: skip
        _save(folder, f"persons-update{name}", pd.DataFrame(table))

    older = [age + 200 for age in ages]
    save("", ages, 1, "<version_id", 1)
    save("-oldversion", older, 2, "<version_id", 0)
    save("-newversion", older, 2, "<version_id", 2)
    save("-olderage", older, 2, ">age", 30)


def _updates_of_images(folder: Path) -> None:
    first = _versioned(_pictures(folder, "update_", 60, 64))
    more = _versioned(list(first["filename"][:10]), _HALF)
    mixed = pd.concat([first, more], ignore_index=True).sample(frac=1, random_state=1)
    small = _versioned(_pictures(folder, "small_", 30, 32))
    large = small.assign(filename=_pictures(folder, "large_", 30, 300), version_id=2)
    large["updateif_<version_id"] = 2
    for kind, base in (("updateif", "fail_baseload"), ("forceupdate", "fail_base")):
        _save(folder, f"images_{kind}_baseload", first)
        _save(folder, f"images_{kind}_mixednew", mixed)
        _save(folder, f"images_{kind}_{base}", small)
        _save(folder, f"images_{kind}_fail_updates", large)
    # Columns that the client fills with a digest of the picture.
    digest = {"prop_blobsha1_imagesha": "", "updateif_blobsha1_imagesha": ""}
    _save(folder, "images_forceupdate_blob_baseload", small.assign(**digest))
    _save(folder, "images_forceupdate_updates", large.assign(**digest))
    sparse = _versioned(_pictures(folder, "sparse_", 40, 32))
    _save(folder, "images_sparseload_base", sparse[:20])
    _save(folder, "images_sparseload_full", sparse)


def _versioned(paths: Sequence[str], first_id: int = 0) -> pd.DataFrame:
    ids = _ids(len(paths), first_id)
    return pd.DataFrame({"filename": paths, "img_id": range(len(paths)), "license": 1, "id": ids,
                         **_traits(len(paths)), "date:date_captured": _NOW, "constraint_id": ids,
                         "version_id": 1, "updateif_<version_id": 1})  # fmt: skip
