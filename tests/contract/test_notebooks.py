"""ApertureDB's own notebooks (aperture-data/Cookbook), command by command, with their outputs.

Vectors that a model made there are drawn here, and a word stands for a file of which nothing but
its bytes is asked. Every recorded output is compared whole: keys, values, order, absence of keys.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.contract.conftest import Client, picture
from tests.contract.recorded import ALL, ID, NONE, OK, ONE, found, plays

BUTTER = {
    "name": "butter", "macronutrient": "fat", "subgroup": "dairy", "category": "vegetarian",
}  # fmt: skip
DISH = {
    "name": "Focaccia", "id": 35, "contributor": "Vishakha", "category": "starter",
    "cuisine": "Italian", "location": "Brittany", "caption": "fresh made focaccia",
}  # fmt: skip


def test_entities(ask: Client) -> None:
    """Entities: add if it is not there, read, update, read, delete, read."""
    named = {"name": ["==", "butter"]}
    find = {"FindEntity": {"with_class": "Ingredient", "constraints": named, "results": ALL}}
    add = {"class": "Ingredient", "properties": BUTTER, "if_not_found": named}
    plays(ask, {"AddEntity": add}, OK)
    plays(ask, find, found({"_uniqueid": ID, **BUTTER}))
    omega = {"micronutrient": "omega-3"}
    update = {"with_class": "Ingredient", "properties": omega, "constraints": named}
    plays(ask, {"UpdateEntity": update}, ONE)
    plays(ask, find, found({"_uniqueid": ID, **BUTTER, **omega}))
    plays(ask, {"DeleteEntity": {"with_class": "Ingredient", "constraints": named}}, ONE)
    plays(ask, find, NONE)


def test_connections(ask: Client) -> None:
    """Connections: an ingredient joined to the image of a dish, and the way between."""
    answers = ask(
        {"AddEntity": {"_ref": 1, "class": "Ingredient", "properties": BUTTER,
                       "if_not_found": {"name": ["==", "butter"]}}},
        {"AddImage": {"_ref": 2, "properties": DISH, "if_not_found": {"id": ["==", 35]}}},
        {"AddConnection": {"class": "ingredient", "src": 1, "dst": 2,
                           "properties": {"best_image": True}}},
        blobs=[picture()],
    )  # fmt: skip
    assert answers == [OK, OK, OK]
    find = {"FindConnection": {"with_class": "ingredient", "results": ALL}}
    edge = {"_uniqueid": ID, "best_image": True}
    plays(ask, find, {"connections": [edge], "returned": 1, "status": 0})
    listed = {"results": {"list": ["name", "category"]}}
    best = {"ref": 1, "constraints": {"best_image": ["==", True]}}
    entity, image = ask(
        {"FindEntity": {"_ref": 1, "with_class": "Ingredient", **listed}},
        {"FindImage": {"is_connected_to": best, "blobs": True,
                       "results": {"list": ["name", "id"]}}},
    )  # fmt: skip
    assert entity == found({"category": "vegetarian", "name": "butter"})
    dish = {"_blob_index": 0, "id": 35, "name": "Focaccia"}
    assert image == found(dish, blobs_start=0)
    assert ask.blobs == [picture()]
    update = {"with_class": "ingredient", "properties": {"best_image": False}}
    plays(ask, {"UpdateConnection": update}, ONE)
    plays(ask, {"DeleteConnection": {"with_class": "ingredient"}}, ONE)
    plays(ask, find, NONE)
    plays(ask, {"DeleteImage": {"constraints": {"id": ["==", 35]}}}, ONE)


def test_images(ask: Client) -> None:
    """Images: a picture goes in, is found, changed, looked at again, and deleted."""
    plays(
        ask, {"AddImage": {"properties": DISH, "if_not_found": {"id": ["==", 35]}}}, OK, picture()
    )
    some = {"name": ["==", "Focaccia"], "location": [">", "A"]}
    find = {"FindImage": {"constraints": some, "blobs": True, "results": ALL}}
    plays(ask, find, found({"_blob_index": 0, "_uniqueid": ID, **DISH}, blobs_start=0))
    named = {"name": ["==", "Focaccia"]}
    rated = {"rating": 5}
    plays(ask, {"UpdateImage": {"properties": rated, "constraints": named}}, ONE)
    find = {"FindImage": {"constraints": named, "results": ALL}}
    plays(ask, find, found({"_uniqueid": ID, **DISH, **rated}))
    plays(ask, {"DeleteImage": {"constraints": named}}, ONE)
    plays(ask, find, NONE)


def test_blobs(ask: Client) -> None:
    """Blobs: a recipe's text goes in and comes back; names compare as texts."""
    recipe = {
        "type": "text", "name": "baked_potato", "id": 55, "category": "sides",
        "cuisine": "American", "caption": "Special baked potatoes",
    }  # fmt: skip
    add = {"AddBlob": {"properties": recipe, "if_not_found": {"id": ["==", 55]}}}
    plays(ask, add, OK, b"Perfect Baked Potato")
    some = {"name": [">=", "baked"], "type": ["==", "text"]}
    find = {"FindBlob": {"constraints": some, "blobs": True, "results": ALL}}
    plays(ask, find, found({"_blob_index": 0, "_uniqueid": ID, **recipe}, blobs_start=0))
    assert ask.blobs == [b"Perfect Baked Potato"]
    named = {"name": ["==", "baked_potato"]}
    update = {"properties": {"contributor": "Gavin"}, "constraints": named}
    plays(ask, {"UpdateBlob": update}, ONE)
    find = {"FindBlob": {"constraints": named, "results": ALL}}
    plays(ask, find, found({"_uniqueid": ID, **recipe, "contributor": "Gavin"}))
    plays(ask, {"DeleteBlob": {"constraints": named}}, ONE)
    plays(ask, find, NONE)


def test_embeddings(ask: Client) -> None:
    """Embeddings: one vector in a set by L2, found, changed, deleted, and the set after it."""
    row = np.linspace(-1, 1, 1024).astype("<f4").tobytes()
    of_set = {"year_created": 2023, "source": "dataset", "provider": "cohere"}
    made = {"name": "recipe_search", "dimensions": 1024, "engine": "Flat", "metric": "L2"}
    plays(ask, {"AddDescriptorSet": {**made, "properties": of_set}}, OK)
    of_row = {"id": 75, "year_created": 2023, "source": "recipe", "provider": "cohere"}
    its_own = {"id": ["==", 75]}
    add = {"label": "dinner", "properties": of_row, "if_not_found": its_own}
    plays(ask, {"AddDescriptor": {"set": "recipe_search", **add}}, OK, row)
    near = {"k_neighbors": 6, "distances": True, "labels": True, "blobs": True, "results": ALL}
    entity = {"_set_name": "recipe_search", "_uniqueid": ID, **of_row}
    first = {"_blob_index": 0, "_distance": 0.0, "_label": "dinner", **entity}
    find = {"FindDescriptor": {"set": "recipe_search", **near}}
    plays(ask, find, found(first, blobs_start=0), row)
    assert ask.blobs == [row]
    update = {"constraints": its_own, "remove_props": ["year_created"]}
    plays(ask, {"UpdateDescriptor": update}, ONE)
    del entity["year_created"]
    find = {"FindDescriptor": {"set": "recipe_search", "constraints": its_own, "results": ALL}}
    plays(ask, find, found(entity))
    plays(ask, {"DeleteDescriptor": {"constraints": {"provider": ["==", "cohere"]}}}, ONE)
    plays(ask, find, NONE)
    plays(ask, {"DeleteDescriptorSet": {"with_name": "recipe_search"}}, ONE)


def test_indexing(ask: Client) -> None:
    """Indexing: an index shows in the schema of a class that has objects, until it is removed."""
    on_name = {"class": "Ingredient", "index_type": "entity", "property_key": "name"}
    add = {"class": "Ingredient", "properties": BUTTER}
    assert ask({"CreateIndex": on_name}, {"AddEntity": add}) == [OK, OK]

    def shown() -> Any:
        (schema,) = ask({"GetSchema": {"type": "entities"}})
        return schema["entities"]["classes"]["Ingredient"]["properties"]["name"]

    assert shown() == [1, True, "String"]
    plays(ask, {"RemoveIndex": on_name}, OK)
    assert shown() == [1, False, "String"]
