"""What went wrong, or what is not there yet, as one calm sentence on the screen."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import wraps
from typing import ParamSpec

import streamlit as st

from core.bootstrap import App
from core.errors import DatabaseAwayError, EncoderError, ReelseekError
from core.shared import shared_app
from pages.parts import happened
from pages.parts.go import go as go_to
from pages.parts.words import markdown

LOOK_AGAIN_S = 3.0  # for a database that is away
_KEPT = "kept-to-say"  # what a click led to, until a page says it

_log = logging.getLogger(__name__)
_P = ParamSpec("_P")


def empty(icon: str, title: str, text: str, *, go: str = "", to: str = "") -> None:
    """Say that there is nothing here, and what to do: the button `go` leads to the page `to`."""
    with st.container(key=f"empty-{icon}", horizontal_alignment="center", gap="small"):
        st.markdown(f":material/{icon}:")
        st.subheader(title, anchor=False, text_alignment="center")
        st.caption(text, text_alignment="center")
        if go and st.button(go, type="primary"):
            go_to(to)


def say(error: ReelseekError, *, of: str = "") -> None:
    """Show an error of ours, with the name of what it is about; its text is made for people."""
    sentence = markdown(f"{of}: {error}" if of else str(error))  # it may hold a name itself
    if isinstance(error, DatabaseAwayError):
        st.error(sentence, icon=":material/cloud_off:")
    elif isinstance(error, EncoderError):
        st.warning(sentence, icon=":material/model_training:")
    else:
        st.error(sentence, icon=":material/error:")


def model_state(app: App) -> None:
    """Say what keeps the model from being used, if anything does."""
    status = app.models.status()
    if status.state in ("absent", "failed"):
        st.warning(markdown(status.sentence), icon=":material/model_training:")
    elif status.state == "downloading":
        st.progress(status.fraction or 0.0, text=markdown(status.sentence))


def _away(error: DatabaseAwayError) -> None:
    """Say that the database is away, and draw the page as soon as it is back."""
    say(error)
    is_drawn = False

    @st.fragment(run_every=LOOK_AGAIN_S)
    def look_again() -> None:
        nonlocal is_drawn
        st.caption(":material/sync: Looking for it every few seconds…")
        if is_drawn:  # not at once, or a page that fails all the same would be drawn without end
            with suppress(ReelseekError):
                shared_app().database_version()
                st.rerun()
        is_drawn = True

    look_again()


@contextmanager
def boundary() -> Iterator[None]:
    """Let no error leave a page as a traceback, and say once what a click led to (see guarded).

    Streamlit ends a run by exceptions too (st.stop, st.rerun, st.switch_page); they derive from
    BaseException and pass.
    """
    place = st.empty()  # on every run, so that what comes below it keeps its place
    kept = st.session_state.pop(_KEPT, None)
    if kept is not None:
        with place.container():
            _explain(kept)
    try:
        yield
    except Exception as error:  # noqa: BLE001 - the page boundary: a bug goes to the log, not to the screen
        if kept is not None and str(error) == str(kept):
            place.empty()  # the page says it itself
        _failed(error, "A page failed")
    except BaseException:
        if kept is not None:  # nobody has read it: a run that ends early leaves the screen at once
            st.session_state[_KEPT] = kept
        raise


def bounded(part: Callable[_P, None]) -> Callable[_P, None]:
    """Put a part of a page that runs again on its own, a fragment or a dialog, in a boundary."""

    @wraps(part)
    def within(*args: _P.args, **kwargs: _P.kwargs) -> None:
        if _KEPT in st.session_state:  # at the top of the page it outlasts the part's next run
            st.rerun(scope="app")
        try:
            part(*args, **kwargs)
        except Exception as error:  # noqa: BLE001 - as above
            _failed(error, "A part of a page failed")

    return within


def guarded(callback: Callable[_P, object]) -> Callable[_P, None]:
    """Put what a click or a change calls in a boundary: the page says what came of it.

    Streamlit calls it before the page runs, and would show its error in place of the page.
    """

    @wraps(callback)
    def within(*args: _P.args, **kwargs: _P.kwargs) -> None:
        happened.tell()
        try:
            callback(*args, **kwargs)
        except Exception as error:  # noqa: BLE001 - as above
            _log_bug(error, "What a click or a change asked for failed")
            st.session_state[_KEPT] = error.with_traceback(None)

    return within


def _failed(error: Exception, what: str) -> None:
    """Show why there is no page, or no such part of it."""
    _log_bug(error, what)
    if isinstance(error, DatabaseAwayError):
        _away(error)
    else:
        _explain(error)


def _log_bug(error: Exception, what: str) -> None:
    if not isinstance(error, ReelseekError):
        _log.error(what, exc_info=error)


def _explain(error: Exception) -> None:
    """Show an error of ours by what it says, and any other by one sentence."""
    if isinstance(error, ReelseekError):
        say(error)
    else:
        st.error(
            "Something went wrong that should not have. The server's log says what; reload the "
            "page to go on.",
            icon=":material/error:",
        )
