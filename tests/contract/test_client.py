"""The official client's own tools on the embedded engine, unchanged."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from core.wire.client import import_client
from tests.contract.conftest import SET
from tests.ingest.conftest import draw


def test_the_query_of_the_page_on_video_embeddings(indexed: Any) -> None:
    """ApertureDB's own query for moments runs character for character, scoped to a video or not."""
    client = indexed
    text_embedding = np.array([1, 0, 0, 1])

    # fmt: off
    q = [{"FindDescriptor": {"set": "wf_embeddings_clip_video", "k_neighbors": 5, "distances": True, "_ref": 1}},  # noqa: E501
         {"FindClip": {"is_connected_to": {"ref": 1}, "blobs": False, "results": {"all_properties": True}}}]  # noqa: E501
    # fmt: on
    response, _ = client.query(q, [text_embedding.astype("float32").tobytes()])

    near, clips = response[0]["FindDescriptor"], response[1]["FindClip"]
    distances = [entity["_distance"] for entity in near["entities"]]
    assert distances[0] == pytest.approx(1)
    assert distances == sorted(distances, reverse=True)
    assert clips["returned"] == 5
    assert {
        "_frame_number_range",
        "_range_start",
        "_range_stop",
        "_range_type",
        "_uniqueid",
    } == set(clips["entities"][0])

    q[0]["FindDescriptor"]["constraints"] = {"video_id": ["==", "cooking-tutorial-001"]}
    response, _ = client.query(q, [text_embedding.astype("float32").tobytes()])
    assert response[0]["FindDescriptor"]["returned"] == 3
    assert response[1]["FindClip"]["returned"] == 3


def test_bookkeeping_of_the_connector(client: Any) -> None:
    """Responses, blobs and statuses are kept as the client's users read them."""
    response, blobs = client.query([{"GetStatus": {}}])
    assert (client.get_response(), client.get_blobs()) == (response, blobs)
    assert json.loads(client.get_last_response_str()) == response
    assert client.last_query_ok()
    assert client.check_status(response) == 0
    assert client.get_last_query_time() >= 0
    client.query([{"Nonsense": {}}])
    assert not client.last_query_ok()


def test_what_json_cannot_say_arrives_as_over_the_wire(client: Any) -> None:
    """Queries may be text; tuples become lists and foreign values strings, as in the client."""
    response, _ = client.query('[{"GetStatus": {}}]')
    assert response[0]["GetStatus"]["status"] == 0
    properties = {"path": Path("/films/a.mp4"), "n": np.float64(0.5)}
    client.query([{"AddEntity": {"class": "A", "properties": properties}}])
    find = {"with_class": "A", "results": {"list": ("path", "n")}}
    response, _ = client.query(({"FindEntity": find},))
    assert response[0]["FindEntity"]["entities"] == [{"n": 0.5, "path": "/films/a.mp4"}]


def test_clones_share_the_engine(client: Any) -> None:
    """A clone sees what the original wrote; closing one does not end the other."""
    clone = client.clone()
    client.query([{"AddEntity": {"class": "A"}}])
    client.close()
    response, _ = clone.query([{"FindEntity": {"with_class": "A", "results": {"count": True}}}])
    assert response[0]["FindEntity"]["count"] == 1


def test_a_connector_with_credentials_just_works(client: Any) -> None:
    """Nobody has to log in to a database in their own process, but may."""
    client.authenticate(client.shared_data, "admin", "admin", "")
    assert client.authenticated
    assert client.query([{"GetStatus": {}}])[0][0]["GetStatus"]["info"] == "OK"


def test_a_pool_serves_threads(client: Any) -> None:
    """The client's ConnectionPool hands out clones to many threads at once."""
    _, pool_of = import_client()
    pool = pool_of(3, connection_factory=client.clone)
    add = [{"AddEntity": {"class": "A"}}]
    threads = [threading.Thread(target=lambda: [pool.query(add) for _ in range(5)])
               for _ in range(6)]  # fmt: skip
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    response, _ = pool.query([{"FindEntity": {"with_class": "A", "results": {"count": True}}}])
    assert response[0]["FindEntity"]["count"] == 30
    pool.close()


def test_execute_query_tells_success_from_failure(client: Any) -> None:
    """0 is success, 2 another status such as "exists", 1 a failure."""
    from aperturedb.CommonLibrary import execute_query

    add = [{"AddEntity": {"class": "A", "if_not_found": {"x": ["==", 1]}, "properties": {"x": 1}}}]
    assert [execute_query(client, add)[0] for _ in range(2)] == [0, 2]
    assert execute_query(client, [{"Nonsense": {}}])[0] == 1


def test_descriptors_finds_similar_and_diverse(indexed: Any) -> None:
    """Descriptors.find_similar and find_similar_mmr, with the client's own Constraints."""
    from aperturedb.Constraints import Constraints
    from aperturedb.Descriptors import Descriptors

    found = Descriptors(indexed)
    scope = Constraints().equal("video_id", "travel-002")
    found.find_similar(SET, [1, 0, 0, 1], 2, constraints=scope, distances=True)
    assert [d["video_id"] for d in found] == ["travel-002"] * 2
    assert found[0]["_distance"] > found[1]["_distance"]
    found.find_similar(SET, [1, 0, 0, 1], 6, blobs=True)
    assert found[0]["vector"].tolist() == [1, 0, 0, 1]
    found.find_similar_mmr(SET, [1, 0, 0, 1], 3, 6, lambda_mult=0.3)
    assert len(found) == 3
    assert found[0]["vector"].tolist() == [1, 0, 0, 1]


def test_the_loader_ingests_descriptors_from_csv(indexed: Any, tmp_path: Path) -> None:
    """ParallelLoader with DescriptorDataCSV: indexes made, batches merged, duplicates left out."""
    from aperturedb.DescriptorDataCSV import DescriptorDataCSV
    from aperturedb.ParallelLoader import ParallelLoader

    rows = np.random.default_rng(1).normal(size=(20, 4)).astype("<f4")
    np.save(tmp_path / "rows.npy", rows)
    table = pd.DataFrame(
        {"filename": str(tmp_path / "rows.npy"), "index": range(20), "set": SET, "label": "drawn",
         "UUID": [f"u{n}" for n in range(20)], "constraint_UUID": [f"u{n}" for n in range(20)]}
    )  # fmt: skip
    table.to_csv(tmp_path / "rows.csv", index=False)
    for _ in range(2):
        loader = ParallelLoader(indexed)
        loader.ingest(DescriptorDataCSV(str(tmp_path / "rows.csv")), batchsize=6, numthreads=3)
        assert loader.error_counter == 0
    assert loader.get_objects_existed() == 20
    assert "UUID" in loader.get_existing_indices()["entity"]["_Descriptor"]
    near = {"set": SET, "k_neighbors": 1, "results": {"list": ["UUID", "label"]}}
    response, _ = indexed.query([{"FindDescriptor": near}], [rows[7].tobytes()])
    assert response[0]["FindDescriptor"]["entities"] == [{"UUID": "u7", "label": "drawn"}]


def test_the_loader_ingests_videos_from_csv(client: Any, tmp_path: Path) -> None:
    """ParallelLoader with VideoDataCSV keeps the bytes, and adds a video of the same id once."""
    from aperturedb.ParallelLoader import ParallelLoader
    from aperturedb.VideoDataCSV import VideoDataCSV

    colours = ("red", "green", "blue")
    paths = [draw(tmp_path / f"{one}.mp4", one, seconds_each=0.2) for one in colours]
    table = pd.DataFrame({"filename": paths, "n": range(3), "constraint_n": range(3)})
    table.to_csv(tmp_path / "videos.csv", index=False)
    for _ in range(2):
        loader = ParallelLoader(client)
        loader.ingest(VideoDataCSV(str(tmp_path / "videos.csv"), check_video=False), batchsize=2)
        assert loader.error_counter == 0
    _, blobs = client.query([{"FindVideo": {"blobs": True, "sort": "n"}}])
    assert blobs == [path.read_bytes() for path in paths]


def test_entities_follow_connections(indexed: Any, film: bytes) -> None:
    """The object mapper reads videos and walks to their clips."""
    from aperturedb.Constraints import Constraints
    from aperturedb.Query import ObjectType, Query
    from aperturedb.Videos import Videos

    chosen = Constraints().equal("video_id", "travel-002")
    videos = Videos.retrieve(indexed, Query.spec(constraints=chosen))
    assert [video["video_id"] for video in videos] == ["travel-002"]
    (clips,) = videos.get_connected_entities(ObjectType.CLIP)
    assert sorted(clip["_range_start"] for clip in clips) == [0, 30, 60]
    assert videos.get_blob(videos[0]) == film
