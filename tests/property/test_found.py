"""What chance has found once, each as the smallest query that shows it."""

from __future__ import annotations

import io
import json
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from core.engine import pictures
from core.engine.engine import Engine
from core.engine.vectors import cache, rows_file
from tests.contract.conftest import FACTS

LISTED = {"results": {"list": ["n"]}}


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """An engine on an empty folder."""
    opened = Engine(tmp_path / "database", probe_video=lambda _: FACTS)
    yield opened
    opened.close()


def answers(engine: Engine, *commands: Any, blobs: tuple[bytes, ...] = ()) -> list[Any]:
    """Give the bodies of the answers."""
    answer, _ = engine.query(list(commands), blobs)
    assert isinstance(answer, list), answer
    json.dumps(answer, allow_nan=False)
    return [body for one in answer for body in one.values()]


def refusal(engine: Engine, *commands: Any, blobs: tuple[bytes, ...] = ()) -> str:
    """Give the sentence of a query that fails."""
    answer, _ = engine.query(list(commands), blobs)
    assert isinstance(answer, dict), answer
    return str(answer["info"])


def add(**properties: Any) -> dict[str, Any]:
    return {"AddEntity": {"class": "A", "properties": properties}}


def find(**body: Any) -> dict[str, Any]:
    return {"FindEntity": {"with_class": "A", **LISTED, **body}}


def image(width: int = 12, height: int = 8) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height)).save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize("value", [10**5000, -(10**5000)], ids=["above", "below"])
def test_a_number_too_long_to_be_written(engine: Engine, value: int) -> None:
    """It is refused, though Python itself cannot show it."""
    assert "bits" in refusal(engine, find(limit=value))
    assert "bits" in refusal(engine, add(n=value))


def test_half_a_character_in_a_url(engine: Engine) -> None:
    """A lone surrogate, which JSON can carry and SQLite cannot, is refused."""
    assert "surrogate" in refusal(engine, {"FindVideo": {"with_url": "\ud800", "blobs": True}})


def test_a_sum_beyond_floats(engine: Engine) -> None:
    """It is null, as JSON has no infinity."""
    asked = {"sum": "x", "average": "x", "max": "x"}
    *_, found = answers(engine, add(x=1e308), add(x=1e308), find(results=asked))
    assert (found["_sum"], found["_avg"], found["_max"]) == ({"x": None}, {"x": None}, {"x": 1e308})


def test_the_average_of_the_last_dates(engine: Engine) -> None:
    """It is no date of the year 10000."""
    last = {"_date": "9999-12-31T23:59:59.999999+00:00"}
    *_, found = answers(engine, add(d=last), add(d=last), find(results={"average": "d"}))
    assert found["_avg"] == {"d": last}


@pytest.mark.parametrize("command", [add() | {}, find()])
def test_a_key_that_is_no_text(engine: Engine, command: dict[str, Any]) -> None:
    """A query of Python objects may have one; it is refused."""
    ((name, body),) = command.items()
    key = "properties" if name == "AddEntity" else "constraints"
    assert "cannot be used" in refusal(engine, {name: {**body, key: {3: ["==", 1]}}})


def test_a_signalling_nan(engine: Engine) -> None:
    """It is refused like any other number that is none, without a warning."""
    answers(engine, {"AddDescriptorSet": {"name": "s", "dimensions": 1}})
    blob = struct.pack("<I", 0x7F800001)
    assert "not finite" in refusal(engine, {"AddDescriptor": {"set": "s"}}, blobs=(blob,))


def test_a_sequence_of_dates(engine: Engine) -> None:
    """Dates are found in a sequence however either is written."""
    days = [{"_date": f"2020-01-0{n}"} for n in (1, 2, 3)]
    sort = {"key": "d", "sequence": [{"_date": "2020-01-03T01:00:00+01:00"}, days[0]]}
    adds = [add(n=n, d=day) for n, day in enumerate(days, 1)]
    *_, found = answers(engine, *adds, find(sort=sort))
    assert [one["n"] for one in found["entities"]] == [3, 1, 2]


def test_a_batch_after_the_last(engine: Engine) -> None:
    """Its end is the total, by which clients know that they are done."""
    *_, found = answers(engine, add(n=1), find(batch={"batches": 9, "batch_id": 9}))
    assert found["batch"] == {"batch_id": 9, "start": 1, "end": 1, "total_elements": 1}


def test_the_schema_after_an_index(engine: Engine) -> None:
    """An index on one class hides nothing of the others, also from statements prepared before."""
    index = {"index_type": "entity", "class": "A", "property_key": "n"}
    other = {"AddEntity": {"class": "B", "properties": {"n": 1}}}
    before = answers(engine, add(n=1), other, {"GetSchema": {}})[-1]
    after = answers(engine, {"CreateIndex": index}, {"GetSchema": {}})[-1]
    assert after["entities"]["classes"]["B"] == before["entities"]["classes"]["B"]
    assert after["entities"]["classes"]["A"]["properties"] == {"n": [1, True, "Number"]}


def test_frames_as_entities(engine: Engine) -> None:
    """FindEntity lists of a frame what FindFrame lists."""
    frame = {"AddFrame": {"video_ref": 1, "time_offset": "0:01"}}
    answers(engine, {"AddVideo": {"_ref": 1}}, frame, blobs=(b"v",))
    listed = {"results": {"all_properties": True}}
    one, other = answers(
        engine, {"FindFrame": listed}, {"FindEntity": {**listed, "with_class": "_Frame"}}
    )
    assert one["entities"] == other["entities"]


def test_a_ref_that_nobody_named(engine: Engine) -> None:
    """It is refused wherever it stands, also where nothing hangs on it."""
    assert "No earlier" in refusal(engine, find(results={}, is_connected_to={"ref": 7}))
    connect = {"AddConnection": {"class": "C", "src": 1, "dst": 7}}
    assert "No earlier" in refusal(engine, find(_ref=1), connect)


def test_null_in_a_list(engine: Engine) -> None:
    """What an object lacks is null, whether the property is stored or counted."""
    for name in ("_count", "nothing"):
        for said, n in ((["in", [1, None]], 1), (["not in", [1, None]], 0)):
            asked = find(constraints={name: said, "n": ["==", 1]}, results={"count": True})
            answers(engine, {"DeleteEntity": {"with_class": "A"}})
            assert answers(engine, add(n=1), asked)[-1]["count"] == n, (name, said)


@pytest.mark.parametrize(
    "operations",
    [
        [{"type": "rotate", "angle": 45, "resize": True}] * 40,
        [{"type": "rotate", "angle": float("inf")}],
        [{"type": "rotate", "angle": 10**400}],
        [{"type": "resize", "width": 65_535, "height": 1}],
    ],
    ids=["grows", "endless", "huge", "long"],
)
def test_operations_that_lead_too_far(
    engine: Engine, operations: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A picture that would be too large or has no size is refused before it is made."""
    monkeypatch.setattr(pictures, "MOST_PIXELS", 70_000)
    said = {"AddImage": {"operations": operations, "format": "jpg"}}
    assert refusal(engine, said, blobs=(image(),))


def test_an_image_that_is_a_program(engine: Engine) -> None:
    """PostScript is no image here: Pillow would start an interpreter for it."""
    blob = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\nshowpage\n"
    operations = [{"type": "flip", "code": 0}]
    assert "no image" in refusal(engine, {"AddImage": {"operations": operations}}, blobs=(blob,))


def test_an_image_that_never_ends(engine: Engine) -> None:
    """A device at an image's url is not read."""
    answers(engine, {"AddImage": {"url": "file:///dev/zero"}})
    assert "no such file" in refusal(engine, {"FindImage": {"blobs": True}})


def test_leftovers_beside_the_vectors(tmp_path: Path) -> None:
    """Files that no head names are removed as the database is opened, unless somebody writes."""
    folder = tmp_path / "vectors"
    folder.mkdir()
    for name in ("1.lock", "1-0a.rows", "1-0a.ids", "1.json.77.new", "2.lock", "2-0b.rows",
                 "3.graph.lock", "3-0c.graph", "3-0c.nodes", "3.graph.json.7.new"):  # fmt: skip
        (folder / name).write_bytes(b"")
    with rows_file.locked(folder, 2):
        Engine(tmp_path, probe_video=lambda _: FACTS).close()
    left = {path.name for path in folder.iterdir()}
    assert left == {"1.lock", "2.lock", "2-0b.rows", "3.graph.lock"}


def test_the_files_of_a_deleted_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are removed at the next opening, though no other set is ever searched."""
    monkeypatch.setattr(cache, "FLUSH_BYTES", 1)
    engine = Engine(tmp_path, probe_video=lambda _: FACTS)
    answers(engine, {"AddDescriptorSet": {"name": "s", "dimensions": 1}})
    answers(engine, {"AddDescriptor": {"set": "s"}}, blobs=(b"\0" * 4,))
    near = {"FindDescriptor": {"set": "s", "k_neighbors": 1, "distances": True}}
    answers(engine, near, blobs=(b"\0" * 4,))
    assert list((tmp_path / "vectors").glob("*.rows"))
    answers(engine, {"DeleteDescriptorSet": {}})
    engine.close()
    Engine(tmp_path, probe_video=lambda _: FACTS).close()
    assert list((tmp_path / "vectors").iterdir()) == []
