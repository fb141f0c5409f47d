"""The ways into a library: an assistant's protocol, the command line, the page."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import anyio
import pytest
from streamlit.testing.v1 import AppTest

from core.bootstrap import App
from core.cli.main import main
from tests.pages.conftest import MAIN, drawn


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


# How the command line and the address of the page say each of the assistant's arguments.
SAID: dict[str, tuple[str, str]] = {
    "text": ("", "q"), "minus": ("--minus", "minus"), "then": ("--then", "then"),
    "within_s": ("--within", "within"), "like": ("--like", "like"),
    "image": ("--image", "picture"), "blend": ("--blend", "blend"),
    "liked": ("--liked", "up"), "disliked": ("--disliked", "down"),
    "video_ids": ("--video", "video"), "tags": ("--tag", "tags"),
    "from_s": ("--from", "from"), "to_s": ("--to", "to"),
    "added_from": ("--since", "since"), "added_until": ("--until", "until"),
    "min_duration_s": ("--longer", "longer"), "max_duration_s": ("--shorter", "shorter"),
    "min_height_px": ("--height", "height"), "floor": ("--floor", "floor"),
    "per_video": ("--all", "all"), "padding_s": ("--padding", "pad"),
    "folds": ("--unfolded", ""), "exact": ("--exact", "exact"),
}  # fmt: skip
FLAGS = ("per_video", "folds", "exact")
LIMIT = 24  # as many as the page shows at once


def on_the_command_line(asked: dict[str, Any], out: pytest.CaptureFixture[str]) -> list[Any]:
    options: list[str] = []
    for name, value in asked.items():
        option = SAID[name][0]
        if name in FLAGS:
            options.append(option)
        elif name != "text":
            options += [
                word
                for one in (value if isinstance(value, list) else [value])
                for word in (option, str(one))
            ]
    assert main(["search", asked.get("text", ""), "--json", "-k", str(LIMIT), *options]) == 0
    found: list[Any] = json.loads(out.readouterr().out)
    return found


def on_the_page(asked: dict[str, Any], app: App) -> AppTest:
    """The real search page, opened by an address."""
    at = AppTest.from_file(MAIN, default_timeout=120)
    for name, value in asked.items():
        said = ",".join(value) if isinstance(value, list) else str(value)
        if name == "image":
            said = app.keep_picture(Path(value).read_bytes())
        at.query_params[SAID[name][1]] = "1" if name in FLAGS else said
    at = at.switch_page("search.py")
    at.run()
    assert not at.exception
    return at


def tiles_of(at: AppTest) -> list[dict[str, Any]]:
    """The moments that the page shows, in its order."""
    label = "Moments, best first"
    return [tile for grid in drawn(at, "tiles") if grid["label"] == label for tile in grid["tiles"]]
