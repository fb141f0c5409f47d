"""A multi-video import in a process of its own, to be killed, starved or cut off; and its outcome.

Run as `python -m tests.ingest.imports add|worker …`, the real command line, or as `… app …`, the
real app, with the encoder that sees mean colours, so that a round takes a second.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

from core import bootstrap
from core.bootstrap import App
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
        while len(colours) < 5 + n % 7:
            colours.append(lot.choice([name for name in names if name != colours[-1]]))
        suffix = ".mkv" if n % 5 == 4 else ".mp4"  # some want a playable copy
        paths.append(draw(folder / f"{n:02d}{suffix}", " ".join(colours), fps=4))
    return paths


def start(data: Path, *arguments: str, **environment: str) -> subprocess.Popen[str]:
    """Start the command line with the fast encoder."""
    env = {**os.environ, "REELSEEK_DATA": str(data), **environment}
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
    """Everything that an import leaves, without ids and dates."""
    library = app.library
    videos = {}
    for video in library.videos():
        clips = library.clips(video.video_id)
        sheets = library.storyboard(video.video_id)
        videos[video.name] = {
            "state": video.state.value,
            "n_clips": video.n_clips,
            "clips": [(clip.span.start_s, clip.span.end_s, clip.best_s) for clip in clips],
            "pictures": all(library.picture(video.video_id, clip.best_s) for clip in clips),
            "poster": library.poster(video.video_id) is not None,
            "sheets": [(sheet.start_s, sheet.n_tiles) for sheet in sheets],
        }
    return {"videos": videos, "rows": rows(app)}


def rows(app: App) -> dict[str, int]:
    """How many objects of each kind the database holds: a left-over shows here."""
    finds = ("FindVideo", "FindClip", "FindDescriptor", "FindImage", "FindBlob")
    commands = [{name: {"blobs": False, "results": {"count": True}}} for name in finds]
    commands.append({"FindConnection": {"results": {"count": True}}})
    response, _ = app._database.query(commands)
    return {name: body["count"] for answer in response for name, body in answer.items()}


def owned_files(app: App) -> list[str]:
    """What lies in the folders of Reelseek's own, beside its database."""
    settings = app.settings
    folders = (settings.videos_folder, settings.incoming_folder, settings.proxies_folder)
    return sorted(path.name for folder in folders if folder.is_dir() for path in folder.iterdir())


def main() -> int:
    """Run the command line as a person would, but for the model."""
    bootstrap.ClipEncoder = lambda *_, **__: ColourEncoder()  # type: ignore[assignment, misc]
    if sys.argv[1] == "app":
        return serve(sys.argv[2:])
    from core.cli import main

    return main(sys.argv[1:])


def serve(options: list[str]) -> int:
    """Run the app as `streamlit run app.py` does, whose worker has that encoder, too."""
    from streamlit.web import cli

    from core.web.lifespan import lifespan

    assert lifespan.__kwdefaults__ is not None
    worker = (sys.executable, "-P", "-m", "tests.ingest.imports", "worker", "--with-parent")
    lifespan.__kwdefaults__["worker"] = worker
    cli.main(["run", str(ROOT / "app.py"), *options])
    return 0


if __name__ == "__main__":
    sys.exit(main())
