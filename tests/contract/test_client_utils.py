"""The official client's Utils, on a library in the graph of ApertureDB's workflow."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.conftest import SET, picture


def test_utils_describe_and_clear(indexed: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """Utils: schema, summary, counts, indexes (but the server's own), sets."""
    from aperturedb.Utils import Utils, _is_builtin_index

    utils = Utils(indexed)
    assert utils.count_descriptors_in_set(SET) == 6
    assert utils.get_descriptorset_list() == [SET]
    assert utils.count_entities("_Video", {"video_id": ["==", "travel-002"]}) == 1
    assert utils.count_connections("VideoHasDescriptor", {"start": [">=", 30]}) == 4
    assert utils.create_entity_index("_Video", "video_id")
    assert utils.get_indexed_props("_Video") == ["video_id"]
    utils.summary()
    shown = " ".join(capsys.readouterr().out.split())
    assert "_Video ====> _Descriptor Total elements: 6" in shown
    assert "I ! String | video_id | 2 (100%)" in shown or "I String | video_id | 2 (100%)" in shown
    assert utils.remove_all_indexes()
    assert [one for one in utils.get_indexes() if not _is_builtin_index(one)] == []
    assert utils.remove_descriptorset(SET)
    assert utils.count_descriptorsets() == 0
    assert utils.count_entities("_Descriptor") == 0


@pytest.mark.parametrize("level", ["INFO", "WARNING", "ERROR"])
def test_utils_write_to_the_log(
    client: Any, level: str, caplog: pytest.LogCaptureFixture, request: pytest.FixtureRequest
) -> None:
    """Utils.user_log_message leaves one line at its level, whatever the text holds."""
    from aperturedb.Utils import Utils

    Utils(client).user_log_message("nightly run done\n2026 ERROR forged", level)
    if request.node.callspec.params["database"] != "server":  # whose log is its own
        (line,) = [one for one in caplog.records if one.name == "reelseek.user"]
        assert line.levelname == level
        assert line.getMessage() == r"A client says: 'nightly run done\n2026 ERROR forged'"


def test_utils_remove_everything(indexed: Any) -> None:
    """Utils.remove_all_objects leaves no object, no set and no connection; then it is repeated."""
    from aperturedb.Utils import Utils

    utils = Utils(indexed)
    assert utils.count_bboxes() == 0
    indexed.query(
        [{"AddImage": {}}, {"AddBlob": {}}, {"AddEntity": {"class": "A"}}], [picture(), b"b"]
    )
    for _ in range(2):
        assert utils.remove_all_objects()
        schema = utils.get_schema()
        assert (schema["entities"], schema["connections"]) == (None, None)
    assert utils.remove_all_indexes()
    assert utils.get_descriptorset_list() == []


def test_utils_remove_by_class(indexed: Any) -> None:
    """Entities, connections and sets of a class go, in batches too; the others stay."""
    from aperturedb.Utils import Utils

    utils = Utils(indexed)
    indexed.query([{"AddEntity": {"class": "A"}} for _ in range(25)])
    assert utils.remove_entities("A", batched=True, batch_size=10)
    assert utils.count_entities("A") == 0
    assert utils.count_entities("_Clip") == 6
    assert utils.remove_connections("VideoHasDescriptor", batched=True, batch_size=4)
    assert utils.count_connections("VideoHasDescriptor") == 0
    assert utils.count_connections("ClipHasDescriptor") == 6
    assert utils.add_descriptorset("more", 8, metric=["L2"], engine=["Flat"])
    assert sorted(utils.get_descriptorset_list()) == ["more", SET]
    assert utils.remove_all_descriptorsets() is not False  # it returns nothing when it succeeds
    assert utils.count_descriptorsets() == 0
    assert utils.count_entities("_Descriptor") == 0
