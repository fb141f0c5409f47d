"""Libraries that ApertureDB's workflow wrote, larger than what is looked through at a time.

Nothing on their vectors says whose they are, or when. In process and over the wire.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.engine.engine import Engine
from core.library import foreign
from core.library import foreign_queries as fq
from core.library.library import Library, Listed
from core.library.schema import Account
from core.model import Hit, Span, VideoFacts
from core.query import Frame
from core.search.aiming import Aiming
from core.search.aims import Likeness
from core.search.judging import Judge, Scope
from core.search.seeing import heat
from core.wire.client import import_client
from core.wire.server import Server
from tests.fakes import COLOURS, ColourEncoder, vector_of
from tests.library.conftest import FACTS, Clock, add, index
from tests.library.test_nearest import write_as_the_workflow

RED, GREEN, BLUE = (vector_of(COLOURS[name]) for name in ("red", "green", "blue"))
# Of 2,700 vectors 2,400 are nearer to red than any of "sea", which has one green among blue ones.
FILMS = {
    "fire": " ".join(["red"] * 1200),
    "rose": " ".join(["red"] * 1200),
    "sea": " ".join(["blue"] * 150 + ["green"] + ["blue"] * 149),
}


@dataclass
class Places:
    """A library, and the ids of its videos by their names."""

    library: Library
    ids: dict[str, str]

    def nearest(self, vector: np.ndarray, k: int, *names: str, **scope: Any) -> list[Hit]:
        """The nearest clips, within the videos of these names if there are any."""
        ids = [self.ids[name] for name in names] or None
        return self.library.nearest(vector, k, video_ids=ids, **scope)


@pytest.fixture(scope="module", params=["descriptor", "clip"])
def written(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Engine]:
    """A database of 2,700 vectors by the workflow, of either version; and another set's."""
    folder = tmp_path_factory.mktemp("written") / "database"
    engine = Engine(folder, probe_video=lambda _: FACTS)
    write_as_the_workflow(engine, FILMS, edge_to=request.param, n_frames=100_000)
    write_as_the_workflow(
        engine, {"elsewhere": "red green blue"}, edge_to=request.param, to="another set"
    )
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def wired(written: Engine) -> Iterator[Any]:
    """The official client's Connector on a server in front of it."""
    import_client()
    from aperturedb.Connector import Connector

    with Server(written, port=0, password="secret") as server:  # noqa: S106 - of this test
        host, port = server.address
        connector = Connector(host, port, user="admin", password="secret", use_ssl=False)  # noqa: S106
        yield connector
        connector.close()


@pytest.fixture(params=["engine", "engine, film by film", "wire"])
def places(
    written: Engine, wired: Any, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Places:
    """The library in it, whose films are looked through together or one after the other."""
    if "film by film" in request.param:
        monkeypatch.setattr(foreign, "_TOGETHER_S", 1.0)
    library = Library(wired if request.param == "wire" else written)
    library.prepare()
    found = {video.name: video.video_id for video in library.videos()}
    return Places(library, found)


def test_all_of_one_video_is_found(places: Places) -> None:
    """However many vectors of others are nearer; and no more than was asked for."""
    hits = places.nearest(RED, 4096, "sea")
    assert sorted(hit.span.start_s for hit in hits) == list(range(300))
    assert {hit.name for hit in hits} == {"sea"}
    (best,) = places.nearest(GREEN, 1, "sea")
    assert (best.span, best.similarity) == (Span(150, 151), pytest.approx(1, abs=1e-6))


def test_of_several_videos_the_nearest_come_first(places: Places) -> None:
    """Also where each was looked through by itself."""
    hits = places.nearest(GREEN, 1210, "fire", "sea")
    assert (hits[0].name, hits[0].best_s) == ("sea", 150)
    assert [hit.similarity for hit in hits] == sorted((h.similarity for h in hits), reverse=True)
    assert len(hits) == 1210
    assert len(places.nearest(GREEN, 4096, "fire", "rose", "sea")) == 2700


def test_a_stretch_of_one_video(places: Places) -> None:
    """All that shares an instant with it, as its borders are half-open, and no more."""
    hits = places.nearest(RED, 9, "sea", span=Span(149, 152))
    assert sorted(hit.best_s for hit in hits) == [149, 150, 151]
    hits = places.nearest(RED, 2, "sea", span=Span(149.5, 150.5))
    assert sorted(hit.best_s for hit in hits) == [149, 150]
    assert len(places.nearest(RED, 9, "sea", span=Span(298.5, float("inf")))) == 2
    assert places.nearest(RED, 9, "sea", span=Span(300, 400)) == []


def test_a_stretch_of_all_videos(places: Places) -> None:
    """Of the least alike, too; vectors come along in the order of the hits."""
    hits, rows = places.library.nearest_rows(BLUE, 9, span=Span(150, 152))
    assert sorted((hit.name, hit.best_s) for hit in hits) == [
        (name, at_s) for name in ("fire", "rose", "sea") for at_s in (150, 151)
    ]
    assert rows @ BLUE == pytest.approx([hit.similarity for hit in hits], abs=1e-6)
    hits = places.nearest(BLUE, 9, span=Span(1100, 1101.5))
    assert sorted((hit.name, hit.best_s) for hit in hits) == [
        (name, at_s) for name in ("fire", "rose") for at_s in (1100, 1101)
    ]
    assert len(places.nearest(GREEN, 1, span=Span(150, 152))) == 1


def test_another_sets_videos_are_not_found(places: Places) -> None:
    """Not by their stretch, nor by their ids."""
    assert {hit.name for hit in places.nearest(RED, 99, span=Span(0, 2))} == {"fire", "rose", "sea"}
    assert places.nearest(RED, 99, "elsewhere") == []


class Noted:
    """A database whose queries are kept: the names of their commands."""

    def __init__(self, database: Any) -> None:
        self._database = database
        self.asked: list[list[str]] = []

    def query(self, commands: list[dict[str, Any]], blobs: Sequence[bytes] = ()) -> Any:
        self.asked.append([name for command in commands for name in command])
        return self._database.query(commands, blobs)

    def n(self, *names: str) -> int:
        """How many queries began with these commands."""
        return sum(tuple(one[: len(names)]) == names for one in self.asked)


LISTING = "FindVideo", "FindClip"


@pytest.mark.parametrize("by", ["stretch", "id"])
def test_a_search_lists_them_once(places: Places, by: str) -> None:
    """However many vectors, lines and hits it asks for, and counting; the next search, anew."""
    noted = Noted(places.library._database)
    library, scope = Library(noted), Scope(span=Span(0, 290))
    if by == "id":
        scope = Scope(list(places.ids.values()))
    judge = Judge(library, None)
    hits = [
        judge.found(Likeness(None, np.stack([BLUE, GREEN, RED])), scope, k)[0].hits
        for k in (8, 128)
    ]
    n_clips = library.count_within(scope.video_ids, scope.span, scope.listed)
    n_parts = noted.n(*LISTING)
    assert n_parts == (3 if is_film_by_film() else 1)
    again = replace(scope, listed=Listed())
    assert judge.found(Likeness(None, np.stack([RED])), again, 1210)[1] == min(1210, n_clips)
    assert noted.n(*LISTING) == 2 * n_parts
    for k, found in zip((8, 128), hits, strict=True):
        alone = {
            (hit.video_id, hit.best_s)
            for row in (BLUE, GREEN, RED)
            for hit in places.library.nearest(row, k, video_ids=scope.video_ids, span=scope.span)
        }
        assert {(hit.video_id, hit.best_s) for hit in found} == alone
    assert n_clips == places.library.count_within(scope.video_ids, scope.span)
    assert n_clips == (870 if by == "stretch" else 2700)


def is_film_by_film() -> bool:
    return foreign._TOGETHER_S == 1.0


def test_too_many_to_keep_are_listed_again(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same are found; what is kept of them stays small."""
    monkeypatch.setattr(foreign, "_MOST_KEPT", 2699)
    noted = Noted(places.library._database)
    listed, ids = Listed(), list(places.ids.values())
    found = [
        Library(noted).nearest_rows(GREEN, 9, video_ids=ids, listed=listed)[0] for _ in range(2)
    ]
    assert found[0] == found[1] == places.library.nearest(GREEN, 9, video_ids=ids)
    assert noted.n(*LISTING) == 2 * (3 if is_film_by_film() else 1)
    assert not listed.is_known


def test_films_of_different_rates_are_asked_about_together(tmp_path: Path) -> None:
    """In one query, though a second is another number of frames in each."""
    rates = {f"film of {fps}": float(fps) for fps in (10, 12.5, 20, 25, 50)}

    def probe(path: Path) -> VideoFacts:
        return replace(FACTS, fps=rates[path.read_text().removeprefix("bytes of ")])

    engine = Engine(tmp_path / "rates", probe_video=probe)
    # 25 frames for each colour: the one blue clip lies at another second in each.
    films = dict.fromkeys(rates, "red " * 4 + "blue " + "red " * 4)
    write_as_the_workflow(engine, films, n_frames=100_000)
    Library(engine).prepare()
    library = Library(noted := Noted(engine)).serving()
    for at_s, fps in ((4.5, 25), (2.2, 50), (5.5, 20), (8.5, 12.5), (11.0, 10)):
        hits = library.nearest(BLUE, 1, span=Span(at_s, at_s + 0.25))
        assert [hit.name for hit in hits] == [f"film of {fps}"]
        assert hits[0].similarity == pytest.approx(1, abs=1e-6)
    n_before = len(noted.asked)
    assert len(library.nearest(BLUE, 99, span=Span(0, 2))) == 1 + 1 + 2 + 2 + 4
    assert len(noted.asked) - n_before == 4, "for the set, ours, their list, and the nearest of it"
    engine.close()


def test_an_instant_has_a_vector(places: Places) -> None:
    """That of the clip which holds it: *More like this* and the reasons of a moment go by it."""
    aiming = Aiming(places.library, ColourEncoder(), None)
    for at_s, row in ((150.0, GREEN), (149.999, BLUE), (299.9, BLUE)):
        assert aiming.row_of(Frame(places.ids["sea"], at_s)) == pytest.approx(row, abs=1e-6)


def test_the_strip_of_heat_covers_the_video(places: Places) -> None:
    """Every clip of it is measured, and the one moment stands out."""
    judge = Judge(places.library, None)
    shown = heat(judge, [Likeness(None, GREEN[np.newaxis])], places.ids["sea"])
    assert [span.start_s for span in shown.spans] == list(range(300))
    assert 150 in shown.peaks_s
    assert int(np.argmax(shown.strengths)) == 150


def test_what_ours_have_does_not_hide_it(library: Library, engine: Engine) -> None:
    """Where ours alone are as many as was asked for, another program's may still be nearer."""
    write_as_the_workflow(engine, {"theirs": "blue green"})
    library.prepare()
    index(library, "ours", "blue blue blue")
    (theirs,) = (one.video_id for one in library.videos() if one.name == "theirs")
    for scope in ({"video_ids": ["ours", theirs]}, {"span": Span(1, 2)}):
        hits = library.nearest(GREEN, 1, **scope)  # type: ignore[arg-type]
        assert [(hit.name, hit.best_s) for hit in hits] == [("theirs", 1)]


def test_a_video_of_ours_that_waits_is_found_by_what_the_workflow_made(
    library: Library, engine: Engine
) -> None:
    """Its id is ours then, its clips and vectors are not."""
    add(library, "film")
    write_as_the_workflow(engine, {"other": "blue"})
    write_as_the_workflow(engine, {"film.mp4": "red green"}, add=False)
    for scope in ({"video_ids": ["film"]}, {"video_ids": ["film"], "span": Span(1, 2)}):
        hits = library.nearest(GREEN, 1, **scope)  # type: ignore[arg-type]
        assert [(hit.video_id, hit.span) for hit in hits] == [("film", Span(1, 2))]


class Counting(Engine):
    """Keeps the queries that it is asked."""

    n_asked = 0

    def query(self, *args: Any, **kwargs: Any) -> Any:
        self.n_asked += 1
        return super().query(*args, **kwargs)


def test_a_library_of_ours_is_asked_no_more_for_it(tmp_path: Any, clock: Clock) -> None:
    """Within a scope no query more than anywhere, where no other program's vectors are."""
    engine = Counting(tmp_path / "counted", probe_video=lambda _: FACTS)
    library = Library(engine, clock=clock)
    library.prepare()
    index(library, "ours", "red blue")
    add(library, "waiting")
    n_asked = []
    for scope in ({}, {"video_ids": ["ours", "waiting"], "span": Span(0, 9)}):
        before = engine.n_asked
        assert len(library.nearest(RED, 9, **scope)) == 2  # type: ignore[arg-type]
        n_asked.append(engine.n_asked - before)
    assert n_asked[0] == n_asked[1]
    engine.close()


def test_of_a_foreign_set_nothing_hangs_on_what_nobody_ever_noted() -> None:
    """A server may answer nothing to a question about a property that it never saw, null or not."""
    (command,) = fq.find_videos(Account("somebodys"), None, is_own=False)
    constraints = command["FindVideo"]["constraints"]
    assert ["==", None] not in constraints.values()
    assert {said for said, _ in constraints.values()} == {"!=", "=="}
