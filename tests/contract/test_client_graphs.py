"""More of what the official client's own tests do: object mapper, updates from tables, SPARQL."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.contract.conftest import picture, vector

AGES = random.Random(5).choices(range(90), k=50)


@pytest.fixture
def persons(client: Any) -> Any:
    """A client of fifty persons."""
    adds = [
        {"AddEntity": {"class": "Person", "properties": {"id": n, "name": f"p{n}", "age": age}}}
        for n, age in enumerate(AGES)
    ]
    client.query(adds)
    assert client.last_query_ok(), client.get_last_response_str()
    return client


def _retrieved(client: Any, **spec: Any) -> Any:
    from aperturedb.Entities import Entities
    from aperturedb.Query import Query

    return Entities.retrieve(client, spec=Query.spec(with_class="Person", **spec))


def test_the_object_mapper_filters_and_sorts(persons: Any) -> None:
    """Collections of persons are subtracted, filtered, sorted and cut, as in Python."""
    everybody = _retrieved(persons)
    assert len(everybody) == len(AGES)
    young = everybody.filter(lambda one: one["age"] < 18)
    old = everybody.filter(lambda one: one["age"] > 60)
    working = (everybody - old - young).sort(key=lambda one: one["age"])
    assert [one["age"] for one in working] == sorted(age for age in AGES if 18 <= age <= 60)
    assert [one["age"] for one in working[:5]] == sorted(age for age in AGES if age >= 18)[:5]


def test_the_object_mapper_writes_back(persons: Any) -> None:
    """Constraints choose, inspect makes a table, update_properties changes each by itself."""
    from aperturedb.Constraints import Constraints

    chosen = {"constraints": Constraints().greaterequal("age", 60)}
    retired = _retrieved(persons, **chosen)
    assert sorted(retired.inspect()["age"]) == sorted(age for age in AGES if age >= 60)
    retired.update_properties([{"risk": (one["age"] - 60) // 10} for one in retired])
    again = _retrieved(persons, **chosen)
    assert len(again) == len(retired)
    assert all(one["risk"] == (one["age"] - 60) // 10 for one in again)


def test_tables_update_what_is_there(client: Any, tmp_path: Path) -> None:
    """ParallelQuerySet and a table: what is not there is added, what is older is updated."""
    from aperturedb.EntityUpdateDataCSV import SingleEntityUpdateDataCSV
    from aperturedb.ParallelQuerySet import ParallelQuerySet

    def load(version: int, ages: Sequence[int]) -> None:
        ids = range(len(ages))
        table = {"EntityClass": "Person", "id": ids, "age": ages, "version_id": version,
                 "constraint_id": ids, "updateif_<version_id": version}  # fmt: skip
        pd.DataFrame(table).to_csv(tmp_path / "persons.csv", index=False)
        loader = ParallelQuerySet(client)
        rows = SingleEntityUpdateDataCSV("Person", str(tmp_path / "persons.csv"))
        loader.query(rows, batchsize=3, numthreads=1)  # its rows are no good to several
        assert loader.error_counter == 0

    def ages() -> list[int]:
        return [one["age"] for one in _retrieved(client).sort(key=lambda one: one["id"])]

    load(2, [20, 30, 40])
    assert ages() == [20, 30, 40]
    load(1, [220, 230, 240])
    assert ages() == [20, 30, 40]
    load(3, [220, 230, 240, 250])
    assert ages() == [220, 230, 240, 250]


def test_descriptors_without_their_set_are_all_errors(client: Any, tmp_path: Path) -> None:
    """A loader whose every query fails says so in its statistics and does not end early."""
    from aperturedb.DescriptorDataCSV import DescriptorDataCSV
    from aperturedb.ParallelLoader import ParallelLoader

    np.save(tmp_path / "rows.npy", np.zeros((7, 4), "<f4"))
    table = {"filename": "rows.npy", "index": range(7), "set": "none", "label": "x"}
    pd.DataFrame(table).to_csv(tmp_path / "rows.csv", index=False)
    rows = DescriptorDataCSV(str(tmp_path / "rows.csv"), blobs_relative_to_csv=True)
    loader = ParallelLoader(client)
    loader.ingest(rows, batchsize=3, numthreads=2)
    assert loader.get_succeeded_commands() == 0
    assert loader.error_counter == 3


def test_transformers_add_properties(client: Any, tmp_path: Path) -> None:
    """ParallelLoader with the client's ImageProperties: sizes and a digest come with the images."""
    from aperturedb.ImageDataCSV import ImageDataCSV
    from aperturedb.ParallelLoader import ParallelLoader
    from aperturedb.transformers.common_properties import CommonProperties
    from aperturedb.transformers.image_properties import ImageProperties
    from PIL import Image

    for n in range(4):
        Image.new("RGB", (10 + n, 8), "red").save(tmp_path / f"{n}.png")
    table = {"filename": [str(tmp_path / f"{n}.png") for n in range(4)], "id": range(4)}
    pd.DataFrame(table).to_csv(tmp_path / "images.csv", index=False)
    data: Any = ImageDataCSV(str(tmp_path / "images.csv"))
    data = CommonProperties(ImageProperties(data, client=client), client=client)
    loader = ParallelLoader(client)
    loader.ingest(data, batchsize=2)
    assert loader.error_counter == 0
    find = {"sort": "id", "results": {"list": ["adb_image_width", "adb_image_height"]}}
    response, _ = client.query([{"FindImage": find}])
    assert response[0]["FindImage"]["entities"] == [
        {"adb_image_height": 8, "adb_image_width": 10 + n} for n in range(4)
    ]


# -- SPARQL ------------------------------------------------------------------------------------

INGREDIENTS = ("chicken", "butter", "rice")
DISHES = {"butter chicken": (0, 1), "chicken and rice": (0, 2), "toast": (1,)}


@pytest.fixture
def cookbook(client: Any) -> Any:
    """The client's SPARQL wrapper on dishes, their ingredients and a vector of each dish."""
    from aperturedb.SPARQL import SPARQL

    made = {"name": "ViT-B/16", "dimensions": 2, "metric": "L2", "engine": "Flat"}
    query: list[dict[str, Any]] = [{"AddDescriptorSet": made}]
    client.query(query)
    query = [
        {"AddEntity": {"_ref": 1 + n, "class": "Ingredient", "properties": {"name": name}}}
        for n, name in enumerate(INGREDIENTS)
    ]
    blobs = []
    for n, (caption, parts) in enumerate(DISHES.items()):
        image = 10 + n
        query.append({"AddImage": {"_ref": image, "properties": {"caption": caption, "name": "x"}}})
        query.append({"AddDescriptor": {"set": "ViT-B/16", "connect": {"ref": image}}})
        blobs += [picture(n), vector(n, 0)]
        query += [
            {"AddConnection": {"class": "HasIngredient", "src": image, "dst": 1 + part}}
            for part in parts
        ]
    client.query(query, blobs)
    assert client.last_query_ok(), client.get_last_response_str()
    return SPARQL(client)


def test_sparql_joins_by_and_and_or(cookbook: Any) -> None:
    """What has both ingredients, and what has either, by is_connected_to and group_by_source."""
    both = 'SELECT ?c {?s c:HasIngredient [p:name "chicken"], [p:name "butter"]; p:caption ?c}'
    assert [str(row.c) for row in cookbook.query(both)] == ["butter chicken"]
    either = """SELECT ?c WHERE { VALUES ?i { "butter" "rice" }
        ?s c:HasIngredient [p:name ?i] ; p:caption ?c . }"""
    found = sorted(str(row.c) for row in cookbook.query(either))
    assert found == ["butter chicken", "chicken and rice", "toast"]


def test_sparql_counts(cookbook: Any) -> None:
    """The ingredients in order of how many dishes have them."""
    top = """SELECT (COUNT(*) AS ?n) ?i WHERE { ?s c:HasIngredient [p:name ?i] . }
        GROUP BY ?i ORDER BY DESC(?n) ?i LIMIT 2"""
    rows = [(str(row.i), int(row.n)) for row in cookbook.query(top)]
    assert rows == [("butter", 2), ("chicken", 2)]


def test_sparql_searches_vectors(cookbook: Any) -> None:
    """Nearest vectors with their distances, and from them to the images."""
    near = f"""SELECT ?distance ?c WHERE {{
        ?d knn:similarTo [ knn:set 'ViT-B/16' ; knn:k_neighbors 2 ; knn:distance ?distance ;
            knn:vector "{cookbook.encode_descriptor(np.array([2.0, 0.0]))}" ] ; c:ANY ?i .
        ?i p:caption ?c . }}"""
    rows = sorted((float(row.distance), str(row.c)) for row in cookbook.query(near))
    assert rows == [(0.0, "toast"), (1.0, "chicken and rice")]
