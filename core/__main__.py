"""`python -m core`: the command line."""

from __future__ import annotations

import sys

from core.cli import main
from core.cli.terminal import complain

if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except ModuleNotFoundError as error:
        if (error.name or "core").partition(".")[0] == "core":
            raise  # ours: no package mends that
        complain(
            f"Reelseek's packages are not installed for this Python ({sys.executable} has no "
            f"{error.name}). Use .venv/bin/python -m core, which `make setup` makes."
        )
        sys.exit(1)
