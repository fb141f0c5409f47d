"""`worker`: does the library's work until a signal, or its parent's end, stops it."""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
import threading

from core.bootstrap import App, open_app
from core.errors import DatabaseAwayError
from core.ingest.retry import Backoff, Seldom
from core.settings import from_environment

_NICENESS = 5  # pages and searches on the same machine go first
_STDIN = 0

log = logging.getLogger("reelseek.cli")


def run(asked: argparse.Namespace) -> int:
    """Work; what is not finished at the end is given back, for the next worker to take at once."""
    logging.basicConfig(
        level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(levelname)s %(message)s"
    )
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    if asked.with_parent:
        threading.Thread(target=_wait_for_the_end_of_input, args=[stop], daemon=True).start()
    os.nice(_NICENESS)
    app = _opened(stop)
    if app is None:
        return 0
    try:
        for video in app.intake.mend():
            log.info("%s came in before a crash, and is registered now.", video.name)
        app.worker().run(stop)
    finally:
        app.close()
    return 0


def _opened(stop: threading.Event) -> App | None:
    """Open the library when its database answers; None: told to stop before that."""
    settings, backoff, seldom = from_environment(), Backoff(), Seldom()
    while True:
        try:
            return open_app(settings)
        except DatabaseAwayError as error:
            if seldom.is_due(str(error)):
                log.warning("%s", error)
        if stop.wait(backoff.next_s()):
            return None


def _wait_for_the_end_of_input(stop: threading.Event) -> None:
    """Set `stop` when nobody holds the other end of standard input any more.

    By os.read: a thread inside sys.stdin would hold its lock when the interpreter ends.
    """
    try:
        while os.read(_STDIN, 4096):
            pass
    except OSError:  # closed from the start: there is no parent to lose
        return
    stop.set()
