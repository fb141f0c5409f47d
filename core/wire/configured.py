"""Which server the environment or `adb config` names, as the official client itself reads it.

What cannot be used is told without its value: a key, and most fields of an object, are secrets.
"""

from __future__ import annotations

import os
from typing import Any

from core.errors import SettingsError
from core.wire.client import import_client

EMBEDDED = "REELSEEK_DATABASE=embedded uses the database on this machine instead."
_KEY, _JSON, _CONFIG = "APERTUREDB_KEY", "APERTUREDB_JSON", "APERTUREDB_CONFIG"
_OBJECT = (
    '{"host": "127.0.0.1", "port": 55555, "username": "admin", "password": "…", "use_ssl": true}'
)


def configured(chosen_by: str) -> Any:
    """Give a Connector of aperturedb's to the server that this names; nothing is connected yet.

    Args:
        chosen_by: the variable or configuration that names it; see Settings.server.

    Raises:
        SettingsError: it cannot be read, or lacks what a connection needs.
    """
    create_connector, _ = import_client()
    from aperturedb.cli.console import console

    console.quiet = True  # it would tell standard output, too, that there is no configuration
    try:
        connector = create_connector()
    except Exception as error:  # noqa: BLE001 - the client raises nothing narrower
        why = "it is no key" if chosen_by == _KEY else _said(error)
    else:
        why = _unusable(connector.config)
        if not why:
            return connector
    # `from None`: what the client says in full may hold a token.
    raise SettingsError(
        f"{_shown(chosen_by)} cannot be used: {why}. {_what_to_do(chosen_by)} {EMBEDDED}"
    ) from None


def _said(error: Exception) -> str:
    """Say what the client found, without the fields that it adds."""
    if isinstance(error, KeyError):
        return f"{error} is missing"
    said = str(error).partition(" in the configuration: ")[0] or type(error).__name__
    if "not found" in said:
        return "there is no such configuration"
    return said.replace("problem decoding JSON config string", "it is no JSON").rstrip(". ")


def _unusable(config: Any) -> str:
    """Say what no connection can be made with, though the client takes it; empty: nothing."""
    if not isinstance(config.host, str) or not config.host.strip():
        return f'"host" is {config.host!r} and no name or address'
    is_number = type(config.port) is int and 1 <= config.port <= 65535
    if not is_number and not config.use_rest:  # an address of HTTP may hold it as a text
        return f'"port" is {config.port!r} and no bare number from 1 to 65535'
    if config.use_ssl not in (True, False):  # 1 and 0, too
        return f'"use_ssl" is {config.use_ssl!r} and neither true nor false'
    if not config.password and not config.token:
        return "it has no password"
    # os.path, to which a name that is too long is no file either.
    if config.use_ssl and config.ca_cert and not os.path.isfile(config.ca_cert):  # noqa: PTH113
        return f'"ca_cert" is {config.ca_cert!r}, where no file lies'
    return ""


def _shown(chosen_by: str) -> str:
    """Name the setting with as much of its value as is no secret."""
    if chosen_by == _CONFIG:
        return f"{_CONFIG}={os.environ.get(_CONFIG, '')!r}"
    if chosen_by in (_KEY, _JSON):
        n_chars = len(os.environ.get(chosen_by, ""))
        return f"{chosen_by} ({n_chars} characters, not shown as they may hold a password)"
    return f"{chosen_by[0].upper()}{chosen_by[1:]}"


def _what_to_do(chosen_by: str) -> str:
    if chosen_by == _KEY:
        return "Copy it whole, as `adb config get-key NAME` prints it."
    if chosen_by.startswith(_JSON):
        return f"Write an object such as {_OBJECT}."
    return "`adb config ls` lists what there is, and `adb config create NAME` makes one."
