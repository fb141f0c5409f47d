"""Which database the environment chooses: what ApertureDB's own client would, else the embedded.

Each way is gone to its end: the app is opened and asked where it is.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aperturedb.Configuration import Configuration

from core import bootstrap
from core.settings import Settings, from_environment
from tests.fakes import ColourEncoder
from tests.machine import Machine


def _opens(settings: Settings, machine: Machine) -> None:
    """See that the app of these settings speaks to that server."""
    app = bootstrap.open_app(settings, encoder=ColourEncoder())
    assert app.library.videos() == []
    assert f"127.0.0.1:{machine.port}" in app.database_name()
    app.close()


def _configure(folder: Path, **said: Any) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "adb.json").write_text(json.dumps(said))


def test_an_active_configuration_names_the_server(
    machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the client itself has it: without any variable, the active `adb config` is used."""
    monkeypatch.delenv("APERTUREDB_JSON")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.chdir(tmp_path)
    assert from_environment().server is None
    config = {**json.loads(machine.said), "use_rest": False, "name": "team"}
    _configure(tmp_path / "config" / "aperturedb", team=config)
    assert from_environment().server is None  # none is active
    _configure(tmp_path / "config" / "aperturedb", team=config, active="team")
    settings = replace(from_environment(), data=tmp_path / "app")
    assert settings.server == "the active adb config 'team'"
    _opens(settings, machine)


def test_a_key_names_the_server(
    machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """APERTUREDB_KEY, one line that the client packs, holds address and password."""
    monkeypatch.delenv("APERTUREDB_JSON")
    said = json.loads(machine.said)
    key = Configuration.create_aperturedb_key(
        said["host"], said["port"], None, use_rest=False, use_ssl=False,
        username=said["username"], password=said["password"],
    )  # fmt: skip
    monkeypatch.setenv("APERTUREDB_KEY", key)
    settings = replace(from_environment(), data=tmp_path / "app")
    assert settings.server == "APERTUREDB_KEY"
    _opens(settings, machine)


def test_a_named_configuration_names_the_server(
    machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """APERTUREDB_CONFIG chooses among those that `adb config` keeps, whichever is active."""
    monkeypatch.delenv("APERTUREDB_JSON")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.chdir(tmp_path)
    config = {**json.loads(machine.said), "use_rest": False, "name": "team"}
    other = {**config, "port": 1, "name": "other"}
    _configure(tmp_path / "config" / "aperturedb", team=config, other=other, active="other")
    monkeypatch.setenv("APERTUREDB_CONFIG", "team")
    settings = replace(from_environment(), data=tmp_path / "app")
    assert settings.server == "APERTUREDB_CONFIG"
    _opens(settings, machine)


def test_a_file_of_variables_names_the_server(
    machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the client has it: APERTUREDB_JSON in .env comes before APERTUREDB_CONFIG."""
    monkeypatch.delenv("APERTUREDB_JSON")
    monkeypatch.setenv("APERTUREDB_CONFIG", "another")
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text("OTHER=1\n")
    assert from_environment().server == "APERTUREDB_CONFIG"
    (tmp_path / ".env").write_text(f"APERTUREDB_JSON='{machine.said}'\n")
    settings = replace(from_environment(), data=tmp_path / "app")
    assert settings.server == "APERTUREDB_JSON in .env"
    _opens(settings, machine)


def test_embedded_though_a_server_is_configured(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """REELSEEK_DATABASE=embedded wins over variables and configurations."""
    assert from_environment().server == "APERTUREDB_JSON"
    monkeypatch.setenv("REELSEEK_DATABASE", "embedded")
    assert from_environment().server is None
