"""Frames, blobs and clips by every kind of position: stored as given, found by where they are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.contract.conftest import Client

VIDEO = {"AddVideo": {"_ref": 1, "properties": {"name": "a"}}}


def _with_frames(ask: Client, *frames: dict[str, Any]) -> None:
    adds = [{"AddFrame": {"video_ref": 1, **frame}} for frame in frames]
    ask(VIDEO, *adds, blobs=[b"video"])


def test_a_frame_as_recorded(ask: Client) -> None:
    """A frame without a label reads "None", and lists its number, label, id and own properties."""
    _with_frames(ask, {"frame_number": 65, "properties": {"scene": "x"}})
    (found,) = ask({"FindFrame": {"results": {"all_properties": True}}})
    entity = found["entities"][0]
    assert entity.pop("_uniqueid").count(".") == 2
    assert entity == {"_frame_number": 65, "_label": "None", "scene": "x"}
    assert (found["returned"], found["status"]) == (1, 0)


def test_frames_are_found_by_place_and_label(ask: Client) -> None:
    """Ranges hold their ends; lists and labels choose; one measure does not see another."""
    _with_frames(
        ask,
        {"frame_number": 10, "label": "ten"},
        {"frame_number": 20, "label": "twenty"},
        {"time_offset": "00:00:01.5", "label": "time"},
        {"time_fraction": 0.25, "label": "quarter"},
    )

    def labels(**said: Any) -> list[str]:
        (found,) = ask({"FindFrame": {**said, "results": {"list": ["_label"]}}})
        return [one["_label"] for one in found.get("entities", [])]

    assert labels(in_frame_number_range={"start": 10, "stop": 20}) == ["ten", "twenty"]
    assert labels(in_frame_number_range={"start": 11}) == ["twenty"]
    assert labels(in_time_offset_range={"stop": "1.5"}) == ["time"]
    assert labels(in_time_fraction_range={"start": 0, "stop": 1}) == ["quarter"]
    assert labels(frame_numbers=[20, 99]) == ["twenty"]
    assert labels(time_offsets=["1.500"], frame_numbers=[10]) == ["ten", "time"]
    assert labels(time_fractions=[0.25]) == ["quarter"]
    assert labels(labels=["time", "ten"]) == ["ten", "time"]
    assert labels(with_label="ten") == ["ten"]


def test_a_frame_changes_its_place(ask: Client) -> None:
    """A new position takes the place of the old one, whatever kind that was; deleting counts."""
    _with_frames(ask, {"frame_number": 10})
    ask({"UpdateFrame": {"constraints": {}, "time_fraction": 0.5, "label": "half"}})
    (found,) = ask({"FindFrame": {"results": {"all_properties": True}}})
    entity = found["entities"][0]
    entity.pop("_uniqueid")
    assert entity == {"_label": "half", "_time_fraction": 0.5}
    assert ask({"DeleteFrame": {"constraints": {"_label": ["==", "half"]}}}) == [
        {"count": 1, "status": 0}
    ]


def test_frames_belong_to_their_video(ask: Client) -> None:
    """video_ref finds a video's frames and not its clips, grouped by it if asked."""
    ask(
        VIDEO,
        {"AddFrame": {"video_ref": 1, "frame_number": 1}},
        {"AddClip": {"video_ref": 1, "frame_number_range": {"start": 0, "stop": 9}}},
        {"AddVideo": {"_ref": 2, "properties": {"name": "b"}}},
        {"AddFrame": {"video_ref": 2, "frame_number": 2}},
        blobs=[b"one", b"two"],
    )
    _, found, clips = ask(
        {"FindVideo": {"_ref": 1, "constraints": {"name": ["==", "a"]}}},
        {"FindFrame": {"video_ref": 1, "results": {"list": ["_frame_number"]}}},
        {"FindClip": {"video_ref": 1, "group_by_source": True, "uniqueids": True}},
    )
    assert found["entities"] == [{"_frame_number": 1}]
    assert [len(of) for of in clips["entities"].values()] == [1]


@pytest.mark.parametrize(
    "position",
    [
        {},
        {"frame_number": 1, "time_fraction": 0.5},
        {"time_fraction": 1.5},
        {"time_offset": "soon"},
        {"frame_number": -1},
    ],
)
def test_a_frame_is_at_exactly_one_place(ask: Client, position: dict[str, Any]) -> None:
    """No position, two, or one that cannot be: the whole query fails and leaves no video."""
    query = [VIDEO, {"AddFrame": {"video_ref": 1, **position}}]
    assert ask.failing(*query, blobs=[b"video"])["status"] == -1
    assert ask({"FindVideo": {"results": {"count": True}}})[0]["count"] == 0


def test_a_clip_of_fractions(ask: Client) -> None:
    """A clip by fractions is type 2, comes back as given, and lies inside wider fractions only."""
    span = {"start": 0.25, "stop": 0.5}
    ask(VIDEO, {"AddClip": {"video_ref": 1, "time_fraction_range": span}}, blobs=[b"v"])
    (found,) = ask({"FindClip": {"results": {"all_properties": True}}})
    entity = found["entities"][0]
    entity.pop("_uniqueid")
    assert entity == {
        "_range_type": 2,
        "_range_start": 0.25,
        "_range_stop": 0.5,
        "_time_fraction_range": span,
    }
    inside = {"in_time_fraction_range": {"start": 0.25, "stop": 0.5}, "results": {"count": True}}
    outside = {"in_time_fraction_range": {"start": 0.3}, "results": {"count": True}}
    assert [a["count"] for a in ask({"FindClip": inside}, {"FindClip": outside})] == [1, 0]


def test_a_clip_inside_times(ask: Client) -> None:
    """in_time_offset_range compares instants, not texts, and one command looks in one measure."""
    span = {"start": "9.5", "stop": "00:10.0"}
    ask(VIDEO, {"AddClip": {"video_ref": 1, "time_offset_range": span}}, blobs=[b"v"])
    wide = {"in_time_offset_range": {"start": "00:00:09.500", "stop": "0:10"}}
    (found,) = ask({"FindClip": {**wide, "results": {"count": True}}})
    assert found["count"] == 1
    two = {**wide, "in_frame_number_range": {"start": 0}}
    ask.failing({"FindClip": {**two, "uniqueids": True}}, words="exactly one")


def test_a_blob_by_url(ask: Client, tmp_path: Path) -> None:
    """The bytes stay where they are; a url is given back, found by, and read when asked for."""
    path = tmp_path / "recipe.txt"
    path.write_bytes(b"bytes")
    plain = {"AddBlob": {"properties": {"n": 1}}}
    ask(plain, {"AddBlob": {"url": path.as_uri(), "properties": {"n": 2}}}, blobs=[b"sent"])
    (found,) = ask({"FindBlob": {"urls": True, "blobs": True, "sort": "n"}})
    assert [one["_url"] for one in found["entities"]] == [None, path.as_uri()]
    assert ask.blobs == [b"sent", b"bytes"]
    assert ask({"FindBlob": {"with_url": path.as_uri(), "uniqueids": True}})[0]["returned"] == 1
    path.unlink()
    ask.failing({"FindBlob": {"blobs": True}}, words=path.name)
    ask.failing({"AddBlob": {"url": "s3://bucket/recipe.txt"}}, words="file:///")


def test_a_blob_as_recorded(ask: Client) -> None:
    """Bytes come back as they went, with their index; update and delete count."""
    ask({"AddBlob": {"properties": {"id": 1}}}, blobs=[b"\0any bytes"])
    (found,) = ask({"FindBlob": {"blobs": True, "results": {"all_properties": True}}})
    entity = found["entities"][0]
    assert entity.pop("_uniqueid").count(".") == 2
    assert entity == {"_blob_index": 0, "id": 1}
    assert (found["blobs_start"], found["returned"]) == (0, 1)
    assert ask.blobs == [b"\0any bytes"]
    again = {"AddBlob": {"properties": {"id": 1}, "if_not_found": {"id": ["==", 1]}}}
    assert ask(again, blobs=[b"other"]) == [{"info": "Object Exists!", "status": 2}]
    assert ask({"UpdateBlob": {"constraints": {"id": ["==", 1]}, "properties": {"id": 2}}}) == [
        {"count": 1, "status": 0}
    ]
    assert ask({"DeleteBlob": {"constraints": {"id": ["==", 2]}}}) == [{"count": 1, "status": 0}]
