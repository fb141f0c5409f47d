"""Exact edges of a video whose file is on another machine, has changed, or is gone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core import bootstrap
from core.bootstrap import App, open_app
from core.cli.main import main
from core.cli.mcp_search import MomentSearch
from core.model import Moment, Span
from core.query import Right, Wanted
from core.search.zoom import Zoom
from core.settings import Settings
from tests.fakes import ColourEncoder
from tests.ingest.conftest import draw
from tests.machine import Machine

# Mean colours are sure of nothing, so whatever is found is shown.
EVERYTHING = Wanted(floor=0.0)


@pytest.fixture
def encoder() -> ColourEncoder:
    return ColourEncoder()


def added(app: App, film: Path) -> str:
    video = app.intake.add_file(film).video
    app.worker().drain([video.video_id])
    return video.video_id


def roughly(app: App, colour: str, edge_s: float) -> Moment:
    """What shows a colour, beginning half a second too early."""
    found = app.searcher.search(colour, wanted=EVERYTHING).moments[0]
    return replace(found, span=Span(edge_s - 0.5, found.span.end_s))


def test_what_only_the_server_has_is_fetched(
    machine: Machine, tmp_path: Path, encoder: ColourEncoder
) -> None:
    """Into the folder of copies that is bounded; measuring looks as closely there."""
    film = draw(tmp_path / "film.mp4", "red blue", seconds_each=1.7)
    settings = Settings(data=tmp_path / "here", server="APERTUREDB_JSON")
    here = open_app(settings, encoder=encoder)
    added(here, film)
    here.close()
    film.unlink()
    there = open_app(replace(settings, data=tmp_path / "there"), encoder=encoder)
    try:
        exact = there.zoom.exact(roughly(there, "blue", 1.7))
        assert exact.span == Span(pytest.approx(1.7, abs=0.01), pytest.approx(3.4, abs=0.01))
        (copy,) = there.settings.cache_folder.iterdir()
        copy.unlink()  # as one that had to make room
        assert there.zoom.exact(roughly(there, "red", 0.5)).span.start_s == 0
        assert copy.is_file()
        copy.unlink()
        there.library.rights.add(Right("blue", exact.video_id, exact.span))
        for index in (None, there.library.index_name):
            there.measured(EVERYTHING, zooms=True, index=index)
        assert copy.is_file()
    finally:
        there.close()


def test_replaced_content_is_looked_at_anew(
    settings: Settings, tmp_path: Path, encoder: ColourEncoder
) -> None:
    """Another film at the same path is the same video, and none of its frames is known."""
    app = open_app(settings, encoder=encoder)
    edges_s, ids = [], []
    try:
        for edge_s in (1.7, 2.4):
            film = draw(tmp_path / "film.mp4", "red blue", seconds_each=edge_s)
            ids.append(added(app, film))
            edges_s.append(app.zoom.exact(roughly(app, "blue", edge_s)).span.start_s)
    finally:
        app.close()
    assert ids[0] == ids[1]
    assert edges_s == pytest.approx([1.7, 2.4], abs=0.01)


@pytest.fixture
def half_gone(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[App]:
    """A library of two videos, the file of the second gone."""
    monkeypatch.setenv("REELSEEK_DATA", str(settings.data))
    monkeypatch.setattr(bootstrap, "ClipEncoder", lambda *_, **__: ColourEncoder())
    app = open_app(settings)
    for name, colours in (("one.mp4", "red blue"), ("two.mp4", "red green")):
        added(app, draw(tmp_path / name, colours, seconds_each=1.7))
    (tmp_path / "two.mp4").unlink()
    yield app
    app.close()


def test_one_file_that_is_gone_loses_no_other_answer(
    half_gone: App, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its moments keep their edges, and why is said: on standard error, or beside the moments."""
    looked_at: list[str] = []
    exact = Zoom.exact

    def noted(zoom: Zoom, moment: Moment) -> Moment:
        found = exact(zoom, moment)
        looked_at.append(found.name)
        return found

    monkeypatch.setattr(Zoom, "exact", noted)
    asked = ["search", "red", "--floor", "0", "--json"]
    assert main(asked) == 0
    coarse = json.loads(capsys.readouterr().out)
    assert {one["name"] for one in coarse} == {"one.mp4", "two.mp4"}
    assert main([*asked, "--exact"]) == 0
    out, err = capsys.readouterr()
    found = json.loads(out)
    assert [one["moment_id"] for one in found] == [one["moment_id"] for one in coarse]
    of_gone = [one for one in coarse if one["name"] == "two.mp4"]
    assert [one for one in found if one["name"] == "two.mp4"] == of_gone
    assert looked_at == ["one.mp4"] * (len(found) - len(of_gone))
    (line,) = err.splitlines()
    assert "The file of two.mp4 is not on this machine" in line
    told = MomentSearch(half_gone).search_moments("red", floor=0.0, exact=True)
    assert told["moments"] == found
    assert set(told["inexact"]) == {one["moment_id"] for one in of_gone}
    assert all("is not on this machine" in why for why in told["inexact"].values())
