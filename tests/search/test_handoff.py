"""Timecodes, file names and cells that other programs can take."""

from __future__ import annotations

import pytest

from core.model import Moment, Span
from core.search import handoff


@pytest.mark.parametrize(
    ("time_s", "rate", "expected"),
    [
        (0, 25, "00:00:00:00"),
        (1.04, 25, "00:00:01:01"),
        (59.999, 25, "00:01:00:00"),
        (3661.5, 30, "01:01:01:15"),
    ],
)
def test_timecodes(time_s: float, rate: int, expected: str) -> None:
    """Seconds become hours, minutes, seconds and whole frames, rounded to the nearest."""
    assert handoff.timecode(time_s, rate) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("holiday.mp4", "001 holiday 1.50s.mp4"),
        ("../../etc/passwd", "001 passwd 1.50s.mp4"),
        ("a/b:c*?.mov", "001 b_c__ 1.50s.mp4"),
        ("...", "001 video 1.50s.mp4"),
        ("Ünïcode ✓.mp4", "001 Ünïcode _ 1.50s.mp4"),
    ],
)
def test_names_of_clips(name: str, expected: str) -> None:
    """A video's name cannot lead out of the folder, nor hold what file systems refuse."""
    moment = Moment("id", name, Span(1.5, 2.5), 2.0, 0.5, 0.5)
    assert handoff.clip_name(1, moment) == expected


def test_a_name_is_no_formula() -> None:
    """A spreadsheet shows a name that begins like a formula, and does not run it."""
    assert handoff._harmless("=HYPERLINK(1)") == "'=HYPERLINK(1)"
    assert handoff._harmless("plain") == "plain"
