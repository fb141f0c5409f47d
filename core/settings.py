"""What a person may set, read once from the environment and checked once.

Sits above the rooms: a room is handed values and never reads configuration.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from core.errors import SettingsError

FRAMINGS = ("whole", "centre", "thirds")
# The variables that make aperturedb's own client choose a server (aperturedb/CommonLibrary.py).
SERVER_VARIABLES = ("APERTUREDB_KEY", "APERTUREDB_JSON", "APERTUREDB_CONFIG")


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting, with its default.

    Raises SettingsError when a value cannot be used.
    """

    data: Path = Path("~/.reelseek")
    model: str = "ViT-B/32"  # a name that clip.load knows, or the path of a checkpoint
    framing: str = "whole"  # how a frame meets the model's square: whole, centre or thirds
    every_s: float = 1.0  # a frame is looked at this often
    database_variable: str | None = None  # which of SERVER_VARIABLES names a server; None: embedded

    def __post_init__(self) -> None:
        if self.framing not in FRAMINGS:
            raise SettingsError(
                f"REELSEEK_FRAMING is {self.framing!r}; use one of {', '.join(FRAMINGS)}."
            )
        if not 0.2 <= self.every_s <= 10:
            raise SettingsError(
                f"REELSEEK_EVERY_S is {self.every_s:g}; use a number of seconds from 0.2 to 10."
            )
        object.__setattr__(self, "data", self.data.expanduser().absolute())

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
        model=given.get("REELSEEK_MODEL", "ViT-B/32"),
        framing=given.get("REELSEEK_FRAMING", "whole"),
        every_s=_seconds("REELSEEK_EVERY_S", given.get("REELSEEK_EVERY_S", "1")),
        database_variable=next((name for name in SERVER_VARIABLES if name in given), None),
    )


def _seconds(variable: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise SettingsError(
            f"{variable} is {text!r}; use a number of seconds, such as 1."
        ) from None
