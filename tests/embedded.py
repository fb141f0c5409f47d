"""The embedded database, whatever server this person's environment names.

For processes that are started where no fixture has cleaned the environment: the demo, the pictures
of the documents, the app of the browser tests. The standard library alone, as the demo has no more.
"""

from __future__ import annotations

from collections.abc import Mapping

SETTING = {"REELSEEK_DATABASE": "embedded"}  # an active `adb config` and .env count no more


def embedded(environment: Mapping[str, str]) -> dict[str, str]:
    """Give these variables without those that name a server."""
    kept = {name: said for name, said in environment.items() if not name.startswith("APERTUREDB_")}
    return {**kept, **SETTING}


def on_a_server(environment: Mapping[str, str]) -> dict[str, str]:
    """Give these variables, so that a server that they name is used: one of the tests' own."""
    return {name: said for name, said in environment.items() if name not in SETTING}
