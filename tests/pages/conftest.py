"""An app on an empty library, opened where the pages look for it."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import streamlit as st
from numpy.typing import NDArray
from streamlit.components.v2.bidi_component.main import _make_trigger_id
from streamlit.testing.v1 import AppTest

from core import shared
from core.bootstrap import App, open_app
from core.model import IndexState
from core.settings import Settings
from tests.fakes import COLOURS, ColourEncoder
from tests.ingest.conftest import draw

MAIN = str(Path(__file__).parents[2] / "pages/main.py")
Show = Callable[..., AppTest]
HOSTILE = "<img src=x onerror=alert(1)> **\"'` 🎬 $x$ :red[no] www.example.com &lt;"


@pytest.fixture(autouse=True)
def own_main_module(monkeypatch: pytest.MonkeyPatch) -> None:
    """AppTest makes the page `__main__`, which a later test's spawned processes would run again."""
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])


class Reader(ColourEncoder):
    """Reads words that name no colour, too: they are as far from every colour as from the next."""

    def encode_texts(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.load()
        nothing = np.array([0, 0, 0, -1], np.float32)
        named = [any(word in COLOURS for word in text.lower().split()) for text in texts]
        return np.stack([
            super(Reader, self).encode_texts([text])[0] if is_named else nothing
            for text, is_named in zip(texts, named, strict=True)
        ])  # fmt: skip


@pytest.fixture
def encoder() -> ColourEncoder:
    """The encoder of the app; a test may make its weights go missing."""
    return Reader()


@pytest.fixture
def app(
    settings: Settings, encoder: ColourEncoder, monkeypatch: pytest.MonkeyPatch
) -> Iterator[App]:
    """The app behind the pages."""
    opened = open_app(settings, encoder=encoder)
    monkeypatch.setattr(shared, "_shared", shared._Shared(lambda: opened))
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four seconds in two shots: two of red, two of blue."""
    return draw(tmp_path_factory.mktemp("film") / "a film.mp4", "red blue", seconds_each=2)


@pytest.fixture
def video_id(app: App, film: Path) -> str:
    """A video that is searchable."""
    added = app.intake.add_file(film, name=HOSTILE)
    app.worker().drain([added.video.video_id])
    assert app.library.video(added.video.video_id).state is IndexState.READY
    return added.video.video_id


@pytest.fixture
def waiting_id(app: App, film: Path) -> str:
    """A video that waits for a worker."""
    return app.intake.add_file(film).video.video_id


@pytest.fixture
def everything() -> bool:
    """Whether a search shows what is weak, too: of mean colours the app is never sure."""
    return True


@pytest.fixture
def show(app: App, everything: bool) -> Show:
    """Open a page, with the parameters of its address; no page may show an exception."""

    def open_page(page: str | None, **parameters: str) -> AppTest:
        at = AppTest.from_file(MAIN, default_timeout=60)
        if page == "search" and everything:
            parameters = {"floor": "0", **parameters}
        for name, value in parameters.items():
            at.query_params[name] = value
        at = at.switch_page(f"{page}.py") if page else at
        at.run()
        assert not at.exception
        return at

    st.cache_data.clear()
    return open_page


def drawn(at: AppTest, name: str) -> list[dict[str, Any]]:
    """Give what each of our components of this name was told to draw, in the order of the page."""
    found = [element.proto for element in at.get("bidi_component")]
    return [json.loads(one.json) for one in found if one.component_name == f"reelseek_{name}"]


def only(at: AppTest, name: str) -> dict[str, Any]:
    """Give what our one component of this name was told to draw."""
    (one,) = drawn(at, name)
    return one


def tell(at: AppTest, key: str, event: str, value: dict[str, Any]) -> AppTest:
    """Run the page as our component with this key leads to, by telling of an event."""
    (one,) = (e for e in at.get("bidi_component") if e.proto.id.endswith(f"-{key}"))
    states = at._tree.get_widget_states()
    told = json.dumps([{"event": event, "value": value}])
    states.widgets.add(id=_make_trigger_id(one.proto.id, "events"), json_trigger_value=told)
    return at._run(states)


def texts(at: AppTest) -> str:
    """Give everything that the page says as Markdown."""
    kinds = (at.title, at.markdown, at.caption, at.subheader, at.warning, at.error, at.info)
    said = [str(element.value) for kind in (*kinds, at.success) for element in kind]
    return "\n".join(said + [block.proto.popover.label for block in at.get("popover")])
