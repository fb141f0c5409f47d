"""Settings of a server that cannot be used: a sentence at the start, never an outage."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from core import bootstrap
from core.errors import SettingsError
from core.settings import from_environment

ROOT = Path(__file__).parents[2]
SECRET = "hunter2"  # noqa: S105 - of these tests
GOOD = {"host": "127.0.0.1", "port": 55555, "username": "admin", "password": SECRET}


def _json(**changed: Any) -> str:
    return json.dumps({key: value for key, value in (GOOD | changed).items() if value is not None})


def _key(*parts: Any) -> str:
    return base64.b64encode(json.dumps(parts).encode()).decode()


@pytest.fixture(autouse=True)
def no_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder, and a home of `adb config`, where nothing is."""
    monkeypatch.delenv("REELSEEK_DATABASE")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("variable", "value", "why"),
    [
        ("APERTUREDB_CONFIG", "nope", "'nope' cannot be used: there is no such configuration"),
        ("APERTUREDB_KEY", SECRET, "it is no key"),
        ("APERTUREDB_KEY", _key(2, 0), "it is no key"),
        ("APERTUREDB_KEY", _key(2, 0, "127.0.0.1", None, "admin", ""), "it has no password"),
        ("APERTUREDB_JSON", f"{{{SECRET}", "line 1 column 2"),
        ("APERTUREDB_JSON", f'["{SECRET}"]', "must be a dict"),
        ("APERTUREDB_JSON", "{}", "host is required"),
        ("APERTUREDB_JSON", _json(password=None, token=SECRET), "password is required"),
        ("APERTUREDB_JSON", _json(password=""), "it has no password"),
        ("APERTUREDB_JSON", _json(hots=SECRET), "unexpected keyword argument 'hots'"),
        ("APERTUREDB_JSON", _json(host=""), "\"host\" is ''"),
        ("APERTUREDB_JSON", _json(port="55555"), "\"port\" is '55555'"),
        ("APERTUREDB_JSON", _json(port=0), '"port" is 0'),
        ("APERTUREDB_JSON", _json(use_ssl="false"), "\"use_ssl\" is 'false'"),
        ("APERTUREDB_JSON", _json(ca_cert="/nowhere.pem"), "\"ca_cert\" is '/nowhere.pem'"),
    ],
)
def test_what_cannot_be_used_is_no_outage(
    variable: str, value: str, why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Opening fails at once; the sentence has the variable, the reason and a way out, no secret."""
    monkeypatch.setenv(variable, value)
    monkeypatch.setenv("REELSEEK_DATA", str(tmp_path / "data"))
    with pytest.raises(SettingsError) as raised:
        bootstrap.open_app(from_environment(), must_answer=False)
    said = str(raised.value)
    assert said.startswith(variable)
    assert why in said
    assert "adb config" in said or "Write an object such as" in said
    assert "REELSEEK_DATABASE=embedded" in said
    assert SECRET not in said


def test_an_active_configuration_that_is_not_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is named, with what is missing in it."""
    folder = tmp_path / "config" / "aperturedb"
    folder.mkdir(parents=True)
    (folder / "adb.json").write_text(json.dumps({"team": GOOD, "active": "team"}))
    monkeypatch.setenv("REELSEEK_DATA", str(tmp_path / "data"))
    with pytest.raises(SettingsError, match=r"The active adb config 'team' cannot .*'use_rest' is"):
        bootstrap.open_app(from_environment(), must_answer=False)


def _run(*command: str, folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, **variables, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, *command], cwd=folder, capture_output=True, text=True, check=False,
        env=environment | {"REELSEEK_DATA": str(folder / "data")},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("command", "before"),
    [(("-m", "core", "status"), ""), ((str(ROOT / "app.py"),), "Reelseek cannot start. ")],
    ids=["command line", "app"],
)
def test_nothing_starts_with_it(tmp_path: Path, command: tuple[str, ...], before: str) -> None:
    """One line and status 1; the client says nothing of its own, and leaves no file behind."""
    done = _run(*command, folder=tmp_path, APERTUREDB_CONFIG="nope")
    assert (done.returncode, done.stdout) == (1, "")
    said = done.stderr.splitlines()[-1]
    assert said.startswith(f"{before}APERTUREDB_CONFIG='nope' cannot be used")
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_doctor_checks_the_rest(tmp_path: Path) -> None:
    """It says the sentence where it stands, and does not stop there."""
    done = _run("-m", "core", "doctor", folder=tmp_path, APERTUREDB_CONFIG="nope")
    said = done.stdout.splitlines()
    assert done.returncode == 1
    assert any(line.startswith("ok   ffmpeg") for line in said)
    assert any(line.startswith("BAD  database  APERTUREDB_CONFIG='nope' cannot") for line in said)
