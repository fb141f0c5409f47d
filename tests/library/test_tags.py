"""Tags exist as long as a video has them, whatever others do at the same time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from core.engine.engine import Engine
from core.errors import NoSuchVideoError
from core.library.library import Library
from core.library.tags import Tags
from tests.library.conftest import add


def entities_of(engine: Engine) -> list[dict[str, Any]]:
    """All tags that there are, used or not, with all that is stored of them."""
    find = {"with_class": "Tag", "results": {"all_properties": True}}
    response, _ = engine.query([{"FindEntity": find}])
    found = response[0]["FindEntity"].get("entities") or []
    return [{key: one[key] for key in one if not key.startswith("_")} for one in found]


def test_a_tag_lives_as_long_as_a_video_has_it(library: Library, engine: Engine) -> None:
    """Of two videos, the last takes it away; nothing but its name is kept."""
    for video_id in ("a", "b"):
        add(library, video_id)
        library.tags.add(video_id, "holiday")
    library.tags.add("a", "2024")
    assert library.tags.all() == {"2024": 1, "holiday": 2}
    library.tags.remove("a", "holiday")
    assert library.tags.all() == {"2024": 1, "holiday": 1}
    assert sorted(entities_of(engine), key=str) == [{"name": "2024"}, {"name": "holiday"}]
    library.tags.remove("b", "holiday")
    assert entities_of(engine) == [{"name": "2024"}]
    library.tags.remove("b", "holiday")
    assert (library.tags.of("a"), library.tags.of("b")) == (["2024"], [])


def test_a_video_that_is_gone_gets_no_tag(library: Library, engine: Engine) -> None:
    """Another process has deleted it: that is said, and no tag of nothing is left."""
    add(library, "a")
    library.tags.add("a", "holiday")
    for name in ("holiday", "new"):
        with pytest.raises(NoSuchVideoError, match="No video has the id gone"):
            library.tags.add("gone", name)
    assert entities_of(engine) == [{"name": "holiday"}]
    assert library.tags.all() == {"holiday": 1}


class Watched:
    """A database on which somebody else acts after so many queries."""

    def __init__(self, engine: Engine, n_queries: int, act: Callable[[], None]) -> None:
        self._engine, self.n_left, self._act = engine, n_queries, act

    def query(self, commands: Any, blobs: Any = ()) -> Any:
        answer = self._engine.query(commands, blobs)
        self.n_left -= 1
        if not self.n_left:
            self._act()
        return answer


@pytest.mark.parametrize("n_queries", [1, 2, 3])
def test_a_tag_that_another_gives_meanwhile_stays(
    library: Library, engine: Engine, n_queries: int
) -> None:
    """To take it from the last video and to delete it is one step."""
    for video_id in ("a", "b"):
        add(library, video_id)
    library.tags.add("a", "holiday")
    watched = Watched(engine, n_queries, lambda: library.tags.add("b", "holiday"))
    Tags(watched).remove("a", "holiday")
    if watched.n_left > 0:  # it was too fast for them
        library.tags.add("b", "holiday")
    assert library.tags.all() == {"holiday": 1}
    assert library.tags.of("b") == ["holiday"]
