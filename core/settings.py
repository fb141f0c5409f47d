"""What a person may set, read once from the environment and checked once.

Sits above the rooms: a room is handed values and never reads configuration.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast, get_args

import click

from core.errors import PathError, SettingsError
from core.paths import at_home

DEFAULT_MODEL, DEFAULT_FRAMING = "ViT-B/32", "whole"
_SWITCH = {"on": True, "true": True, "1": True, "off": False, "false": False, "0": False}
FRAMINGS = ("whole", "centre", "thirds")
Sampling = Literal[
    "auto", "exact", "keyframes"
]  # which frames are looked at; see core.media.frames
SAMPLINGS: tuple[Sampling, ...] = get_args(Sampling)
# The variables that make aperturedb's own client choose a server (aperturedb/CommonLibrary.py).
SERVER_VARIABLES = ("APERTUREDB_KEY", "APERTUREDB_JSON", "APERTUREDB_CONFIG")


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting, with its default.

    Raises SettingsError when a value cannot be used.
    """

    data: Path = Path("~/.reelseek")
    # None: that of the library, or for a new one the default.
    model: str | None = None  # a name that clip.load knows, or the path of a checkpoint
    framing: str | None = None  # how a frame meets the model's square: whole, centre or thirds
    templates: bool = False  # read words in a few sentences: core.search.wrapping
    every_s: float = 1.0  # a frame is looked at this often
    sampling: Sampling = "auto"
    server: str | None = None  # what names an ApertureDB server, for people; None: embedded
    message_mb: int = 256  # what that server takes in one query with its blobs
    cache_gb: float = 20.0  # for copies of videos that only that server has

    def __post_init__(self) -> None:
        if self.framing not in (None, *FRAMINGS):
            raise SettingsError(
                f"REELSEEK_FRAMING is {self.framing!r}; use one of {', '.join(FRAMINGS)}."
            )
        if not 0.1 <= self.every_s <= 10:
            raise SettingsError(
                f"REELSEEK_EVERY_S is {self.every_s:g}; use a number of seconds from 0.1 to 10."
            )
        if self.sampling not in SAMPLINGS:
            raise SettingsError(
                f"REELSEEK_SAMPLING is {self.sampling!r}; use one of {', '.join(SAMPLINGS)}."
            )
        if not 1 <= self.message_mb <= 4095:  # a message says its length in 32 bits
            raise SettingsError(
                f"REELSEEK_MESSAGE_MB is {self.message_mb}; use a whole number from 1 to 4095."
            )
        if not 0 < self.cache_gb < float("inf"):
            raise SettingsError(f"REELSEEK_CACHE_GB is {self.cache_gb:g}; use a number above 0.")
        object.__setattr__(self, "data", _at_home("REELSEEK_DATA", self.data).absolute())
        if self.model:
            _at_home("REELSEEK_MODEL", Path(self.model))

    @property
    def database_folder(self) -> Path:
        """Where the embedded engine keeps its data."""
        return self.data / "database"

    @property
    def videos_folder(self) -> Path:
        """Where uploaded videos lie; those added by path stay where they are."""
        return self.data / "videos"

    @property
    def incoming_folder(self) -> Path:
        """Where uploads grow until they are whole."""
        return self.data / "incoming"

    @property
    def cache_folder(self) -> Path:
        """Where copies of videos lie that only a server has; may be deleted at any time."""
        return self.data / "cache"

    @property
    def stills_folder(self) -> Path:
        """Where pictures lie that no index stored; may be deleted at any time."""
        return self.data / "stills"

    @property
    def additions_folder(self) -> Path:
        """Notes on the folders that are being added."""
        return self.data / "additions"

    @property
    def proxies_folder(self) -> Path:
        """Where the copies lie that browsers can play."""
        return self.data / "proxies"


def from_environment(environment: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings of this process.

    Raises SettingsError naming the variable, its value and what it may be.
    """
    given = {name: value for name, value in environment.items() if value.strip()}
    return Settings(
        data=Path(given.get("REELSEEK_DATA", "~/.reelseek")),
        model=given.get("REELSEEK_MODEL"),
        framing=given.get("REELSEEK_FRAMING"),
        templates=_switch("REELSEEK_TEMPLATES", given.get("REELSEEK_TEMPLATES", "off")),
        every_s=_number("REELSEEK_EVERY_S", given.get("REELSEEK_EVERY_S", "1")),
        sampling=cast("Sampling", given.get("REELSEEK_SAMPLING", "auto")),  # checked there
        server=_server(given),
        message_mb=int(_number("REELSEEK_MESSAGE_MB", given.get("REELSEEK_MESSAGE_MB", "256"))),
        cache_gb=_number("REELSEEK_CACHE_GB", given.get("REELSEEK_CACHE_GB", "20")),
    )


def _at_home(variable: str, path: Path) -> Path:
    try:
        return at_home(path)
    except PathError as error:
        raise SettingsError(f"{variable} is {str(path)!r}. {error}") from error


def _number(variable: str, text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise SettingsError(f"{variable} is {text!r}; use a number.")
    return number


def _switch(variable: str, text: str) -> bool:
    if text.strip().lower() not in _SWITCH:
        raise SettingsError(f"{variable} is {text!r}; use on or off.")
    return _SWITCH[text.strip().lower()]


def _server(given: Mapping[str, str]) -> str | None:
    """Say what names a server: a variable, or the active configuration of `adb config`."""
    wanted = given.get("REELSEEK_DATABASE", "")
    if wanted not in ("", "embedded"):
        raise SettingsError(
            f"REELSEEK_DATABASE is {wanted!r}; use embedded, or leave it out: then an ApertureDB "
            "server is used where one is configured."
        )
    if wanted == "embedded":
        return None
    key, json_, config = SERVER_VARIABLES
    named = next((name for name in (key, json_) if name in given), None)
    if named is None and _is_in_dotenv(json_):
        named = f"{json_} in .env"
    if named is None and config in given:
        named = config
    if named is not None:
        return named
    active = _active_configuration()
    return f"the active adb config {active!r}" if active else None


def _is_in_dotenv(variable: str) -> bool:
    """Say whether the working folder's .env sets it, which the client reads before `adb config`."""
    if not Path(".env").is_file():
        return False
    from dotenv import dotenv_values  # noqa: PLC0415 - hardly anybody has such a file

    return bool(dotenv_values(".env").get(variable))


def _active_configuration() -> str | None:
    """Read which configuration is active, as `adb config` keeps it (aperturedb/cli/configure.py).

    Not by that module: it is a second to import, and most people have no such file.
    """
    active = None
    for folder in (Path(click.get_app_dir("aperturedb")), Path.cwd() / ".aperturedb"):
        path = folder / "adb.json"
        try:
            said = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        if not isinstance(said, dict) or not isinstance(said.get("active", ""), str | None):
            raise SettingsError(
                f"{path} is no configuration as `adb config` writes it. Make it anew with that, or "
                "set REELSEEK_DATABASE to embedded."
            )
        active = said.get("active") or active
    return active
