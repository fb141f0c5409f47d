"""What every test may ask for: a data folder of its own, the tiny model, the drawn films."""

from __future__ import annotations

import importlib.metadata
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.settings import Settings
from tests.embedded import SETTING, embedded
from tests.labelled_films import draw_labelled_films
from tests.machine import Machine

# The official client opens a log file in the working folder as it is imported, unless told not to.
os.environ.setdefault("ADB_LOG_FILE", "")
# Before any fixture, as those of a module or a session come before the one that cleans: no test
# reaches the server that this person works with. REELSEEK_TEST_APERTUREDB alone names one.
for _name in set(os.environ) - set(embedded(os.environ)):
    del os.environ[_name]
os.environ.update(SETTING)

TINY_MODEL = Path(__file__).parent / "data/tiny_clip/tiny_clip.pt"
SHOWN_VERSIONS = ("streamlit", "torch", "faiss-cpu", "moviepy", "aperturedb", "playwright")


def pytest_report_header() -> str:
    """Name the versions that a failure may hang on."""
    versions = [f"{name} {importlib.metadata.version(name)}" for name in SHOWN_VERSIONS]
    return ", ".join([*versions, f"sqlite {sqlite3.sqlite_version}"])


@pytest.fixture(autouse=True)
def clean_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """No test reads this person's settings; those that have a server of their own say so."""
    for name in [name for name in os.environ if name.startswith("REELSEEK_")]:
        monkeypatch.delenv(name)
    for name, said in SETTING.items():
        monkeypatch.setenv(name, said)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.getbasetemp() / "no-config"))


@pytest.fixture
def data_folder(tmp_path: Path) -> Path:
    """A data folder of this test alone; not there yet, as on a new machine."""
    return tmp_path / "reelseek"


@pytest.fixture
def settings(data_folder: Path) -> Settings:
    """What a new machine has, but for the model: the tiny one."""
    return Settings(data=data_folder, model=str(TINY_MODEL))


@pytest.fixture(scope="session")
def labelled_films(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The ten films of tests/labelled_films.py, drawn once: their paths by name."""
    return draw_labelled_films(tmp_path_factory.mktemp("films"))


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    """A server that is on, and named by the environment."""
    machine = Machine(tmp_path / "server")
    monkeypatch.setenv("APERTUREDB_JSON", machine.said)
    monkeypatch.delenv("REELSEEK_DATABASE")
    machine.on()
    yield machine
    machine.end()
