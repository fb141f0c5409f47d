"""No test, no demo and no picture of the documents touches the server that a person works with."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from core.settings import SERVER_VARIABLES, from_environment
from tests import demo, test_readme
from tests.app_server import ROOT, AppServer
from tests.conftest import TINY_MODEL


@pytest.fixture
def _a_person(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Name a server in every way there is."""
    monkeypatch.delenv("REELSEEK_DATABASE", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (tmp_path / "aperturedb").mkdir()
    said = json.dumps({"team": {"host": "127.0.0.1", "port": 1}, "active": "team"})
    (tmp_path / "aperturedb" / "adb.json").write_text(said)
    monkeypatch.chdir(tmp_path)
    assert from_environment().server == "the active adb config 'team'"
    (tmp_path / ".env").write_text("APERTUREDB_JSON='{}'\n")
    assert from_environment().server == "APERTUREDB_JSON in .env"
    for name in SERVER_VARIABLES:
        monkeypatch.setenv(name, "theirs")
    assert from_environment().server == "APERTUREDB_KEY"


@pytest.mark.usefixtures("_a_person")
def test_what_is_started_uses_the_embedded_database(tmp_path: Path) -> None:
    """By `make demo`, for the browser tests and pictures, and by the README's own commands."""
    app = AppServer(tmp_path, TINY_MODEL, tmp_path / "log.txt")
    for started in (demo.environment(), app.environment(), test_readme._sandbox(tmp_path)):
        assert from_environment(started).server is None
        assert not set(SERVER_VARIABLES) & set(started)


@pytest.mark.usefixtures("_a_person")
def test_a_browser_test_may_have_a_server_of_its_own(tmp_path: Path) -> None:
    """That, and not the person's."""
    app = AppServer(tmp_path, TINY_MODEL, tmp_path / "log.txt", server="ours")
    started = app.environment()
    assert from_environment(started).server == "APERTUREDB_JSON"
    assert started["APERTUREDB_JSON"] == "ours"
    assert "APERTUREDB_KEY" not in started


@pytest.mark.usefixtures("_a_person")
def test_tests_are_cut_off_before_their_first_fixture() -> None:
    """Those of a module or a session come before the one that cleans for each test."""
    asked = "import tests.conftest; from core.settings import from_environment as now; "
    asked += "print(now().server)"
    done = subprocess.run(
        [sys.executable, "-c", asked], cwd=ROOT, env=os.environ, capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    assert done.stdout == "None\n"
