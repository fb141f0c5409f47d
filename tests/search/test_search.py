"""From words to a result, on a real library and a model that sees mean colours."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from core.engine.engine import Engine
from core.errors import LibraryError, SearchError, WeightsMissingError
from core.library.library import Library
from core.model import Hit, Span
from core.query import MAX_CHARACTERS, Query, Wanted
from core.search.judging import MAX_HITS
from core.search.score import score
from core.search.search import Searcher
from tests.fakes import COLOURS, ColourEncoder
from tests.library.conftest import FACTS, index


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    engine = Engine(tmp_path / "database", probe_video=lambda _: FACTS)
    library = Library(engine)
    library.prepare()
    yield library
    engine.close()


class Reader(ColourEncoder):
    """Reads words that name no colour, too: they are as far from every colour as from the next."""

    def encode_texts(self, texts: Sequence[str]) -> NDArray[np.float32]:
        nothing = np.array([0, 0, 0, -1], np.float32)
        named = [any(word in COLOURS for word in text.lower().split()) for text in texts]
        return np.stack([
            super(Reader, self).encode_texts([text])[0] if is_named else nothing
            for text, is_named in zip(texts, named, strict=True)
        ])  # fmt: skip


@pytest.fixture
def searcher(library: Library) -> Searcher:
    return Searcher(library, ColourEncoder())


def test_a_result_says_what_was_looked_through(library: Library, searcher: Searcher) -> None:
    """The words as searched, how many videos and clips, and moments best first."""
    index(library, "a", "red red blue")
    index(library, "b", "green", worker="w2")
    result = searcher.search("  something \n red ")
    assert (result.query, result.n_videos, result.n_clips) == ("something red", 2, 4)
    assert result.took_s > 0
    first = result.moments[0]
    assert (first.video_id, first.span) == ("a", Span(0, 2))
    assert first.score == pytest.approx(1)
    assert [m.distance for m in result.moments] == sorted(
        (m.distance for m in result.moments), reverse=True
    )


def test_a_scope_narrows_what_is_looked_through(library: Library, searcher: Searcher) -> None:
    """By video and by stretch, or both."""
    index(library, "a", "red red blue")
    index(library, "b", "red", worker="w2")
    result = searcher.search("red", video_ids=["b"])
    assert (result.n_videos, result.n_clips) == (1, 1)
    assert {m.video_id for m in result.moments} == {"b"}
    result = searcher.search("red", video_ids=["a"], span=Span(2, 3))
    assert [(m.video_id, m.span) for m in result.moments] == [("a", Span(2, 3))]
    assert searcher.search("red", video_ids=[]).moments == ()


def test_enough_moments_come_back_although_one_scene_is_long(
    library: Library, searcher: Searcher
) -> None:
    """A scene that takes up all the nearest hits does not hide what comes after it."""
    index(library, "long", " ".join(["red"] * 200))
    index(library, "b", "blue", worker="w2")
    index(library, "c", "green", worker="w3")
    everything = Wanted(limit=3, floor=0, per_video=None, folds=False)
    result = Searcher(library, Reader()).search("red", wanted=everything)
    found = [moment.video_id for moment in result.moments]
    assert (found[0], set(found)) == ("long", {"long", "b", "c"})


def test_no_more_moments_than_asked_for(library: Library, searcher: Searcher) -> None:
    """`limit` cuts, best first."""
    index(library, "a", "red blue red blue red blue")
    assert [m.span.start_s for m in searcher.search("red", limit=2).moments] == [0, 2]


def test_more_is_promised_only_where_a_larger_limit_gives_it(
    library: Library, searcher: Searcher
) -> None:
    """What is held back because its video has enough is not to be had by a larger limit."""
    index(library, "a", "red blue red blue red blue")
    for limit, has_more in ((2, True), (4, True), (24, False)):
        wanted = Wanted(limit=limit, floor=0, per_video=None)
        assert searcher.search("red", wanted=wanted).has_more is has_more, limit
    few = searcher.search("red", wanted=Wanted(limit=2, floor=0, per_video=2))
    assert (len(few.moments), few.n_held_back > 0, few.has_more) == (2, True, False)


@pytest.mark.parametrize(
    ("text", "scope", "words"),
    [
        ("", {}, "nothing to look for"),
        (" \n\t", {}, "nothing to look for"),
        ("x" * (MAX_CHARACTERS + 1), {}, "1001 characters"),
        ("red", {"span": Span(3, 3)}, "holds nothing"),
        ("red", {"limit": 0}, "one or more"),
    ],
)
def test_what_cannot_be_searched_says_why(
    searcher: Searcher, text: str, scope: dict[str, object], words: str
) -> None:
    """Before the model is asked for anything."""
    with pytest.raises(SearchError, match=words):
        searcher.search(text, **scope)  # type: ignore[arg-type]


def test_an_empty_library_needs_no_model(library: Library) -> None:
    """Nothing is searchable: an empty result at once, even without weights."""
    encoder = ColourEncoder()
    encoder.missing = "Missing. Bring them."
    result = Searcher(library, encoder).search("red")
    assert (result.moments, result.n_clips) == ((), 0)


def test_missing_weights_reach_the_person(library: Library) -> None:
    """The encoder's sentence passes through as it is."""
    index(library, "a", "red")
    encoder = ColourEncoder()
    encoder.missing = "Missing. Bring them."
    with pytest.raises(WeightsMissingError, match="Bring them"):
        Searcher(library, encoder).search("red")


def test_another_model_than_the_indexs_is_refused(library: Library) -> None:
    """Rather than ranking by figures that mean nothing."""
    index(library, "a", "red")
    with pytest.raises(LibraryError, match="indexed with mean colour"):
        Searcher(library, ColourEncoder(model="other")).search("red")


def test_a_score_is_within_0_and_1() -> None:
    """The cosine, cut at nothing; float noise above 1 too."""
    assert [score(one) for one in (-0.3, 0.0, 0.25, 1.0000001)] == [0.0, 0.0, 0.25, 1.0]


@pytest.mark.parametrize(
    ("query", "wanted", "most"),
    [
        (Query("red"), Wanted(), 128),
        (Query("red", then="blue"), Wanted(), 128),
        (Query("red"), Wanted(limit=960), 128),
        (Query("red", minus="blue"), Wanted(), MAX_HITS),
    ],
)
def test_no_more_hits_are_asked_for_than_needed(
    library: Library, monkeypatch: pytest.MonkeyPatch, query: Query, wanted: Wanted, most: int
) -> None:
    """Few, where all there is came back; all, where the nearest may be what is taken away."""
    index(library, "a", "red blue red")
    asked: list[int] = []
    nearest_rows = Library.nearest_rows

    def counted(
        self: Library, vector: NDArray[np.float32], k: int, **scope: Any
    ) -> tuple[list[Hit], NDArray[np.float32]]:
        asked.append(k)
        return nearest_rows(self, vector, k, **scope)

    monkeypatch.setattr(Library, "nearest_rows", counted)
    assert Searcher(library, ColourEncoder()).search(query, wanted=wanted).moments
    assert max(asked) == most
