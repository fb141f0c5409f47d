"""Reads files of labels: questions, and the stretches of videos that answer them.

Three forms: our CSV (query, video, start_s, end_s; no times: nothing shows it), QVHighlights' JSON
lines, and DiDeMo's JSON list. Knows no library: videos are named as the file names them.
"""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from core.errors import SearchError
from core.model import Span

COLUMNS: Final = ("query", "video", "start_s", "end_s")
_CHUNK_S: Final = 5.0  # DiDeMo counts in chunks of this length, both ends included


@dataclass(frozen=True, slots=True)
class Answer:
    """A stretch of a video that shows what was asked for."""

    video: str
    span: Span


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, and all its answers; none: it is absent.

    `within` names the one video that is looked into; None: the whole library.
    """

    query: str
    answers: tuple[Answer, ...]
    within: str | None = None


def read_labels(path: Path) -> list[Question]:
    """Read the questions of a file, in its order.

    Rows of a CSV with the same query are one question with several answers. The published sets ask
    within one video each.

    Raises:
        SearchError: the file cannot be read, or a line of it makes no sense.
    """
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise SearchError(
            f"The labels {path} cannot be read ({error}). Name a UTF-8 text file."
        ) from error
    try:
        if text.lstrip().startswith("["):
            questions = [_didemo(one) for one in json.loads(text)]
        elif text.lstrip().startswith("{"):
            questions = [_qvhighlights(json.loads(line)) for line in text.splitlines() if line]
        else:
            questions = _from_csv(csv.DictReader(text.splitlines(), skipinitialspace=True), path)
    except (KeyError, ValueError, TypeError, IndexError, csv.Error) as error:
        raise SearchError(
            f"The labels {path} make no sense ({type(error).__name__}: {error}). Use a CSV with "
            f"the columns {', '.join(COLUMNS)}, or a label file of QVHighlights or DiDeMo."
        ) from error
    if not questions:
        raise SearchError(f"The labels {path} ask nothing. Add a line below the column names.")
    return questions


def _from_csv(rows: csv.DictReader[str], path: Path) -> list[Question]:
    if missing := [name for name in COLUMNS if name not in (rows.fieldnames or COLUMNS)]:
        raise SearchError(
            f"The labels {path} make no sense: their first line lacks {', '.join(missing)}. Let it "
            f"name the columns {', '.join(COLUMNS)}, or use a label file of QVHighlights or DiDeMo."
        )
    answers: dict[str, list[Answer]] = defaultdict(list)
    for number, row in enumerate(rows, start=2):
        query = row["query"].strip()
        if not query:
            raise ValueError(f"line {number} asks nothing")
        known = answers[query]
        if row["start_s"]:
            known.append(Answer(row["video"].strip(), _span(row["start_s"], row["end_s"], number)))
    return [Question(query, tuple(found)) for query, found in answers.items()]


def _span(start_s: Any, end_s: Any, number: int | str) -> Span:
    span = Span(float(start_s), float(end_s))
    if not 0 <= span.start_s < span.end_s:
        raise ValueError(f"{number}: from {start_s} s to {end_s} s is no stretch of time")
    return span


def _qvhighlights(one: Mapping[str, Any]) -> Question:
    """Read {"query", "vid", "relevant_windows": [[start, end], …]}, in seconds."""
    video = str(one["vid"])
    windows = one["relevant_windows"]
    answers = tuple(Answer(video, _span(start, end, one["query"])) for start, end in windows)
    return Question(str(one["query"]), answers, within=video)


def _didemo(one: Mapping[str, Any]) -> Question:
    """Read {"description", "video", "times": [[first, last], …]}, in chunks of five seconds."""
    video = str(one["video"])
    spans = {Span(first * _CHUNK_S, (last + 1) * _CHUNK_S) for first, last in one["times"]}
    ordered = sorted(spans, key=lambda span: (span.start_s, span.end_s))
    answers = tuple(Answer(video, span) for span in ordered)
    return Question(str(one["description"]), answers, within=video)
