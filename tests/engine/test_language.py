"""Every command checks every parameter; that nothing makes the engine raise is in tests.fuzz."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from core.engine import messages
from core.engine.engine import Engine
from core.engine.language import COMMANDS
from tests.contract.conftest import FACTS

PARAMETERS = [(name, key) for name, known in COMMANDS.items() for key in known.parameters]
REQUIRED = [(name, key) for name, known in COMMANDS.items() for key in known.required]


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """One engine for all tests here, as none of them may change it."""
    engine = Engine(tmp_path_factory.mktemp("db"), probe_video=lambda _: FACTS)
    yield engine
    engine.close()


def failure(engine: Engine, query: Any, blobs: Any = ()) -> str:
    """The sentence of a query that must fail."""
    answer, out = engine.query(query, blobs)
    assert isinstance(answer, dict), answer
    assert (answer["status"], out) == (-1, [])
    return str(answer["info"])


@pytest.mark.parametrize("name", COMMANDS)
def test_an_unknown_parameter_is_named_and_what_is_allowed(shared: Engine, name: str) -> None:
    """No command ignores a parameter it does not know."""
    info = failure(shared, [{name: {"batch_": {}}}])
    assert f"{name} has no parameter 'batch_'" in info
    assert all(key in info for key in COMMANDS[name].parameters)


@pytest.mark.parametrize(("name", "key"), PARAMETERS)
def test_a_wrong_type_is_named(shared: Engine, name: str, key: str) -> None:
    """No parameter takes a value of a type that is not its own."""
    assert f"{name}.{key} is 1.5" in failure(shared, [{name: {key: 1.5}}])


@pytest.mark.parametrize(("name", "key"), REQUIRED)
def test_a_missing_parameter_is_named(shared: Engine, name: str, key: str) -> None:
    """A command without something it needs says what."""
    assert f"{name} needs '" in failure(shared, [{name: {}}])
    assert key in COMMANDS[name].parameters


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("not json", "not JSON"),
        ('{"GetStatus": {}}', "not an array"),
        ("[" * 100_000, "nested"),
        ([1], "1 is no command"),
        ([{}], "one key"),
        ([{"GetStatus": []}], "GetStatus is []"),
        ([{1: {}}], "no command 1"),
        (None, "not an array"),
        ([{"FindVideo": {"results": {"list": "name"}}}], "FindVideo.results.list is 'name'"),
        ([{"FindVideo": {"results": {"count": 1}}}], "FindVideo.results.count is 1"),
        ([{"FindVideo": {"limit": 2**63, "blobs": True}}], "FindVideo.limit"),
        ([{"FindVideo": {"_ref": 0}}], "FindVideo._ref is 0"),
        ([{"FindVideo": {"_ref": True}}], "FindVideo._ref is True"),
        ([{"FindVideo": {"_ref": 1, "sort": [3]}}], "FindVideo.sort is 3"),
        ([{"FindVideo": {"_ref": 1, "sort": {"order": "up", "key": "a"}}}], "sort.order is 'up'"),
        ([{"FindVideo": {"_ref": 1, "sort": {"key": "_distance"}}}], "_distance"),
        ([{"FindVideo": {"_ref": 1, "sort": {}}}], "needs 'key'"),
        ([{"FindVideo": {"_ref": 1, "is_connected_to": {}}}], "needs 'ref'"),
        ([{"FindVideo": {"_ref": 1, "is_connected_to": {"all": []}}}], "is_connected_to.all"),
        ([{"FindVideo": {"_ref": 1, "is_connected_to": {"any": [3]}}}], "any is 3"),
        ([{"FindVideo": {"_ref": 1, "is_connected_to": {"any": [], "ref": 1}}}], "alone"),
        (
            [{"FindVideo": {"_ref": 1, "is_connected_to": {"ref": 1, "direction": "up"}}}],
            "direction is 'up'",
        ),
        ([{"AddEntity": {"class": "A", "connect": {"ref": 1, "to": 2}}}], "parameter 'to'"),
        ([{"AddEntity": {"class": "A", "if_not_found": []}}], "no constraint"),
        ([{"AddEntity": {"class": 'A"'}}], "cannot be used"),
        ([{"AddEntity": {"class": "A", "properties": {"x": float("nan")}}}], "finite"),
        ([{"AddEntity": {"class": "A", "properties": {"x": 2**64}}}], "64 bits"),
        ([{"AddEntity": {"class": "A", "properties": {"x": None}}}], "remove_props"),
        ([{"AddEntity": {"class": "A", "properties": {"x\n": 1}}}], "cannot be used"),
        ([{"AddEntity": {"class": "A", "properties": {"x": "a\0"}}}], "null character"),
        ([{"AddVideo": {"url": "file:///a%00b"}}], "file:///"),
        ([{"AddVideo": {"url": "file://host/a"}}], "file:///"),
        ([{"AddVideo": {"url": "http://[::1"}}], "file:///"),
        ([{"AddClip": {"video_ref": 1}}], "0 were given"),
        (
            [{"AddClip": {"video_ref": 1, "frame_number_range": {"start": 2, "stop": 1}}}],
            "before its start",
        ),
        (
            [{"AddClip": {"video_ref": 1, "time_offset_range": {"start": "x", "stop": "1"}}}],
            "start is 'x'",
        ),
        ([{"FindDescriptor": {"set": "s", "distances": True}}], "k_neighbors"),
        ([{"AddDescriptorSet": {"name": "s", "dimensions": 0}}], "1 to"),
        ([{"AddDescriptorSet": {"name": "s", "dimensions": 10**9}}], "1 to"),
        ([{"AddDescriptorSet": {"name": "s", "dimensions": 2, "engine": "X"}}], "engine is 'X'"),
        ([{"AddDescriptorSet": {"name": "s", "dimensions": 2, "metric": []}}], "empty list"),
        ([{"CreateIndex": {"class": "A", "property_key": "p"}}], "index_type"),
        (
            [{"CreateIndex": {"class": "A", "property_key": "p", "property": "p",
                              "target": "entity"}}],
            "mean the same",
        ),
        ([{"FindConnection": {"with_class": "_VideoToClip", "_ref": 1}}], "system"),
        ([{"UpdateEntity": {"remove_props": ["_x"]}}], "system's"),
    ],
    ids=lambda value: str(value)[:60],
)  # fmt: skip
def test_what_is_not_of_the_language(shared: Engine, query: Any, words: str) -> None:
    """Shapes, members and values are checked, with the place and the value in the sentence."""
    info = failure(shared, query)
    assert words in info
    assert len(info) < 1500
    assert info.endswith((".", "…].", "…]"))


def test_a_failure_does_not_repeat_megabytes(shared: Engine) -> None:
    """A huge wrong value is shown by its beginning and end."""
    assert len(failure(shared, [{"FindVideo": {"blobs": "x" * 10**6}}])) < 300


@pytest.mark.parametrize(
    ("blobs", "words"),
    [([], "AddImage needs a blob"), ([b"a", b"b"], "take 1"), (["text"], "send bytes")],
)
def test_blobs_are_counted_before_anything_runs(
    shared: Engine, blobs: list[Any], words: str
) -> None:
    """Too few, too many, or no bytes: no command gets another one's blob."""
    assert words in failure(shared, [{"AddImage": {}}], blobs)


def test_texts_are_whole_sentences() -> None:
    """Every failure says what to do next or what is allowed, and ends like a sentence."""
    texts = [value for name, value in vars(messages).items()
             if name.isupper() and isinstance(value, str)]  # fmt: skip
    assert len(texts) > 40
    for text in texts:
        assert text.endswith((".", "?", "{n_found}")), text


def test_a_type_outlives_its_values(engine: Engine) -> None:
    """What a property was first, it stays when nothing has it any more; see the page on choices."""
    engine.query([{"AddEntity": {"class": "T", "properties": {"x": 1}}}])
    engine.query([{"DeleteEntity": {"with_class": "T"}}])
    again = [{"AddEntity": {"class": "T", "properties": {"x": "one"}}}]
    assert "numbers since its first value" in failure(engine, again)
