"""The command line: `python -m core add | search | status | doctor | worker | serve`."""

from __future__ import annotations

from core.cli.main import main

__all__ = ["main"]
