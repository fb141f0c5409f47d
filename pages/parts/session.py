"""The app behind the pages, and what every page does first."""

from __future__ import annotations

from core.bootstrap import App
from core.shared import shared_app


def app() -> App:
    """Give this process's App; every page's first call.

    Raises:
        ReelseekError: it cannot be opened; the page boundary says why.
    """
    return shared_app()
