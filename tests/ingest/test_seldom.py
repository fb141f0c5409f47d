"""What the worker's log says while a model or a database is away."""

from __future__ import annotations

import logging
import threading

import pytest

from core.bootstrap import App
from core.errors import DatabaseAwayError
from core.ingest import worker as worker_module
from core.ingest.retry import Seldom
from tests.ingest.conftest import until
from tests.wire.outages import Clock


def test_a_sentence_comes_ever_less_often() -> None:
    """Of a day in which it is met every ten seconds: at once, then after minutes, then hourly."""
    clock = Clock()
    seldom, said_at_min = Seldom(clock), []
    for _ in range(24 * 360):
        if seldom.is_due("It is away."):
            said_at_min.append(round(clock.now_s / 60))
        clock.now_s += 10
    assert said_at_min[:7] == [0, 1, 3, 7, 15, 31, 63]
    assert len(said_at_min) == 7 + 22


def test_another_sentence_and_another_time_are_new() -> None:
    """What was over for two minutes is told at once when it comes again."""
    clock = Clock()
    seldom = Seldom(clock)
    assert [seldom.is_due(one) for one in ("a", "b", "a", "b")] == [True, True, False, False]
    clock.now_s += 121
    assert seldom.is_due("a")


def test_the_worker_says_once_that_the_database_is_away(
    app: App, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However often it looks for it."""
    n_looks = 0

    def away(*_: object) -> bool:
        nonlocal n_looks
        n_looks += 1
        raise DatabaseAwayError("The database is away.")

    monkeypatch.setattr(worker_module.retry.Backoff, "next_s", lambda _: 0.001)
    worker, stop = app.worker(), threading.Event()
    monkeypatch.setattr(worker, "_index_next", away)
    thread = threading.Thread(target=worker.run, args=[stop])
    with caplog.at_level(logging.WARNING, "reelseek.ingest"):
        thread.start()
        until(lambda: n_looks > 20, "it looked often")
        stop.set()
        thread.join()
    assert caplog.messages == ["Work has to wait: The database is away."]
