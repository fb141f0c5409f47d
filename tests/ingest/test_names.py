"""The name people see: anything a file may be called, made harmless and no longer than 255."""

from __future__ import annotations

import os
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.ingest.names import display_name


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("film.mp4", "film.mp4"),
        ('it\'s "so" <b>.mp4', 'it\'s "so" <b>.mp4'),
        ("🎬 été.mkv", "🎬 été.mkv"),
        ("../../etc/passwd", "../../etc/passwd"),
        ("two\nlines\x00\x1b[31m.mp4", "two lines [31m.mp4"),
        ("  ", "video"),
        ("", "video"),
        ("x" * 300 + ".mp4", "x" * 250 + "….mp4"),
        ("x" * 300, "x" * 254 + "…"),
        ("a. " + "b" * 300, "a. " + "b" * 251 + "…"),
        (os.fsdecode(b"caf\xe9.mp4"), "caf?.mp4"),
    ],
)
def test_names_people_meet(name: str, shown: str) -> None:
    """Quotes, emoji and slashes stay; control characters go; length is cut before the ending."""
    assert display_name(name) == shown


@given(st.text(st.characters(exclude_categories=())))
@example("\ud800")
def test_any_name_becomes_one_that_can_be_stored_and_shown(name: str) -> None:
    """It is Unicode, has no control character, is neither empty nor too long, and stays so."""
    shown = display_name(name)
    shown.encode("utf-8")
    assert 0 < len(shown) <= 255
    assert not any(unicodedata.category(character) == "Cc" for character in shown)
    assert display_name(shown) == shown
