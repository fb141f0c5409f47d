"""A multi-video import in a process of its own, to be killed, starved or cut off; and its outcome.

Run as `python -m tests.ingest.imports add|worker …`, the real command line, or as `… app …`, the
real app, with the encoder that sees mean colours, so that a round takes a second.
"""

from __future__ import annotations

import hashlib
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from core import bootstrap
from core.bootstrap import App
from core.ingest import attempt, claimed, worker
from tests.embedded import on_a_server
from tests.fakes import COLOURS, ColourEncoder
from tests.ingest.conftest import draw

ROOT = Path(__file__).parents[2]


def draw_library(folder: Path, n_videos: int) -> list[Path]:
    """Draw videos of one colour after another, each of its own content and length."""
    folder.mkdir(parents=True, exist_ok=True)
    lot = random.Random(7)
    names = sorted(COLOURS)
    paths = []
    for n in range(n_videos):
        colours = [names[n % len(names)]]
        n_scenes = 70 if n % 10 == 3 else 5 + n % 7  # 32 clips are saved at once: some take three
        while len(colours) < n_scenes:
            colours.append(lot.choice([name for name in names if name != colours[-1]]))
        suffix = ".mkv" if n % 5 == 4 else ".mp4"  # some want a playable copy
        paths.append(draw(folder / f"{n:02d}{suffix}", " ".join(colours), fps=4))
    return paths


def start(data: Path, *arguments: str, **environment: str) -> subprocess.Popen[str]:
    """Start the command line with the fast encoder."""
    own = on_a_server(os.environ) if "APERTUREDB_JSON" in environment else os.environ
    env = {**own, "REELSEEK_DATA": str(data), **environment}
    command = [sys.executable, "-m", "tests.ingest.imports", *arguments]
    return subprocess.Popen(
        command, cwd=ROOT, env=env, text=True, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def finish(process: subprocess.Popen[str], limit_s: float = 90) -> tuple[int, str, str]:
    """Wait for it; its exit status and what it wrote."""
    try:
        out, err = process.communicate(timeout=limit_s)
    finally:
        process.kill()
        process.communicate()
    return process.returncode, out, err


def snapshot(app: App) -> dict[str, Any]:
    """Everything that an import leaves, to the last byte, without ids and dates."""
    library = app.library
    videos = {}
    for video in library.videos():
        clips = library.clips(video.video_id)
        sheets = library.storyboard(video.video_id)
        poster = library.poster(video.video_id)
        videos[video.name] = {
            "state": video.state.value,
            "n_clips": video.n_clips,
            "clips": [(clip.span.start_s, clip.span.end_s, clip.best_s) for clip in clips],
            "pictures": [_hash(library.picture(video.video_id, clip.best_s)) for clip in clips],
            "poster": _hash(poster),
            "sheets": [
                (one.start_s, one.n_tiles, _hash(one.jpeg))
                for sheet in sheets
                if (one := library.sheet(video.video_id, sheet.start_s)) is not None
            ],
            "vectors": _vectors(app, video.video_id),
        }
    every = {find: _blobs(app, find) for find in ("FindDescriptor", "FindImage")}
    every["FindBlob"] = _blobs(app, "FindBlob", kind=_NOT_LEARNED)
    return {"videos": videos, "rows": rows(app), "every": every}


def _vectors(app: App, video_id: str) -> list[str]:
    """Hash the vectors that the serving index has of a video; in no order."""
    index = app.library.index_name
    return _blobs(app, "FindDescriptor", video_id=["==", video_id], _set_name=["==", index])


def _blobs(app: App, find: str, **constraints: list[Any]) -> list[str]:
    """Hash the bytes of all objects of a kind that meet these constraints; in no order."""
    query: dict[str, Any] = {"blobs": True, "results": {"count": True}}
    if constraints:
        query["constraints"] = constraints
    _, blobs = app._database.query([{find: query}])
    return sorted(map(_hash, blobs))


def _hash(content: bytes | None) -> str:
    return "none" if content is None else hashlib.sha256(content).hexdigest()[:16]


# What a search, or a worker beforehand, has learned from a library is kept with it at any time.
_NOT_LEARNED: list[Any] = ["not in", ["search background", "search references"]]


def rows(app: App) -> dict[str, int]:
    """How many objects of each kind the database holds: a left-over shows here."""
    finds = ("FindVideo", "FindClip", "FindDescriptor", "FindImage")
    commands = [{name: {"blobs": False, "results": {"count": True}}} for name in finds]
    imported = {"constraints": {"kind": _NOT_LEARNED}, "blobs": False}
    commands.append({"FindBlob": {**imported, "results": {"count": True}}})
    commands.append({"FindConnection": {"results": {"count": True}}})
    response, _ = app._database.query(commands)
    return {name: body["count"] for answer in response for name, body in answer.items()}


def left_over(app: App) -> list[str]:
    """What lies in Reelseek's folders and belongs to no video, after one more start: nothing.

    A playable copy may be there or not, as only workers make them. What is left of one goes with
    the first start that comes some seconds later: so these pass.
    """
    for part in app.settings.proxies_folder.glob("*.part"):
        os.utime(part, (0, 0))
    app.intake.mend()
    videos = app.library.videos()
    named = {app.intake.proxy_of(video) for video in videos}
    named |= {Path(video.path) for video in videos if video.path is not None}
    return sorted(
        str(path.relative_to(app.settings.data))
        for path in app.settings.data.rglob("*")
        if path.is_file() and path not in named and not _is_of_database(path, app)
    )


def _is_of_database(path: Path, app: App) -> bool:
    """Say whether it is the database itself, or a note on a folder that was added."""
    settings = app.settings
    name = path.relative_to(settings.data).as_posix()
    is_note = path.parent == settings.additions_folder and path.suffix == ".json"
    return is_note or name.startswith("database/aperture.sqlite3")


def standing(app: App) -> dict[str, int]:
    """How many videos are in each state."""
    states: dict[str, int] = {}
    for video in app.library.videos():
        states[video.state.value] = states.get(video.state.value, 0) + 1
    return states


def holders(app: App) -> set[int]:
    """The processes that have claimed a video of this machine."""
    query = {"constraints": {"index_state": ["==", "indexing"]}, "blobs": False,
             "results": {"list": ["index_worker"]}}  # fmt: skip
    (answer,), _ = app._database.query([{"FindVideo": query}])
    names = [one["index_worker"] or "" for one in answer["FindVideo"].get("entities") or []]
    return {int(name.split(":")[2]) for name in names if name.count(":") >= 3}


def kill_in_the_middle(
    app: App, victim: subprocess.Popen[str], n_videos: int, *,
    has_begun: Callable[[], bool], after_s: float,
) -> str | None:  # fmt: skip
    """Kill a process some time after it has begun; say what was done by then.

    None: it, or the work, was over before.
    """
    until_s = time.monotonic() + 120
    while not has_begun():
        assert victim.poll() is None, "it ended before it had begun"
        assert time.monotonic() < until_s, "it never began"
        time.sleep(0.01)
    time.sleep(after_s)  # the point is what is random
    is_alive, claimed_by = victim.poll() is None, holders(app)
    victim.kill()
    states = standing(app)
    if not is_alive or states.get("ready", 0) == n_videos:
        return None
    told = ", ".join(f"{n} {state}" for state, n in sorted(states.items()))
    whose = "it" if victim.pid in claimed_by else "another" if claimed_by else "nobody"
    return f"{after_s:.2f} s in: {told}; claimed by {whose}"


def main() -> int:
    """Run the command line as a person would, but for the model."""
    bootstrap.ClipEncoder = lambda *_, **__: ColourEncoder()  # type: ignore[assignment, misc]
    if lease_s := os.environ.get("TEST_LEASE_S"):
        for module in (attempt, claimed, worker):
            vars(module)["LEASE_S"] = float(lease_s)
    if sys.argv[1] == "app":
        return serve(sys.argv[2:])
    from core.cli import main

    return main(sys.argv[1:])


def serve(options: list[str]) -> int:
    """Run the app as `streamlit run app.py` does, whose worker has that encoder, too."""
    from streamlit.web import cli

    from core.web.lifespan import lifespan

    assert lifespan.__kwdefaults__ is not None
    command = (sys.executable, "-P", "-m", "tests.ingest.imports", "worker", "--with-parent")
    lifespan.__kwdefaults__["worker"] = command
    cli.main(["run", str(ROOT / "app.py"), *options])
    return 0


if __name__ == "__main__":
    sys.exit(main())
