"""What went wrong, or what is not there yet, as one calm sentence on the screen."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from core.bootstrap import App
from core.errors import DatabaseAwayError, ReelseekError

_log = logging.getLogger(__name__)


def empty(icon: str, title: str, text: str) -> None:
    """Say that there is nothing here, and what to do."""
    with st.container(key=f"empty-{icon}", horizontal_alignment="center"):
        st.markdown(f":material/{icon}:")
        st.markdown(f"#### {title}")
        st.caption(text, text_alignment="center")


def say(error: ReelseekError) -> None:
    """Show an error of ours; its text is made for people."""
    icon = ":material/cloud_off:" if isinstance(error, DatabaseAwayError) else ":material/error:"
    st.error(str(error), icon=icon)


def model_state(app: App) -> None:
    """Say what keeps the model from being used, if anything does."""
    status = app.encoder.status()
    if status.state in ("absent", "failed"):
        st.warning(status.sentence, icon=":material/model_training:")
    elif status.state == "downloading":
        st.progress(status.fraction or 0.0, text=status.sentence)


@contextmanager
def boundary() -> Iterator[None]:
    """Let no error leave a page as a traceback."""
    try:
        yield
    except ReelseekError as error:
        say(error)
    except Exception:  # noqa: BLE001 - the page boundary: a bug goes to the log, not to the screen
        _log.exception("A page failed")
        st.error(
            "Something went wrong that should not have. The server's log says what; reload the "
            "page to go on.",
            icon=":material/error:",
        )
