"""The notebooks about searching vectors: VectorSearch, HybridSearch, TextSearch, BulkEmbeddings.

What a model made of words there are the drawn vectors of VectorSearch here.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.conftest import Client, vector
from tests.contract.recorded import ALL, ID, NONE, OK, ONE, found, plays

DISHES = {
    "Butter Chicken": ("Indian", [0.9, 0.1, 0.8, 0.2]),
    "Rajma Chawal": ("Indian", [0.8, 0.2, 0.9, 0.1]),
    "Ramen": ("Japanese", [0.1, 0.9, 0.2, 0.8]),
    "Sushi": ("Japanese", [0.2, 0.8, 0.1, 0.9]),
    "Focaccia": ("Italian", [0.5, 0.5, 0.6, 0.4]),
}
SPICY = vector(0.85, 0.15, 0.85, 0.15)


@pytest.fixture
def dishes(ask: Client) -> Client:
    """The set of VectorSearch, its vectors and names those of the notebook, and calories."""
    made = {"name": "dishes", "dimensions": 4, "engine": "FaissFlat", "metric": "CS"}
    plays(ask, {"AddDescriptorSet": made}, OK)
    for n, (name, (cuisine, numbers)) in enumerate(DISHES.items()):
        properties = {"dish_name": name, "cuisine": cuisine, "calories": 300 + 100 * n}
        only_once = {"dish_name": ["==", name]}
        add = {"set": "dishes", "properties": properties, "if_not_found": only_once}
        plays(ask, {"AddDescriptor": add}, OK, vector(*numbers))
    return ask


def _near(dishes: Client, k: int, **more: Any) -> dict[str, Any]:
    find = {"set": "dishes", "k_neighbors": k, **more}
    (answer,) = dishes({"FindDescriptor": find}, blobs=[SPICY])
    return answer


def _names(answer: dict[str, Any]) -> list[str]:
    return [one["dish_name"] for one in answer["entities"]]


def test_vector_search(dishes: Client) -> None:
    """VectorSearch: the three nearest by cosine, best first, none of the vectors of length 1."""
    answer = _near(dishes, 3, distances=True, results=ALL)
    near = sorted(entity["_distance"] for entity in answer["entities"])
    # The first number is the recorded one; the last is 1.07 / (1.22066 * 1.00995).
    assert near[::-1] == pytest.approx([0.99666, 0.99666, 0.86794], abs=1e-5)
    assert set(_names(answer)[:2]) == {"Butter Chicken", "Rajma Chawal"}
    assert set(answer["entities"][2]) == {
        "_distance", "_set_name", "_uniqueid", "calories", "cuisine", "dish_name",
    }  # fmt: skip
    assert (answer["returned"], answer["status"]) == (3, 0)
    assert "blobs_start" not in answer


def test_hybrid_search(dishes: Client) -> None:
    """HybridSearch: its seven patterns; filters come first, sort and aggregates see the k."""
    japanese, light = {"cuisine": ["==", "Japanese"]}, {"calories": ["<", 500]}
    listed = {"distances": True, "results": ALL}
    assert set(_names(_near(dishes, 3, constraints=japanese, **listed))) == {"Ramen", "Sushi"}
    assert len(_names(_near(dishes, 5, constraints=light, **listed))) == 2
    by_calories = _near(dishes, 3, sort="calories", **listed)
    assert _names(by_calories) == ["Butter Chicken", "Rajma Chawal", "Focaccia"]
    of_set = {"FindDescriptor": {"set": "dishes", "constraints": japanese,
                                 "results": {"count": True}}}  # fmt: skip
    plays(dishes, of_set, {"count": 2, "returned": 0, "status": 0})
    counted = _near(dishes, 10, constraints=light, results={"count": True})
    assert counted == {"count": 2, "returned": 0, "status": 0}
    several = {"average": "calories", "min": "calories", "max": "calories"}
    answer = _near(dishes, 3, results=several)
    numbers = [answer[key]["calories"] for key in ("_avg", "_min", "_max")]
    assert numbers == [pytest.approx(1400 / 3), 300, 700]
    grouped = {"set": "dishes", "results": {"group": ["cuisine"], "average": "calories"}}
    plays(dishes, {"FindDescriptor": grouped}, {
        "groups": [
            {"_group_avg": {"calories": mean}, "_group_count": n, "cuisine": cuisine}
            for cuisine, n, mean in (("Indian", 2, 350), ("Italian", 1, 700), ("Japanese", 2, 550))
        ],
        "returned": 0, "status": 0,
    })  # fmt: skip


def test_pdf(ask: Client) -> None:
    """PDF: chunks of a document lead to the document, in one query; its type is no property."""
    recipe = {"name": "butter_chicken_recipe", "cuisine": "Indian", "format": "pdf"}
    named = {"name": ["==", "butter_chicken_recipe"]}
    add = {"_ref": 1, "document_type": "pdf", "properties": recipe, "if_not_found": named}
    plays(ask, {"AddBlob": add}, OK, b"%PDF-1.7")
    made = {"name": "chunks", "dimensions": 2, "engine": "HNSW", "metric": "CS"}
    plays(ask, {"AddDescriptorSet": made}, OK)
    this = {"_ref": 1, "constraints": named, "results": {"all_properties": False}}
    for n in range(4):
        chunk = {"_ref": 2, "set": "chunks", "properties": {"chunk_index": n}}
        link = {"src": 2, "dst": 1, "class": "source_pdf"}
        answers = ask({"FindBlob": this}, {"AddDescriptor": chunk}, {"AddConnection": link},
                      blobs=[vector(n, 2)])  # fmt: skip
        assert answers == [NONE, OK, OK]
    near = {"set": "chunks", "k_neighbors": 3, "distances": True, "_ref": 1, "results": ALL}
    source = {"is_connected_to": {"ref": 1}, "results": ALL}
    chunks, documents = ask({"FindDescriptor": near}, {"FindBlob": source}, blobs=[vector(3, 2)])
    assert [one["chunk_index"] for one in chunks["entities"]] == [3, 2, 1]
    assert documents == found({"_uniqueid": ID, **recipe})
    plays(ask, {"DeleteDescriptorSet": {"with_name": "chunks"}}, ONE)
    plays(ask, {"DeleteBlob": {"constraints": named}}, ONE)


def test_graph_rag(ask: Client) -> None:
    """GraphRAG: from the nearest vector to its entity, and from there to the neighbours."""
    plays(ask, {"AddDescriptorSet": {"name": "entities", "dimensions": 2, "metric": "CS"}}, OK)
    names = ("ApertureDB", "Vishakha", "GraphRAG")
    for n, name in enumerate(names):
        add = {"class": "Organization" if n else "Database", "properties": {"name": name}}
        plays(ask, {"AddEntity": add}, OK)
    one, other = ({"_ref": n + 1, "constraints": {"name": ["==", names[n]]}} for n in (0, 1))
    link = {"class": "founded_by", "src": 1, "dst": 2}
    answers = ask({"FindEntity": one}, {"FindEntity": other}, {"AddConnection": link})
    assert answers == [NONE, NONE, OK]
    (stored,) = ask({"FindEntity": {"with_class": "Organization", "results": ALL}})
    (database,) = ask({"FindEntity": {"with_class": "Database", "results": ALL}})
    for n, entity in enumerate(database["entities"] + stored["entities"]):
        this = {"_ref": 1, "constraints": {"_uniqueid": ["==", entity["_uniqueid"]]}}
        add = {"set": "entities", "connect": {"ref": 1, "class": "HasEmbedding"},
               "properties": {"entity_name": entity["name"]}}  # fmt: skip
        assert ask({"FindEntity": this}, {"AddDescriptor": add}, blobs=[vector(n, 1)])[1] == OK
    near = {"set": "entities", "k_neighbors": 1, "distances": True, "results": ALL}
    (seeds,) = ask({"FindDescriptor": {**near, "_ref": 1}}, blobs=[vector(0, 1)])
    this = {"_ref": 1, "constraints": {"_uniqueid": ["==", seeds["entities"][0]["_uniqueid"]]}}
    through = {"ref": 1, "connection_class": "HasEmbedding", "direction": "any"}
    _, seed, neighbours = ask(
        {"FindDescriptor": this},
        {"FindEntity": {"_ref": 2, "is_connected_to": through, "results": ALL}},
        {"FindEntity": {"is_connected_to": {"ref": 2, "direction": "any"}, "results": ALL,
                        "with_class": "Organization"}},
    )  # fmt: skip
    assert seed == found({"_uniqueid": ID, "name": "ApertureDB"})
    assert neighbours == found({"_uniqueid": ID, "name": "Vishakha"})


def test_bulk_embeddings(client: Any) -> None:
    """BulkEmbeddings: its own class of queries through ParallelLoader, threads and batches."""
    from aperturedb.ParallelLoader import ParallelLoader

    client.query([{"AddDescriptorSet": {"name": "bulk", "dimensions": 4, "metric": "CS",
                                        "engine": "HNSW"}}])  # fmt: skip
    rows = list(DISHES.items())

    class Generator:
        def __len__(self) -> int:
            return len(rows)

        def __getitem__(self, at: Any) -> Any:
            if isinstance(at, slice):
                return [self[n] for n in range(*at.indices(len(self)))]
            name, (cuisine, numbers) = rows[at]
            add = {"set": "bulk", "properties": {"dish_name": name, "cuisine": cuisine},
                   "if_not_found": {"dish_name": ["==", name]}}  # fmt: skip
            return [{"AddDescriptor": add}], [vector(*numbers)]

    loader = ParallelLoader(client)
    loader.ingest(Generator(), batchsize=2, numthreads=3)
    assert loader.error_counter == 0
    find = {"with_name": "bulk", "results": {"count": True}}
    assert client.query([{"FindDescriptorSet": find}])[0][0]["FindDescriptorSet"] == {
        "count": 1, "returned": 0, "status": 0,
    }  # fmt: skip
    near = {"set": "bulk", "k_neighbors": 1, "results": ALL}
    response, _ = client.query([{"FindDescriptor": near}], [vector(0.1, 0.9, 0.2, 0.8)])
    assert response[0]["FindDescriptor"]["entities"][0]["dish_name"] == "Ramen"
