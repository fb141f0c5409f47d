"""A library of one, three and a dozen clips: strengths and the empty state work from the first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.bootstrap import App, open_app
from core.search.calibration import Calibration
from core.search.references import References, made_by
from core.search.search import Searcher
from core.search.still_lifes import N_PICTURES, pictures
from core.settings import Settings
from tests.conftest import TINY_MODEL
from tests.films import Film, draw_film, scenes

MODELS = (TINY_MODEL, TINY_MODEL.with_name("second_clip.pt"))
SHOWN = (
    "red star/black", "blue circle/gray", "green cross/brown", "yellow ring/cyan",
    "white triangle/brown", "pink square/black", "orange star/cyan", "purple circle/black",
    "blue square/gray", "red ring/cyan", "green triangle/black", "yellow cross/gray",
)  # fmt: skip
ABSENT = (
    "qwzx vbnm", "a tractor", "a dog running on the beach", "a red circle", "a green star",
    "a white cross",
)  # fmt: skip
# How many scenes each library shows, and so how many clips it has.
SIZES = (1, 3, 12)


@pytest.fixture(scope="module", params=MODELS, ids=("first", "second"))
def apps(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[int, App]]:
    """A library of each size, one scene to a clip."""
    folder = tmp_path_factory.mktemp("small")
    apps = {n: _small(folder / str(n), request.param, SHOWN[:n]) for n in SIZES}
    yield apps
    for app in apps.values():
        app.close()


def _small(folder: Path, model: Path, shown: tuple[str, ...]) -> App:
    app = open_app(Settings(data=folder, model=str(model)))
    film = Film("few", scenes(",".join(shown), seconds_each=1.0), size_px=(256, 144))
    app.worker().drain([app.intake.add_file(draw_film(film, folder)).video.video_id])
    return app


@pytest.mark.parametrize("n", SIZES)
def test_what_is_there_is_kept_and_what_is_not_finds_nothing(apps: dict[int, App], n: int) -> None:
    """Nonsense, things of another world, and pairs of a colour and a shape that are there apart."""
    app = apps[n]
    assert app.library.counts() == (1, n)
    for scene in SHOWN[:n]:
        thing = scene.split("/", maxsplit=1)[0]
        result = app.searcher.search(f"a {thing}")
        assert result.moments, thing
        assert result.moments[0].level in ("possible", "strong")
    for absent in ABSENT:
        result = app.searcher.search(absent)
        assert result.moments == (), absent
        assert result.best_strength is not None
        assert result.best_strength < result.floor


def test_a_library_that_grows_asks_the_model_no_more(
    apps: dict[int, App], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The references are kept beside the calibration, which alone depends on the library."""
    app = apps[3]
    app.searcher.search("a red star")
    background = app.library.serving().background()
    kept, of_model = background.kept(), background.kept("references")
    assert kept is not None
    assert of_model is not None
    calibration = Calibration.from_bytes(kept)
    assert calibration is not None
    background.keep(replace(calibration, n_clips=99).to_bytes())  # as if it had shrunk since
    again = Searcher(app.library.serving(), app.encoder)
    asked: list[str] = []
    encode = app.encoder.encode_texts
    monkeypatch.setattr(
        app.encoder, "encode_texts", lambda texts: (asked.extend(texts), encode(texts))[1]
    )
    assert again.search("a red star").moments
    assert "a knitted volcano" not in asked
    assert background.kept() == kept
    assert background.kept("references") == of_model


def test_references_are_kept_whole(apps: dict[int, App]) -> None:
    """What comes back is what was made, in half precision; what is damaged is none."""
    made = made_by(apps[1].encoder)
    content = made.to_bytes()
    again = References.from_bytes(content)
    assert again is not None
    assert np.allclose(again.impossible, made.impossible, atol=1e-3)
    assert [len(again.parts_of(at)) for at in range(3)] == [2, 2, 2]
    assert References.from_bytes(content[:-100]) is None
    assert len(again.pictures) == N_PICTURES


def test_still_lifes_are_many_different_pictures_and_always_the_same() -> None:
    """Another process calibrates by the same ones."""
    drawn = pictures()
    assert all(np.array_equal(one, other) for one, other in zip(drawn, pictures(), strict=True))
    assert len({one.tobytes() for one in drawn}) == N_PICTURES
    assert all(one.shape[2] == 3 and one.dtype == np.uint8 for one in drawn)


def test_templates_are_calibrated_apart_and_find_the_same(apps: dict[int, App]) -> None:
    """In twelve clips: what is there is kept, nonsense finds nothing, both forms are kept."""
    library = apps[12].library.serving()
    apps[12].searcher.search("a red star")
    wrapped = Searcher(library, apps[12].encoder, wraps=True)
    for scene in SHOWN:
        thing = scene.split("/", maxsplit=1)[0]
        assert wrapped.search(f"a {thing}").moments, thing
    assert wrapped.search("qwzx vbnm").moments == ()
    plain, other = (library.background().kept(f"background{one}") for one in ("", " in templates"))
    assert plain is not None
    assert other is not None
    assert plain != other
