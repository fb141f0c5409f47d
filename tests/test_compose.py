"""compose.yaml and Dockerfile, as far as they can be checked without a Docker engine."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from core.settings import Settings, from_environment
from core.wire.client import import_client

ROOT = Path(__file__).parent.parent


def _filled(text: str, given: dict[str, str]) -> str:
    """Fill in the three forms that this file has: ${NAME}, ${NAME:-default}, ${NAME:?error}."""

    def value(match: re.Match[str]) -> str:
        name, how, rest = match[1], match[2], match[3]
        if name not in given and how == ":?":
            raise KeyError(name)
        return given.get(name, rest or "")

    return re.sub(r"\$\{(\w+)(?:(:[-?])([^}]*))?\}", value, text)


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    """The services, with the one variable set that must be."""
    text = _filled((ROOT / "compose.yaml").read_text(), {"APERTUREDB_PASSWORD": "secret"})
    return dict(yaml.safe_load(text)["services"])


def test_the_password_must_be_set() -> None:
    """Neither side starts with a password that everybody knows."""
    with pytest.raises(KeyError, match="APERTUREDB_PASSWORD"):
        _filled((ROOT / "compose.yaml").read_text(), {})


def test_the_app_finds_the_server(services: dict[str, Any]) -> None:
    """The app's environment is what aperturedb's own client reads, and names the other service."""
    environment = {name: str(value) for name, value in services["reelseek"]["environment"].items()}
    settings: Settings = from_environment(environment)
    assert settings.server == "APERTUREDB_JSON"
    assert settings.data == Path("/data")
    import_client()
    from aperturedb.CommonLibrary import _create_configuration_from_json

    config = _create_configuration_from_json(json.loads(environment["APERTUREDB_JSON"]))
    assert config.host in services
    assert (config.port, config.username, config.password) == (55555, "admin", "secret")
    assert config.use_ssl is False
    assert services["aperturedb"]["environment"]["ADB_MASTER_KEY"] == config.password
    assert services["aperturedb"]["environment"]["ADB_FORCE_SSL"] == "false"


def test_nothing_is_published_beyond_this_machine(services: dict[str, Any]) -> None:
    """The database has no port at all, the app one on loopback."""
    assert "ports" not in services["aperturedb"]
    assert services["reelseek"]["ports"] == ["127.0.0.1:8501:8501"]


def test_what_must_last_lies_in_volumes(services: dict[str, Any]) -> None:
    """Both keep their data in a named volume, which is declared."""
    declared = yaml.safe_load((ROOT / "compose.yaml").read_text())["volumes"]
    kept = {
        volume.split(":")[0]: volume.split(":")[1]
        for service in services.values()
        for volume in service["volumes"]
        if volume.split(":")[0] in declared
    }
    assert kept == {"aperturedb": "/aperturedb/db", "reelseek": "/data"}


def test_the_image_has_what_the_app_needs() -> None:
    """Everything that is copied is there and not ignored; it starts as the README says."""
    text = (ROOT / "Dockerfile").read_text()
    copied = [line.split()[-2] for line in text.splitlines() if line.startswith("COPY")]
    assert set(copied) == {"requirements.txt", "app.py", ".streamlit", "core", "pages"}
    assert all((ROOT / name).exists() for name in copied)
    kept = {line[1:] for line in (ROOT / ".dockerignore").read_text().split() if line[0] == "!"}
    assert kept == set(copied)
    command = json.loads(text.split("CMD ")[1])
    assert command[:5] == ["python", "-m", "streamlit", "run", "app.py"]
    config = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())
    assert config["server"]["address"] == "127.0.0.1"  # only the container's own flag says else
