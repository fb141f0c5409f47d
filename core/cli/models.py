"""`models`: the indexes of the library, which model made each, and which one searches.

Without more it lists them. `make` makes what the settings name, here and now; `use` switches;
`drop` removes.
"""

from __future__ import annotations

import argparse
import threading
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import NoReturn

from tqdm import tqdm

from core.bootstrap import App, open_app
from core.cli.terminal import clock, many, say
from core.errors import LibraryError
from core.model import EncoderInfo, IndexStatus
from core.settings import from_environment

_LOOK_S = 0.3
_WAIT_S = 0.5  # for what another worker is at, or what passes


def run(asked: argparse.Namespace) -> int:
    """List, make, switch or remove.

    Raises:
        LibraryError: there is no such index, or that cannot be done with it.
    """
    app = open_app(from_environment())
    try:
        if asked.act == "make":
            _make(app)
        elif asked.act == "use":
            _use(app, asked.name, even_if_incomplete=asked.now)
        elif asked.act == "drop":
            _drop(app, asked.name)
        else:
            _list(app)
    finally:
        app.close()
    return 0


def title(made_by: EncoderInfo) -> str:
    """Name a model, with its framing where that is not the usual one."""
    framing = "" if made_by.framing == "whole" else f", {made_by.framing}"
    return f"{made_by.model}{framing}"


def tell(app: App) -> list[str]:
    """Say of each index in a line what it is and how far."""
    statuses = app.library.indexes.all()
    due = next((one.n_videos for one in statuses if one.is_serving), 0)
    target = app.models.next()
    made = target.library.index_name if target and target.library else ""
    return [_line(one, due, is_made=one.name == made) for one in statuses]


def _line(status: IndexStatus, due: int, *, is_made: bool) -> str:
    mark = "*" if status.is_serving else " "
    standing = _standing(status, due, is_made=is_made)
    return f"{mark} {title(status.made_by):<16} {standing:<12}  {_size(status)}  ({status.name})"


def _size(status: IndexStatus) -> str:
    return f"{many(status.n_videos, 'video')}, {many(status.n_clips, 'clip')}"


def _standing(status: IndexStatus, due: int, *, is_made: bool) -> str:
    if status.is_serving:
        return "searches"
    if status.is_being_removed:
        return "is being removed"
    failed = f", {status.n_failed} failed" if status.n_failed else ""
    if status.is_whole:
        return f"complete{failed}"
    left = f", {clock(status.left_s).partition('.')[0]} left" if status.left_s is not None else ""
    what = "is being made" if is_made else "incomplete"
    return f"{what}, {due - status.n_left} of {due}, {status.progress:.0%}{failed}{left}"


def _list(app: App) -> None:
    lines = tell(app)
    for line in lines or ["No index yet: nothing was indexed."]:
        say(line)
    wanted = app.models.wanted()
    if wanted is not None and wanted.state in ("absent", "failed"):
        say(f"The model that the settings name cannot be used: {wanted.sentence}")


def _named(app: App, name: str) -> IndexStatus:
    """Find an index by its name, or by that of its model where only one has it."""
    statuses = app.library.indexes.all()
    found = [one for one in statuses if one.name == name]
    found = found or [one for one in statuses if name in (one.made_by.model, title(one.made_by))]
    if len(found) == 1:
        return found[0]
    known = ", ".join(f"{one.name} ({title(one.made_by)})" for one in found or statuses)
    wrong = "Several indexes are" if found else "No index is"
    raise LibraryError(f"{wrong} called {name}. Name one of: {known or 'none yet'}.")


def _use(app: App, name: str, *, even_if_incomplete: bool) -> None:
    before = next((one for one in app.library.indexes.all() if one.is_serving), None)
    status = _named(app, name)
    app.library.indexes.use(status.name, even_if_incomplete=even_if_incomplete)
    say(f"{title(status.made_by)} searches now: {_size(status)}.")
    if before is not None and before.name != status.name:
        say(
            f"{title(before.made_by)} is kept. Back: python -m core models use {before.name}; "
            f"away with it: python -m core models drop {before.name}"
        )


def _drop(app: App, name: str) -> None:
    status = _named(app, name)
    app.models.remove(status.name)
    while app.library.indexes.remove_some():
        pass
    say(f"{title(status.made_by)} is removed: {_size(status)}.")


# -- making --------------------------------------------------------------------------------------


def _make(app: App) -> None:
    """Make the index of the model that the settings name, as a worker does behind all else."""
    if app.models.next() is None:
        wanted = app.models.wanted()
        if wanted is not None:
            raise LibraryError(wanted.sentence)
        say("The model that the settings name is the one that searches; nothing is to be made.")
        return
    stop = threading.Event()
    with ThreadPoolExecutor(1, "worker") as threads:
        work = threads.submit(_work, app, stop)
        try:
            _show(app, work)
        finally:
            stop.set()
        work.result()
    _list(app)


def _work(app: App, stop: threading.Event) -> None:
    worker = app.worker()
    while not stop.is_set():
        if not worker.index_next(stop, gives_way=False):
            if _is_whole(app):
                return
            stop.wait(_WAIT_S)


def _is_whole(app: App) -> bool:
    return all(one.is_whole for one in _in_the_making(app))


def _in_the_making(app: App) -> Sequence[IndexStatus]:
    target = app.models.next()
    name = target.library.index_name if target and target.library else ""
    return [one for one in app.library.indexes.all() if one.name == name]


def _show(app: App, work: Future[None]) -> None:
    """Show a bar until the work is done; none where standard error is no terminal."""
    shape = "{desc} {percentage:3.0f}%|{bar}| [{elapsed}<{remaining}]"
    bar: tqdm[NoReturn] = tqdm(total=1.0, disable=None, leave=False, bar_format=shape)
    with bar:
        while work not in wait([work], _LOOK_S).done:
            for status in [] if bar.disable else _in_the_making(app):
                bar.n = status.progress
                bar.set_description_str(f"{title(status.made_by)}, {status.n_videos} videos")
