"""Headings and lists of facts whose words come from files and people.

They are shown as text, never as markup.
"""

from __future__ import annotations

from collections.abc import Mapping

from pages.parts.component import component


def heading(title: str, below: str = "", *, key: str, level: int = 1) -> None:
    """Draw a heading, with a quieter line below it."""
    _draw(key, {"title": title, "below": below, "level": level, "rows": []})


def facts(rows: Mapping[str, str], *, key: str, title: str = "", stacked: bool = False) -> None:
    """Draw a list of names and what is to be said of each: beside the name, or stacked below it."""
    pairs = [[name, text] for name, text in rows.items()]
    _draw(key, {"title": title, "below": "", "level": 2, "rows": pairs, "stacked": stacked})


def _draw(key: str, data: dict[str, object]) -> None:
    component("facts", '<div class="facts"></div>')(key=key, data=data)
