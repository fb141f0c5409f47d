"""Paths as people write them. Looks at no file but the one that is named."""

from __future__ import annotations

import os
from pathlib import Path

from core.errors import PathError


def at_home(path: Path) -> Path:
    """Give a path with the home folder in the place of ~ or ~name.

    A file that lies here under such a name is itself: shells hand it on so.

    Raises:
        PathError: there is no such user, or nobody knows where home is.
    """
    try:
        return path.expanduser()
    except RuntimeError as error:
        if os.path.lexists(path):
            return path
        user = path.parts[0].removeprefix("~")
        why = f"There is no user {user!r} here" if user else "It is not known where home is"
        raise PathError(f"{why}, so {path} leads nowhere. Write the whole path.") from error
