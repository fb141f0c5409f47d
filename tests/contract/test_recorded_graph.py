"""Answers recorded from real servers about connections, groups and changes, replayed."""

from __future__ import annotations

from tests.contract.conftest import Client, picture, vector

VIDEO = {"AddVideo": {"properties": {"name": "crepe_flambe", "category": "food"}}}


def test_grouped_by_source(ask: Client) -> None:
    """Entities become an object from each source's _uniqueid to what it is connected to."""
    ask(
        {"AddEntity": {"class": "Dish", "properties": {"name": "soup"}, "_ref": 1}},
        {"AddEntity": {"class": "Dish", "properties": {"name": "cake"}, "_ref": 2}},
        {"AddImage": {"_ref": 3, "properties": {"n": 1}}},
        {"AddImage": {"_ref": 4, "properties": {"n": 2}}},
        {"AddConnection": {"class": "Shows", "src": 3, "dst": 1}},
        {"AddConnection": {"class": "Shows", "src": 3, "dst": 2}},
        {"AddConnection": {"class": "Shows", "src": 4, "dst": 2}},
        blobs=[picture(1), picture(2)],
    )
    dishes, images = ask(
        {
            "FindEntity": {
                "with_class": "Dish",
                "_ref": 1,
                "uniqueids": True,
                "results": {"list": ["name"]},
            }
        },
        {
            "FindImage": {
                "is_connected_to": {"ref": 1, "direction": "in"},
                "group_by_source": True,
                "blobs": False,
                "results": {"list": ["n"]},
            }
        },
    )
    ids = {entity["name"]: entity["_uniqueid"] for entity in dishes["entities"]}
    assert images == {
        "entities": {ids["soup"]: [{"n": 1}], ids["cake"]: [{"n": 1}, {"n": 2}]},
        "group_by_source": True,
        "returned": 2,
        "status": 0,
    }


def test_grouped_by_two_sources(ask: Client) -> None:
    """With `all`, the keys of both refs appear together; an object of both is listed under each."""
    ask(
        {"AddEntity": {"class": "Dish", "_ref": 1}},
        {"AddEntity": {"class": "Cook", "_ref": 2}},
        {"AddImage": {"_ref": 3, "properties": {"n": 1}}},
        {"AddImage": {"_ref": 4, "properties": {"n": 2}}},
        {"AddConnection": {"class": "Shows", "src": 3, "dst": 1}},
        {"AddConnection": {"class": "By", "src": 3, "dst": 2}},
        {"AddConnection": {"class": "Shows", "src": 4, "dst": 1}},
        blobs=[picture(1), picture(2)],
    )
    both = {"all": [{"ref": 1, "direction": "in"}, {"ref": 2, "direction": "in"}]}
    dish, cook, images = ask(
        {"FindEntity": {"with_class": "Dish", "_ref": 1, "uniqueids": True}},
        {"FindEntity": {"with_class": "Cook", "_ref": 2, "uniqueids": True}},
        {
            "FindImage": {
                "is_connected_to": both,
                "group_by_source": True,
                "blobs": False,
                "results": {"list": ["n"]},
            }
        },
    )
    sources = [found["entities"][0]["_uniqueid"] for found in (dish, cook)]
    assert images == {
        "entities": {source: [{"n": 1}] for source in sorted(sources)},
        "group_by_source": True,
        "returned": 1,
        "status": 0,
    }


def test_a_delete_without_a_choice_takes_all(ask: Client) -> None:
    """DeleteImage {} deletes every image and says how many."""
    ask(*[{"AddImage": {}}] * 10, blobs=[picture()] * 10)
    assert ask({"DeleteImage": {}}) == [{"count": 10, "status": 0}]


def test_direction_is_seen_from_the_ref(ask: Client) -> None:
    """`out` is an edge that leaves the ref'd object, `in` one that arrives at it."""
    ask(
        {"AddEntity": {"class": "A", "_ref": 1, "properties": {"n": 1}}},
        {"AddEntity": {"class": "B", "_ref": 2, "properties": {"n": 2}}},
        {"AddConnection": {"class": "Edge", "src": 1, "dst": 2}},
    )
    for direction, n_found in (("out", 1), ("in", 0), ("any", 1)):
        _, found = ask(
            {"FindEntity": {"with_class": "A", "_ref": 1}},
            {
                "FindEntity": {
                    "with_class": "B",
                    "results": {"count": True},
                    "is_connected_to": {"ref": 1, "direction": direction},
                }
            },
        )
        assert found["count"] == n_found, direction


def test_connect_leads_from_the_new_object(ask: Client) -> None:
    """`connect` on a descriptor makes an edge descriptor to clip, whatever its class is called."""
    ask({"AddDescriptorSet": {"name": "s", "dimensions": 1}})
    ask(
        {"AddEntity": {"class": "Thing", "_ref": 1}},
        {"AddDescriptor": {"set": "s", "_ref": 2, "connect": {"ref": 1, "class": "Has"}}},
        blobs=[vector(1)],
    )
    _, found = ask(
        {"FindDescriptor": {"_ref": 1}},
        {
            "FindEntity": {
                "is_connected_to": {"ref": 1, "direction": "out"},
                "with_class": "Thing",
                "results": {"count": True},
            }
        },
    )
    assert found["count"] == 1


def test_an_existing_object_is_found_not_added(ask: Client) -> None:
    """if_not_found answers status 2 in the array; its ref is the old one, its blob is spent."""
    add = {"AddImage": {"_ref": 1, "properties": {"n": 1}, "if_not_found": {"n": ["==", 1]}}}
    ask(add, blobs=[picture(1)])
    again, connected, other = ask(
        add,
        {"AddEntity": {"class": "Note", "connect": {"ref": 1, "class": "Of"}}},
        {"AddImage": {"properties": {"n": 2}}},
        blobs=[picture(2), picture(3)],
    )
    assert again == {"info": "Image exists!", "status": 2}
    assert (connected, other) == ({"status": 0}, {"status": 0})
    ask({"FindImage": {"blobs": True, "sort": "n"}})
    assert ask.blobs == [picture(1), picture(3)]


def test_connections_are_listed_and_absent(ask: Client) -> None:
    """FindConnection lists under `connections`, with ends if asked; none found has no such key."""
    ask(
        {"AddEntity": {"class": "A", "_ref": 1}},
        {"AddEntity": {"class": "B", "_ref": 2}},
        {"AddConnection": {"class": "E", "src": 1, "dst": 2, "properties": {"best_image": True}}},
    )
    a, b, found = ask(
        {"FindEntity": {"with_class": "A", "_ref": 1, "uniqueids": True}},
        {"FindEntity": {"with_class": "B", "uniqueids": True}},
        {
            "FindConnection": {
                "with_class": "E",
                "src": 1,
                "results": {"list": ["best_image", "_src", "_dst"]},
            }
        },
    )
    assert found["connections"] == [
        {
            "_dst": b["entities"][0]["_uniqueid"],
            "_src": a["entities"][0]["_uniqueid"],
            "best_image": True,
        }
    ]
    assert ask({"FindConnection": {"with_class": "F", "uniqueids": True}}) == [
        {"returned": 0, "status": 0}
    ]


def test_aggregates_and_groups(ask: Client) -> None:
    """Aggregates come as _avg, _min, _max objects; groups in ascending order with counts."""
    ask(
        *[
            {"AddEntity": {"class": "Meal", "properties": {"kind": kind, "kcal": kcal}}}
            for kind, kcal in (("soup", 100), ("cake", 500), ("soup", 300))
        ]
    )
    meals = {"with_class": "Meal"}
    (found,) = ask(
        {
            "FindEntity": {
                **meals,
                "results": {"average": "kcal", "min": ["kcal"], "max": "kcal", "sum": "kcal"},
            }
        }
    )
    assert {k: found[k] for k in ("_avg", "_min", "_max", "_sum", "returned")} == {
        "_avg": {"kcal": 300},
        "_min": {"kcal": 100},
        "_max": {"kcal": 500},
        "_sum": {"kcal": 900},
        "returned": 0,
    }
    (found,) = ask({"FindEntity": {**meals, "results": {"group": ["kind"]}}})
    assert found["groups"] == [
        {"_group_count": 1, "kind": "cake"},
        {"_group_count": 2, "kind": "soup"},
    ]


def test_an_index_shows_in_the_schema(ask: Client) -> None:
    """The schema's triple is count, indexed, type; everything is null when all is gone."""
    create = {"index_type": "entity", "class": "_Video", "property_key": "name"}
    ask(VIDEO, blobs=[b"film"])
    assert ask({"CreateIndex": create}) == [{"status": 0}]
    assert ask({"CreateIndex": create})[0]["status"] == 2
    (schema,) = ask({"GetSchema": {}})
    assert schema["entities"]["classes"]["_Video"]["properties"]["name"] == [1, True, "String"]
    ask({"DeleteVideo": {}})
    (schema,) = ask({"GetSchema": {}})
    assert (schema["entities"], schema["connections"]) == (None, None)


def test_a_listed_property_that_is_not_set_is_null(ask: Client) -> None:
    """results.list gives null for what an object lacks."""
    ask({"AddEntity": {"class": "A", "properties": {"x": 1}}})
    (found,) = ask({"FindEntity": {"with_class": "A", "results": {"list": ["x", "y"]}}})
    assert found["entities"] == [{"x": 1, "y": None}]


def test_update_adds_overwrites_and_removes(ask: Client) -> None:
    """Update* answers a count, sets properties and takes others away."""
    ask({"AddEntity": {"class": "A", "properties": {"x": 1, "y": "old"}}})
    update = {"with_class": "A", "properties": {"x": 2, "z": True}, "remove_props": ["y"]}
    assert ask({"UpdateEntity": update}) == [{"count": 1, "status": 0}]
    (found,) = ask({"FindEntity": {"with_class": "A", "results": {"all_properties": True}}})
    found["entities"][0].pop("_uniqueid")
    assert found["entities"] == [{"x": 2, "z": True}]
    assert ask({"UpdateEntity": {**update, "constraints": {"x": ["==", 9]}}})[0]["count"] == 0


def test_a_set_takes_its_descriptors_along(ask: Client) -> None:
    """DeleteDescriptorSet removes its descriptors; one that is not there is no failure."""
    ask({"AddDescriptorSet": {"name": "s", "dimensions": 1}})
    ask({"AddDescriptor": {"set": "s"}}, blobs=[vector(1)])
    flags = {"counts": True, "engines": True, "metrics": True, "dimensions": True}
    (found,) = ask({"FindDescriptorSet": {"with_name": "s", **flags}})
    assert found["entities"] == [
        {"_count": 1, "_dimensions": 1, "_engines": ["FaissFlat"], "_metrics": ["L2"], "_name": "s"}
    ]
    assert ask({"DeleteDescriptorSet": {"with_name": "s"}}) == [{"count": 1, "status": 0}]
    assert ask({"DeleteDescriptorSet": {"with_name": "s"}}) == [{"count": 0, "status": 0}]
    assert ask({"FindDescriptor": {"results": {"count": True}}})[0]["count"] == 0
