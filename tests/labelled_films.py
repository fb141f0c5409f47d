"""Ten drawn films in which each of the 48 things (8 colours x 6 shapes) is seen exactly once.

So every "a red star" has one right answer among ten films. The order was drawn by lot once, before
any model looked at it, and is not changed to please one.
"""

from __future__ import annotations

from pathlib import Path

from tests.films import Film, LabelledQuery, draw_film, scenes

FILMS = (
    Film(
        "full-hd",
        scenes(
            "green cross/cyan, red star/gray, orange ring/black, pink triangle/brown",
            seconds_each=6,
        ),
        size_px=(1920, 1080),
        sound=True,
    ),
    Film(
        "hd",
        scenes(
            "green circle/cyan, red triangle/gray, purple cross/cyan, white square/black,"
            "yellow ring/cyan",
            seconds_each=5,
        ),
        size_px=(1280, 720),
    ),
    Film(
        "television",
        scenes(
            "red circle/black, white triangle/brown, orange cross/black, blue square/brown,"
            "yellow circle/gray",
            seconds_each=8,
        ),
        size_px=(640, 480),
        fps=10,
        sound=True,
    ),
    Film(
        "phone upright",
        scenes(
            "green triangle/gray, pink cross/cyan, yellow star/brown, blue cross/black",
            seconds_each=7.5,
        ),
        size_px=(720, 1280),
    ),
    Film(
        "square",
        scenes(
            "purple triangle/brown, pink square/cyan, orange star/black, red square/gray,"
            "blue triangle/brown, white circle/gray",
            seconds_each=4.5,
        ),
        size_px=(480, 480),
        sound=True,
    ),
    Film(
        "wide",
        scenes(
            "green star/black, purple ring/gray, pink circle/brown, blue ring/gray,"
            "orange circle/black",
            seconds_each=6,
        ),
        size_px=(854, 480),
        fps=12.5,
    ),
    Film(
        "small upright",
        scenes(
            "purple square/gray, orange triangle/cyan, white cross/brown, yellow square/black",
            seconds_each=5,
        ),
        size_px=(360, 640),
        fps=10,
    ),
    Film(
        "old camera",
        scenes(
            "white star/black, yellow cross/gray, pink star/cyan, orange square/gray,"
            "blue star/black",
            seconds_each=6.5,
        ),
        size_px=(960, 720),
        fps=15,
        sound=True,
    ),
    Film(
        "little",
        scenes(
            "red cross/brown, yellow triangle/black, pink ring/cyan, purple circle/black,"
            "green ring/gray",
            seconds_each=7,
        ),
        size_px=(320, 180),
        fps=30000 / 1001,
    ),
    Film(
        "big square",
        scenes(
            "green square/black, white ring/gray, blue circle/black, purple star/cyan,"
            "red ring/gray",
            seconds_each=5,
        ),
        size_px=(720, 720),
    ),
)

QUERIES = tuple(
    LabelledQuery(f"a {scene.colour} {scene.shape}", film.name, scene.start_s, scene.end_s)
    for film in FILMS
    for scene in film.scenes
)


def draw_labelled_films(folder: Path) -> dict[str, Path]:
    """Draw all ten into `folder`; their paths by name."""
    return {film.name: draw_film(film, folder) for film in FILMS}
