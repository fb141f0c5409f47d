"""The files and folders that are being added on the server: counted, asked about, under way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from core.bootstrap import Addition, App, Preflight
from pages.parts.jobs import Button, buttons, rows
from pages.parts.words import lasts, many, size

ACTIONS: dict[str, list[Button]] = {
    "looking": [("stop", "Stop")],
    "asking": [("stop", "Do not add"), ("begin", "Begin")],
    "adding": [("stop", "Stop")],
}
_MOST_FAILURES = 6  # whose sentences are shown


def additions(app: App, asked: Sequence[Addition]) -> bool:
    """Draw them, and do what was clicked; returns whether anything was."""
    if not asked:
        return False
    clicked = rows([_row(one) for one in asked], key="additions", label="Folders being added")
    if clicked is None:
        return False
    act, addition_id = clicked
    doings = {
        "begin": app.additions.begin,
        "stop": app.additions.stop,
        "dismiss": app.additions.dismiss,
    }
    doings[act](addition_id)
    return True


def _row(one: Addition) -> dict[str, Any]:
    words, pace = _words(one)
    is_counted = one.state == "adding" and one.n_files > 0
    return {
        "id": one.addition_id,
        "kind": one.kind,
        "name": Path(one.path).name or one.path,
        "about": one.path,
        "image": "",
        "state": one.state,
        "words": words,
        "pace": pace,
        "fraction": one.n_seen / one.n_files if is_counted else None,
        "error": _trouble(one),
        "href": "",
        "buttons": buttons(ACTIONS.get(one.state, [("dismiss", "Dismiss")])),
    }


def _words(one: Addition) -> tuple[str, str]:
    """Say how far it is, and what came of it so far."""
    if one.state == "asking" and one.preflight:
        return _what_there_is(one.preflight), _what_it_takes(one.preflight)
    known = _known(one)
    added = f"Added {many(one.n_new, 'video')}" if one.n_new else known or "Nothing was added"
    return {
        "adding": (
            f"Reading file {min(one.n_seen + 1, one.n_files)} of {one.n_files}",
            _came_of(one),
        ),
        "done": (added, known if one.n_new else ""),
        "stopped": (f"Stopped after {one.n_seen} of {one.n_files}", "what was added stays"),
        "failed": ("Not added", ""),
    }.get(one.state, ("Counting what is there", ""))


def _what_there_is(found: Preflight) -> str:
    known = found.n_files - found.n_new
    about = "about " if found.n_probed < found.n_new else ""
    there = f", {known} of them in your library" if known else ""
    length = f"{about}{lasts(found.hours * 3600)} of video"
    return f"{many(found.n_files, 'file')}{there}: {length} to index"


def _what_it_takes(found: Preflight) -> str:
    speed = f"{found.speed:.3g}× real time"
    how = f"at {speed}, as before" if found.is_speed_known else f"if it goes at {speed}"
    if found.is_sampling_other:
        how = f"or less, at {speed} or more: other samples were looked at before"
    disk = f"{size(found.needed_bytes)} of {size(found.free_bytes)} of disk"
    stored = f"{size(found.sent_bytes)} of the server and " if found.sent_bytes else ""
    return f"about {lasts(found.takes_s)} {how} · about {stored}{disk}"


def _came_of(one: Addition) -> str:
    parts = [f"{one.n_new} new", f"{one.n_known} known"]
    return " · ".join(parts + ([f"{one.n_failed} cannot be used"] if one.n_failed else []))


def _known(one: Addition) -> str:
    there = f"{many(one.n_known, 'video')} had been in your library already"
    return there if one.n_known else ""


def _warnings(found: Preflight) -> Iterator[str]:
    """Say what will not go well if it is begun."""
    if found.n_bad:
        looked = f" of the {found.n_probed} looked at" if found.n_probed < found.n_new else ""
        yield f"{many(found.n_bad, 'file')}{looked} cannot be used as videos."
    if found.too_large and found.most_sent_bytes is not None:
        names = ", ".join(path.name for path in found.too_large[:_MOST_FAILURES])
        yield (
            f"{many(len(found.too_large), 'file')} will be refused, with more than the "
            f"{size(found.most_sent_bytes)} that the server takes in one message: {names}."
        )
    if not found.has_room:
        yield (
            f"The disk has {size(found.free_bytes)} free, which is not enough. Make room, or set "
            "REELSEEK_DATA to a folder on another disk."
        )


def _trouble(one: Addition) -> str:
    said = [one.error] if one.error else []
    if one.state == "asking" and one.preflight:
        said += _warnings(one.preflight)
    said += [f"{name}: {sentence}" for name, sentence in one.failures[:_MOST_FAILURES]]
    more = one.n_failed - _MOST_FAILURES
    return "\n".join(said + ([f"And {many(more, 'file')} more."] if more > 0 else []))
