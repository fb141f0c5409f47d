"""The same question again is answered from what is kept, and from nothing that has changed."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from core.engine.engine import Engine
from core.errors import SearchError
from core.library.library import Library
from core.model import Hit, SearchResult
from core.query import Filters, Query, Wanted
from core.search.answered import Answered
from core.search.search import Searcher
from tests.ingest.conftest import until
from tests.library.conftest import FACTS, add, clips, index
from tests.search.test_search import Reader

ROOT = Path(__file__).parents[2]
ALL = Wanted(floor=0)
EMPTY = SearchResult("", (), 0, 0, 0.0)
# What another process does with the same folder: its first argument.
OTHER = """
import sys
from pathlib import Path
from core.engine.engine import Engine
from core.library.library import Library
from tests.library.conftest import FACTS, index
engine = Engine(Path(sys.argv[1]), probe_video=lambda _: FACTS)
library = Library(engine)
exec(sys.argv[2])
engine.close()
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "database"


class Server:
    """A database that answers and numbers nothing, as a server is."""

    def __init__(self, engine: Engine) -> None:
        self.query = engine.query


@pytest.fixture(params=["embedded", "a server"])
def library(folder: Path, request: pytest.FixtureRequest) -> Iterator[Library]:
    engine = Engine(folder, probe_video=lambda _: FACTS)
    library = Library(engine if request.param == "embedded" else Server(engine))  # type: ignore[arg-type]
    library.prepare()
    index(library, "a", "red red blue")
    yield library
    engine.close()


@pytest.fixture
def n_asked(monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """How often the database was asked for the nearest."""
    asked: list[int] = []
    nearest_rows = Library.nearest_rows

    def counted(
        self: Library, vector: NDArray[np.float32], k: int, **scope: Any
    ) -> tuple[list[Hit], NDArray[np.float32]]:
        asked.append(k)
        return nearest_rows(self, vector, k, **scope)

    monkeypatch.setattr(Library, "nearest_rows", counted)
    return lambda: len(asked)


def test_the_same_question_again_asks_for_nothing(
    library: Library, n_asked: Callable[[], int]
) -> None:
    """Same moments, a time of its own; another question, or other wishes, are another answer."""
    searcher = Searcher(library, Reader())
    searcher.search("blue", wanted=ALL)  # the first of all keeps a calibration, which is a change
    first = searcher.search("red", wanted=ALL)
    n_before = n_asked()
    again = searcher.search("red", wanted=ALL)
    assert n_asked() == n_before > 0
    assert replace(again, took_s=0) == replace(first, took_s=0)
    assert again.took_s > 0
    searcher.search("green", wanted=ALL)
    searcher.search("red", wanted=replace(ALL, limit=1))
    searcher.search(Query("red", filters=Filters(tags=("nowhere",))))
    assert n_asked() == n_before + 2  # and a tag that no video has leaves nothing to ask for


def test_videos_are_counted_again_only_where_something_changed(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another question about the same library does not count it; one about a larger one does.

    A server numbers no state, and to name one takes longer than to count.
    """
    counts, counted = Library.counts, []

    def noted(self: Library, video_ids: Sequence[str] | None = None) -> tuple[int, int]:
        counted.append(video_ids)
        return counts(self, video_ids)

    monkeypatch.setattr(Library, "counts", noted)
    searcher = Searcher(library, Reader())
    searcher.search("blue")  # the first of all keeps a calibration, which is a change
    searcher.search("red")
    n_before = len(counted)
    assert searcher.search("green").n_videos == 1
    is_numbered = library.state() is not None
    assert len(counted) == (n_before if is_numbered else n_before + 1)
    assert searcher.search("green", video_ids=["a"]).n_videos == 1
    index(library, "b", "red", worker="w2")
    assert searcher.search("blue").n_videos == 2


@pytest.mark.parametrize(
    ("written", "name", "n_videos"),
    [
        ("index(library, 'b', 'red', worker='w2')", "a.mp4", 2),
        ("library.rename('a', 'another name')", "another name", 1),
        ("library.delete('a')", None, 0),
    ],
)
def test_what_another_process_writes_is_seen(
    library: Library, folder: Path, written: str, name: str | None, n_videos: int
) -> None:
    """A video more, another name, a video less: the next answer has it; a server's, soon."""
    searcher = Searcher(library, Reader())
    for _ in range(2):  # the first of all keeps a calibration, which is a change
        assert searcher.search("red", wanted=ALL).moments[0].name == "a.mp4"
    command = [sys.executable, "-c", OTHER, str(folder), written]
    subprocess.run(command, check=True, cwd=ROOT)

    def sees() -> bool:
        found = searcher.search("red", wanted=ALL)
        of_first = next((one.name for one in found.moments), None)
        return (found.n_videos, of_first) == (n_videos, name)

    if isinstance(library._database, Server):
        until(sees, "what was written to be found")
    assert sees()


def test_tags_and_what_is_indexed_again_are_seen(library: Library) -> None:
    """A tag brings a video into the scope; other clips of the same number are other moments."""
    searcher = Searcher(library, Reader())
    tagged = Query("red", filters=Filters(tags=("beach",)))
    assert searcher.search(tagged, wanted=ALL).n_videos == 0
    library.tags.add("a", "beach")
    assert searcher.search(tagged, wanted=ALL).n_videos == 1
    before = searcher.search("red", wanted=ALL).moments[0].span
    library.reindex(["a"])
    video = library.claim("w", lease_s=30)
    assert video is not None
    library.clear_index("a", worker="w")
    library.save_clips(video, clips("blue red red"), worker="w")
    library.finish("a", "w")
    assert searcher.search("red", wanted=ALL).moments[0].span != before


def test_what_comes_while_a_video_is_indexed_is_seen(library: Library) -> None:
    """Its clips come one after the other, and each search sees those that are there."""
    add(library, "b")
    video = library.claim("w", lease_s=30, video_ids=["b"])
    assert video is not None
    searcher = Searcher(library, Reader())
    found = []
    for at_s in (0.0, 1.0):
        library.save_clips(video, clips("green", first_s=at_s), worker="w")
        moments = searcher.search(Query("green"), wanted=ALL).moments
        found.append(next(one.span.end_s for one in moments if one.video_id == "b"))
    assert found == [1.0, 2.0]
    library.finish("b", "w")
    assert library.version() == library.version() is not None


def test_so_many_answers_are_kept_and_for_so_long() -> None:
    """The one that was asked for longest ago goes first, and none outlives its time."""
    now_s = [0.0]
    searched: list[str] = []
    answered: Answered[SearchResult] = Answered(most=2, oldest_s=60, clock=lambda: now_s[0])

    def ask(text: str, version: str | None = "v") -> None:
        answered.answer(text, version, lambda: searched.append(text) or EMPTY)  # type: ignore[func-returns-value]

    for text in ("a", "b", "a", "c", "a", "b"):
        ask(text)
    assert searched == ["a", "b", "c", "b"]
    ask("b", "another version")
    ask("b", None)
    assert searched[4:] == ["b", "b"]
    now_s[0] = 61
    ask("b", "another version")
    assert searched[6:] == ["b"]


def test_what_fails_is_not_kept() -> None:
    """The next one tries again."""
    answered: Answered[SearchResult] = Answered()

    def fails() -> SearchResult:
        raise SearchError("No.")

    with pytest.raises(SearchError):
        answered.answer("a", "v", fails)
    assert answered.answer("a", "v", lambda: EMPTY).moments == ()


def test_many_threads_get_their_own_answers() -> None:
    """Eight at once, more questions than are kept: each gets what it asked for."""
    answered: Answered[SearchResult] = Answered(most=4)

    def ask(n: int) -> bool:
        text = str(n % 9)
        return answered.answer(text, "v", lambda: replace(EMPTY, query=text)).query == text

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(ask, range(2000)))
