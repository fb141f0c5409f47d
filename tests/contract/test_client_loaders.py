"""What the official client's own tests do: its loaders, parallel queries and data sets."""

from __future__ import annotations

import io
import math
import random
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from tests.ingest.conftest import draw

N_PERSONS = 40


@pytest.fixture
def tables(tmp_path: Path) -> Path:
    """A folder of CSV files in the client's formats: persons, images, links, blobs, sets."""
    rng = random.Random(2)
    ids = list(range(1000, 1000 + N_PERSONS))
    persons = {"EntityClass": "Person", "id": ids, "age": [rng.randrange(100) for _ in ids],
               "name": [f"name {n}" for n in ids], "constraint_id": ids}  # fmt: skip
    pd.DataFrame(persons).to_csv(tmp_path / "persons.csv", index=False)
    images = [str(tmp_path / f"{n}.png") for n in range(30)]
    for n, path in enumerate(images):
        Image.new("RGB", (12 + n % 3, 8), (n * 8, 0, 255 - n * 8)).save(path)
    table = {"filename": images, "id": range(30), "age": range(30), "license": range(30)}
    pd.DataFrame({**table, "constraint_id": range(30)}).to_csv(tmp_path / "images.csv", index=False)
    links = {"ConnectionClass": "has_image", "Person@id": ids[:30], "_Image@id": range(30),
             "confidence": 0.5, "id": range(30), "constraint_id": range(30)}  # fmt: skip
    pd.DataFrame(links).to_csv(tmp_path / "links.csv", index=False)
    np.array([1.1, 2.2, 3.3]).tofile(tmp_path / "blob")
    blobs = {"filename": [str(tmp_path / "blob")] * 5, "license": range(5)}
    pd.DataFrame(blobs).to_csv(tmp_path / "blobs.csv", index=False)
    sets = {"name": ["a", "b"], "dimensions": [4, 8], "engine": ["FaissFlat", "HNSW"],
            "metric": ["L2", "CS"]}  # fmt: skip
    pd.DataFrame(sets).to_csv(tmp_path / "sets.csv", index=False)
    return tmp_path


def ingest(client: Any, data: Any) -> Any:
    """Load in several threads, in batches larger than the table."""
    from aperturedb.ParallelLoader import ParallelLoader

    loader = ParallelLoader(client)
    loader.ingest(data, batchsize=99, numthreads=4)
    assert loader.error_counter == 0
    return loader


def test_a_graph_from_tables(client: Any, tables: Path) -> None:
    """Persons, images, the connections between them, blobs and sets; and a second time nothing."""
    from aperturedb.BlobDataCSV import BlobDataCSV
    from aperturedb.ConnectionDataCSV import ConnectionDataCSV
    from aperturedb.DescriptorSetDataCSV import DescriptorSetDataCSV
    from aperturedb.EntityDataCSV import EntityDataCSV
    from aperturedb.ImageDataCSV import ImageDataCSV
    from aperturedb.Utils import Utils

    utils = Utils(client)
    assert all(utils.create_entity_index(one, "id") for one in ("Person", "_Image", "_Descriptor"))
    for _ in range(2):
        ingest(client, EntityDataCSV(str(tables / "persons.csv")))
        ingest(client, ImageDataCSV(str(tables / "images.csv")))
        loader = ingest(client, ConnectionDataCSV(str(tables / "links.csv")))
        assert utils.count_entities("Person") == N_PERSONS
        assert utils.count_images() == 30
        assert utils.count_connections("has_image") == 30
    assert loader.get_objects_existed() == 30
    ingest(client, BlobDataCSV(str(tables / "blobs.csv")))
    find = {"blobs": True, "results": {"list": ["license"], "limit": 1}}
    _, (blob,) = client.query([{"FindBlob": find}])
    assert np.frombuffer(blob).tolist() == [1.1, 2.2, 3.3]
    ingest(client, DescriptorSetDataCSV(str(tables / "sets.csv")))
    assert sorted(utils.get_descriptorset_list()) == ["a", "b"]
    assert utils.count_entities("_DescriptorSet") == 2


def test_images_are_found_and_decoded(client: Any, tables: Path) -> None:
    """Images.search with the older place of limit, and by property in the order asked for."""
    from aperturedb.ImageDataCSV import ImageDataCSV
    from aperturedb.Images import Images

    ingest(client, ImageDataCSV(str(tables / "images.csv")))
    images = Images(client)
    images.search(limit=4)
    assert images.total_results() == 4
    images.search_by_property("id", [7, 3, 5])
    shown = [images.get_np_image_by_index(n) for n in range(3)]
    assert [array[0, 0].tolist() for array in shown] == [[n * 8, 0, 255 - n * 8] for n in (7, 3, 5)]


def test_queries_of_which_many_are_bad(client: Any) -> None:
    """ParallelQuery goes on after those that fail, and counts the others."""
    from aperturedb.ParallelQuery import ParallelQuery

    good, bad = {"FindEntity": {"results": {"count": True}}}, {"BadCommand": {}}
    for n_bad in (40, 100):
        data = [([bad if n < n_bad else good], []) for n in range(100)]
        querier = ParallelQuery(client)
        querier.query(data, batchsize=1, numthreads=8)
        assert querier.get_succeeded_commands() == 100 - n_bad


@pytest.mark.parametrize("n_commands", [1, 3, 7, 10])
def test_each_response_comes_to_its_request(client: Any, tables: Path, n_commands: int) -> None:
    """A response handler gets the requests of one element with their answers, however many."""
    from aperturedb.EntityDataCSV import EntityDataCSV
    from aperturedb.ParallelQuery import ParallelQuery
    from aperturedb.Subscriptable import Subscriptable

    persons = EntityDataCSV(str(tables / "persons.csv"))
    ingest(client, persons)
    counted: dict[int, int] = {}

    class Decades(Subscriptable):  # type: ignore[misc]
        def __len__(self) -> int:
            return math.ceil(10 / n_commands)

        def getitem(self, subscript: int) -> Any:
            first = subscript * n_commands
            return [_decade(n) for n in range(first, min(10, first + n_commands))], []

        def response_handler(self, request: Any, _in: Any, response: Any, _out: Any) -> None:
            for asked, answer in zip(request, response, strict=True):
                decade = asked["FindEntity"]["constraints"]["age"][1]
                counted[decade] = answer["FindEntity"]["returned"]

    ParallelQuery(client).query(Decades(), batchsize=100, numthreads=1)
    wanted = persons.df.groupby(persons.df.age // 10 * 10).count()["age"].to_dict()
    assert {decade: n for decade, n in counted.items() if n} == wanted


def _decade(n: int) -> dict[str, Any]:
    constraints = {"age": [">=", n * 10, "<", n * 10 + 10]}
    find = {"with_class": "Person", "constraints": constraints, "results": {"all_properties": True}}
    return {"FindEntity": find}


def test_what_exists_is_success_or_not(client: Any, tables: Path) -> None:
    """Status 2 counts as success by default, and as an error where only 0 is one."""
    from aperturedb.EntityDataCSV import EntityDataCSV
    from aperturedb.ParallelLoader import ParallelLoader
    from aperturedb.ParallelQuery import ParallelQuery

    ingest(client, EntityDataCSV(str(tables / "persons.csv")))
    before = ParallelQuery.getSuccessStatus()
    ParallelQuery.setSuccessStatus([0])
    try:
        loader = ParallelLoader(client)
        loader.ingest(EntityDataCSV(str(tables / "persons.csv")), batchsize=1, numthreads=4)
    finally:
        ParallelQuery.setSuccessStatus(before)
    assert loader.get_succeeded_commands() == 0
    assert loader.get_objects_existed() == N_PERSONS


def test_results_without_a_list_ask_for_something(client: Any) -> None:
    """The client's tests send nothing but a limit; it is answered, with nothing returned."""
    client.query([{"AddImage": {}}], [_png()])
    response, _ = client.query([{"FindImage": {"results": {"limit": 5}}}])
    assert response == [{"FindImage": {"returned": 0, "status": 0}}]


def _png() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(out, "PNG")
    return out.getvalue()


def test_a_torch_dataset(client: Any, tables: Path) -> None:
    """PyTorchDataset pages through images by batch, resized on the way, with their labels."""
    from aperturedb.ImageDataCSV import ImageDataCSV
    from aperturedb.PyTorchDataset import ApertureDBDataset

    ingest(client, ImageDataCSV(str(tables / "images.csv")))
    resize = {"type": "resize", "width": 20, "height": 10}
    find = {"constraints": {"age": [">=", 10]}, "operations": [resize], "sort": "age"}
    images = ApertureDBDataset(client, [{"FindImage": find}], label_prop="license", batch_size=7)
    assert len(images) == 20
    seen = [images[n] for n in range(20)]
    assert [label for _, label in seen] == list(range(10, 30))
    assert {picture.shape for picture, _ in seen} == {(10, 20, 3)}


# The client asks pydantic in a way that pydantic has deprecated.
@pytest.mark.filterwarnings("ignore:Accessing the 'model_fields' attribute")
def test_models_become_a_graph(client: Any, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """A video, its clips by all three measures and their vectors, from the client's data models."""
    if request.node.callspec.params["database"] == "server":
        pytest.skip("Its ids are texts; a server may remember the numbers of other tests.")
    from aperturedb.CommonLibrary import execute_query
    from aperturedb.DataModels import (
        ClipDataModel,
        DescriptorDataModel,
        DescriptorSetDataModel,
        VideoDataModel,
    )
    from aperturedb.Query import RangeType, generate_add_query

    class Moment(ClipDataModel):  # type: ignore[misc]
        embedding: DescriptorDataModel

    class Lecture(VideoDataModel):  # type: ignore[misc]
        title: str
        clips: list[Moment]

    found_in = DescriptorSetDataModel(name="s", dimensions=2)
    measures = ((RangeType.TIME, 0, 1), (RangeType.FRAME, 10, 19), (RangeType.FRACTION, 0.5, 1))
    moments = [
        Moment(range_type=kind, start=start, stop=stop,
               embedding=DescriptorDataModel(vector=[1, n], set=found_in))
        for n, (kind, start, stop) in enumerate(measures)
    ]  # fmt: skip
    film = draw(tmp_path / "film.mp4", "red blue green")
    query, blobs, _ = generate_add_query(Lecture(url=str(film), title="one", clips=moments))
    made = [{"AddDescriptorSet": {"name": "s", "dimensions": 2, "metric": "L2"}}]
    assert execute_query(client, made)[0] == 0
    assert [execute_query(client, query, blobs)[0] for _ in range(2)] == [0, 2]
    near = {"set": "s", "k_neighbors": 1, "_ref": 1}
    clip = {"is_connected_to": {"ref": 1, "connection_class": "DescriptorDataModel"}, "_ref": 2,
            "results": {"list": ["_range_type", "user_type"]}}  # fmt: skip
    video = {"is_connected_to": {"ref": 2}, "results": {"list": ["title"]}}
    asked = [{"FindDescriptor": near}, {"FindClip": clip}, {"FindVideo": video}]
    response, _ = client.query(asked, [np.array([1, 1], "<f4").tobytes()])
    assert response[1]["FindClip"]["entities"] == [{"_range_type": 1, "user_type": "Moment"}]
    assert response[2]["FindVideo"]["entities"] == [{"title": "one"}]
