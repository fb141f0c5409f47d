"""One search, three ways in: the pages' App, the command line, and an assistant's protocol."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anyio
import pytest

from core.bootstrap import App, open_app
from core.cli.main import main
from core.media.probe import probe
from core.query import Query, Wanted
from core.settings import Settings
from tests.conftest import TINY_MODEL
from tests.films import Film, draw_film, scenes

SCENES = (
    "yellow circle/black, red square/black, white star/black, red square/black, green cross/black",
    "red ring/cyan, yellow star/cyan, pink circle/cyan, purple triangle/cyan",
    "white cross/brown, blue square/brown, green triangle/brown, yellow ring/brown",
    "blue star/gray, orange triangle/gray, purple circle/gray, white square/gray",
)
ASKED: list[dict[str, Any]] = [
    {"text": "a star"},
    {"text": "a star", "minus": "white"},
    {"text": "a square\na ring", "limit": 3},
    {"text": "a red square", "then": "a green cross", "within_s": 2.0},
    {"text": "something blue", "floor": 0.0},
    {"text": "qwzx vbnm"},
]


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A library that every way in is pointed at."""
    folder = tmp_path_factory.mktemp("library")
    films = [
        Film(f"film {at}", scenes(line, seconds_each=3), size_px=(256, 144))
        for at, line in enumerate(SCENES)
    ]
    settings = {"REELSEEK_DATA": str(folder / "data"), "REELSEEK_MODEL": str(TINY_MODEL)}
    app = open_app(Settings(data=folder / "data", model=str(TINY_MODEL)))
    paths = [draw_film(film, folder) for film in films]
    app.worker().drain([app.intake.add_file(path).video.video_id for path in paths])
    app.close()
    return {**os.environ, **settings}


@pytest.fixture
def app(environment: dict[str, str]) -> Iterator[App]:
    data, model = (environment[name] for name in ("REELSEEK_DATA", "REELSEEK_MODEL"))
    app = open_app(Settings(data=Path(data), model=model))
    yield app
    app.close()


def by_protocol(environment: dict[str, str], calls: list[tuple[str, dict[str, Any]]]) -> list[Any]:
    """What the server answers to the protocol's own client; an error as its text."""
    from mcp import Client, StdioServerParameters, stdio_client

    async def talk() -> list[Any]:
        server = StdioServerParameters(
            command=sys.executable, args=["-m", "core", "mcp"], env=environment
        )
        # Pytest's standard error is no file that a process could be given.
        log = Path(environment["REELSEEK_DATA"]) / "log.txt"
        with log.open("a") as errors:
            async with Client(stdio_client(server, errlog=errors)) as client:
                return await asked_of(client)

    async def asked_of(client: Any) -> list[Any]:
        tools = await client.list_tools()
        answers: list[Any] = [sorted(tool.name for tool in tools.tools)]
        for name, arguments in calls:
            answer = await client.call_tool(name, arguments)
            text = answer.content[0].text  # type: ignore[union-attr]
            answers.append(text if answer.is_error else json.loads(text))
        return answers

    return anyio.run(talk)


def on_the_command_line(asked: dict[str, Any], out: pytest.CaptureFixture[str]) -> list[Any]:
    names = {"within_s": "--within", "limit": "-k"}
    options = [
        word
        for name, value in asked.items()
        if name != "text"
        for word in (names.get(name, f"--{name}"), str(value))
    ]
    assert main(["search", asked["text"], "--json", *options]) == 0
    found: list[Any] = json.loads(out.readouterr().out)
    return found


def test_the_same_moments_in_the_same_order_everywhere(
    environment: dict[str, str], app: App, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Ids, order and strength do not depend on the way in."""
    for name in ("REELSEEK_DATA", "REELSEEK_MODEL"):
        monkeypatch.setenv(name, environment[name])
    tools, *answers = by_protocol(environment, [("search_moments", asked) for asked in ASKED])
    assert tools == ["get_clip", "list_videos", "search_moments"]
    n_found = 0
    for asked, answer in zip(ASKED, answers, strict=True):
        given = {key: value for key, value in asked.items() if key not in ("limit", "floor")}
        wanted = Wanted(limit=asked.get("limit", 10), floor=asked.get("floor", Wanted().floor))
        page = app.searcher.search(Query(**given), wanted=wanted)
        ids = [(moment.moment_id, moment.strength) for moment in page.moments]
        for found in (answer["moments"], on_the_command_line(asked, capsys)):
            assert [(one["moment_id"], one["strength"]) for one in found] == ids
        assert (answer["n_videos"], answer["n_clips"]) == (page.n_videos, page.n_clips)
        n_found += len(ids)
    assert n_found > 8
    assert answers[-1]["moments"] == []


def test_an_assistant_lists_videos_and_gets_a_clip_as_a_file(environment: dict[str, str]) -> None:
    """Names, lengths, and a file that lasts as long as was asked; a mistake is a sentence."""
    _, listed, one, found = by_protocol(
        environment,
        [
            ("list_videos", {}),
            ("list_videos", {"name": "FILM 2", "limit": 1}),
            ("search_moments", {"text": "a blue square"}),
        ],
    )
    assert listed["n_videos"] == len(SCENES)
    assert {video["name"] for video in listed["videos"]} == {f"film {n}.mp4" for n in range(4)}
    assert [video["name"] for video in one["videos"]] == ["film 2.mp4"]
    moment = found["moments"][0]
    stretch = {name: moment[name] for name in ("video_id", "start_s", "end_s")}
    _, clip, like, *wrong = by_protocol(
        environment,
        [
            ("get_clip", stretch),
            ("search_moments", {"like": moment["moment_id"], "floor": 0}),
            ("get_clip", {**stretch, "end_s": 0}),
            ("get_clip", {**stretch, "video_id": "nobody"}),
            ("search_moments", {"like": "nonsense"}),
        ],
    )
    assert Path(clip["path"]).stat().st_size == clip["size_bytes"]
    length_s = moment["end_s"] - moment["start_s"]
    assert probe(Path(clip["path"])).duration_s == pytest.approx(length_s, abs=0.1)
    assert moment["moment_id"] not in [one["moment_id"] for one in like["moments"]]
    for sentence, words in zip(wrong, ("no clip", "No video", "names no moment"), strict=True):
        assert words in sentence
