"""`make demo`: the whole product on a small drawn library, with the small model of the tests.

For whoever has no CLIP weights yet. Draws the films into build/demo once, adds them by the command
line and starts the app, each as a user would; knows nothing of what goes on inside.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.embedded import embedded
from tests.films import Film, draw_film, scenes

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "build/demo"
MODEL = ROOT / "tests/data/tiny_clip/tiny_clip.pt"

FILMS = (
    Film(
        "Night drive",
        scenes(
            "yellow circle/black, red square/black, white star/black, green cross/black,"
            "orange ring/black",
            seconds_each=6,
        ),
        size_px=(1280, 720),
        sound=True,
    ),
    Film(
        "At the pool",
        scenes(
            "red ring/cyan, yellow star/cyan, pink circle/cyan, purple triangle/cyan",
            seconds_each=7,
        ),
        size_px=(1280, 720),
    ),
    Film(
        "Workshop",
        scenes(
            "white cross/brown, blue square/brown, green triangle/brown, yellow ring/brown,"
            "pink star/brown",
            seconds_each=5,
        ),
        size_px=(960, 720),
        sound=True,
    ),
    Film(
        "Phone, upright",
        scenes("blue star/gray, orange triangle/gray, purple circle/gray", seconds_each=8),
        size_px=(720, 1280),
    ),
    Film(
        "Rooftop in fog",
        scenes(
            "green ring/gray, blue cross/gray, red star/gray, white circle/gray", seconds_each=6
        ),
        size_px=(1920, 1080),
    ),
    Film(
        "Square for the feed",
        scenes("pink cross/black, blue circle/black, purple square/black", seconds_each=7),
        size_px=(720, 720),
    ),
    Film(
        "From the archive",  # Matroska: browsers get a playable copy, made without decoding
        scenes(
            "orange square/cyan, green circle/brown, red triangle/black, white ring/brown",
            seconds_each=7,
        ),
        codec="h264 mkv",
        sound=True,
    ),
    Film(
        "Old camcorder",  # MPEG-4 part 2 in AVI: the copy has to be encoded
        scenes("purple star/cyan, orange circle/black, yellow square/gray", seconds_each=8),
        size_px=(640, 480),
        codec="mpeg4 avi",
        sound=True,
    ),
)

# What the first page suggests: each is in the films, and the small model knows its words.
EXAMPLES = ("a red square", "a yellow star", "an orange triangle", "a green cross")


def environment() -> dict[str, str]:
    """This process's environment, with the demo's library and model, and no server of anybody."""
    demo = {"REELSEEK_DATA": str(FOLDER / "library"), "REELSEEK_MODEL": str(MODEL)}
    return {**embedded(os.environ), **demo}


def draw_missing(folder: Path) -> None:
    """Draw the films that are not in `folder` yet."""
    folder.mkdir(parents=True, exist_ok=True)
    for film in FILMS:
        if not (folder / film.filename).exists():
            print(f"drawing {film.filename} ...", flush=True)  # noqa: T201 - a command's own words
            half_done = folder / "half done"
            half_done.mkdir(exist_ok=True)
            draw_film(film, half_done).rename(folder / film.filename)
            half_done.rmdir()


def suggest(library: Path) -> None:
    """Leave in a library's folder what its first page is to suggest."""
    (library / "examples.txt").write_text("\n".join(EXAMPLES), encoding="utf-8")


def prepare() -> None:
    """Draw the films and make them searchable; quick when that has been done before."""
    draw_missing(FOLDER / "films")
    add = [sys.executable, "-m", "core", "add", str(FOLDER / "films")]
    subprocess.run(add, cwd=ROOT, env=environment(), check=True)
    suggest(FOLDER / "library")


def main() -> None:
    """Prepare, then become the app: Ctrl+C and signals are its own."""
    prepare()
    os.chdir(ROOT)
    run = [sys.executable, "-m", "streamlit", "run", "app.py", *sys.argv[1:]]
    os.execve(run[0], run, environment())  # noqa: S606 - our own interpreter, no shell wanted


if __name__ == "__main__":
    main()
