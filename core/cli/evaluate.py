"""`evaluate LABELS`: how good the search is on one's own videos, by a file of right answers.

Several `--settings` are measured on the same questions and shown side by side.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from core.bootstrap import open_app
from core.cli.terminal import many, say
from core.errors import SettingsError
from core.query import Wanted
from core.search.evaluate import Evaluator, Report
from core.search.labels import Question, read_labels
from core.search.metrics import ABSENT, PRESENT
from core.search.search import Searcher
from core.search.zoom import Zoom
from core.settings import Settings, from_environment

_WISHES = {field.name for field in fields(Wanted)} - {"limit"}
_PLACES = ("data", "model", "framing")  # another library, or another index of this one
_KNOWN = sorted({*_WISHES, *_PLACES, "zoom", "templates"})


def run(asked: argparse.Namespace) -> int:
    """Measure and print; with one set of settings an object, with several a list of them."""
    questions = read_labels(asked.labels)
    given = asked.settings or [""]
    reports = [(name or "as it is", _measure(questions, _parsed(name))) for name in given]
    if asked.json:
        objects = [{"settings": name, **_object(report)} for name, report in reports]
        say(json.dumps(objects[0] if len(objects) == 1 else objects))
    else:
        for line in _table(reports):
            say(line)
    return 0


def _measure(questions: Sequence[Question], given: dict[str, Any]) -> Report:
    places = {name: given[name] for name in _PLACES if name in given}
    app = open_app(_settings(places))
    try:
        wishes = {name: value for name, value in given.items() if name in _WISHES}
        is_named = "model" in places or "framing" in places
        served = app.models.named() if is_named else app.models.now()
        library, encoder = served.library or app.library.serving(), served.encoder
        zoom = Zoom(library, encoder, fetch=app.playing.original)
        searcher = Searcher(
            library, encoder, wraps=bool(given.get("templates", app.settings.templates))
        )
        return Evaluator(
            searcher, library.videos(), Wanted(**wishes),
            refine=zoom.exact if given.get("zoom") else None,
        ).run(questions)  # fmt: skip
    finally:
        app.close()


def _settings(places: dict[str, Any]) -> Settings:
    if "data" in places:
        places["data"] = Path(str(places["data"]))
    return replace(from_environment(), **places)


def _parsed(text: str) -> dict[str, Any]:
    """Read "floor=0.4,per_video=none,zoom=true"."""
    given: dict[str, Any] = {}
    for part in filter(None, text.split(",")):
        name, is_said, value = (word.strip() for word in part.partition("="))
        if not is_said or name not in _KNOWN:
            raise SettingsError(
                f"--settings has {part!r}; write NAME=VALUE with one of {', '.join(_KNOWN)}, "
                "several with commas between them."
            )
        given[name] = value if name in _PLACES else _value(part, value)
    return given


def _value(part: str, text: str) -> Any:
    try:
        return json.loads({"none": "null"}.get(text.lower(), text.lower()))
    except ValueError:
        raise SettingsError(
            f"--settings has {part!r}; use a number, true, false or none."
        ) from None


def _object(report: Report) -> dict[str, Any]:
    """Give every measure; null where no question asks for it."""
    names = (*PRESENT, *ABSENT)
    return {
        "n_present": report.n_present,
        "n_absent": report.n_absent,
        **{name: report.measures.get(name) for name in names},
        "intervals": {
            name: list(report.intervals[name]) if name in report.intervals else None
            for name in names
        },
    }


def _table(reports: Sequence[tuple[str, Report]]) -> list[str]:
    first = reports[0][1]
    lines = [f"{many(first.n_present, 'question')} with an answer, {first.n_absent} without"]
    for number, (name, _) in enumerate(reports, start=1):
        if len(reports) > 1:
            lines.append(f"({number}) {name}")
    for name in (*PRESENT, *ABSENT):
        if name in first.measures:
            cells = (_cell(report, name) for _, report in reports)
            lines.append(f"{name:<20}{''.join(cells)}")
    return lines


def _cell(report: Report, name: str) -> str:
    low, high = report.intervals[name]
    return f"{report.measures[name]:>8.3f}  [{low:.3f}, {high:.3f}]"
