"""Looks closer at the first moments of a search, one after another, while the page can be used.

Each takes a second or more. A thread does it, so a click meanwhile is answered at once, and what
was begun is there for a later run. Of a search that is over no other moment is begun; what waits
for a thread when a click comes is not begun either.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future, wait
from functools import partial
from typing import Any

import streamlit as st

from core.bootstrap import App
from core.errors import DatabaseAwayError, ReelseekError
from core.model import Moment
from pages.parts import lookers
from pages.parts.finding import index_of_found, remember
from pages.parts.words import markdown

TOP = 5  # so many of the first moments
_MOST_KEPT = 256
_PATIENCE_S = 0.1  # how long a click waits


def placed(moment: Moment) -> Moment:
    """Give the moment with exact edges if these are known, else as it is; looks at nothing."""
    known = _known().get(_key(moment))
    return known if isinstance(known, Moment) else moment


def missing(moments: Sequence[Moment]) -> list[Moment]:
    """List the moments that were not looked at closer yet."""
    known = _known()
    return [one for one in moments if _key(one) not in known]


def wait_for(app: App, moment: Moment, meanwhile: Callable[[], None]) -> Moment:
    """Give the moment with edges placed to a frame; takes a while the first time.

    `meanwhile` is called over and over. Where it draws something, a click ends this run there.

    Raises:
        ReelseekError: it cannot be looked at, as App.zoom.exact says.
    """
    known = _known().get(_key(moment))
    if isinstance(known, Moment):
        return known
    key, looking = _key(moment), _looking()
    if key not in looking:
        looking[key] = lookers.begin(partial(app.zoom.exact, moment))
    look = looking[key]
    try:
        while not wait([look], timeout=_PATIENCE_S).done:
            meanwhile()
    except BaseException:  # a click, as Streamlit ends a run
        if look.cancel():  # it was not begun
            del looking[key]
        raise
    _known()
    return look.result()


def next_of(app: App, moments: Sequence[Moment], meanwhile: Callable[[], None]) -> None:
    """Look closer at the first that was not looked at yet; what keeps it from that is noted.

    Raises:
        DatabaseAwayError: the database does not answer; it may the next time.
    """
    try:
        for moment in missing(moments)[:1]:
            wait_for(app, moment, meanwhile)
    except DatabaseAwayError:
        raise
    except ReelseekError:  # kept beside what is known, for `said`
        pass


def said(moments: Sequence[Moment], n_shown: int) -> tuple[str, str]:
    """Say how far it is with these of all shown, and what kept some from it, as Markdown.

    Each is "" where nothing is to be said.
    """
    if not moments:
        return "", ""
    n, known = len(moments), _known()
    n_left = len(missing(moments))
    if n_left:
        return f"looking closer at {n - n_left + 1} of {n}…" if n > 1 else "looking closer…", ""
    errors = [error for one in moments if isinstance(error := known[_key(one)], ReelseekError)]
    if not errors:
        return "with exact edges" if n == n_shown else f"first {n} with exact edges", ""
    sentences = " ".join(dict.fromkeys(markdown(str(error)) for error in errors))
    why = f"Some edges are as the index has them: {sentences}"
    return f"{n - len(errors)} of {n} with exact edges", why


def _key(moment: Moment) -> tuple[Any, ...]:
    return moment, index_of_found()


def _looking() -> dict[Any, Future[Moment]]:
    return st.session_state.setdefault("looking-closer", {})  # type: ignore[no-any-return]


def _known() -> dict[Any, Moment | ReelseekError]:
    """Give what is known, threads that are done since included."""
    looking = _looking()
    for key in [key for key, look in looking.items() if look.done()]:
        look = looking.pop(key)
        error = look.exception()
        if error is None:
            remember("looked-closer", key, look.result(), most=_MOST_KEPT)
        elif isinstance(error, ReelseekError) and not isinstance(error, DatabaseAwayError):
            remember("looked-closer", key, error, most=_MOST_KEPT)
    return st.session_state.setdefault("looked-closer", {})  # type: ignore[no-any-return]
