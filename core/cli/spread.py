"""Spreads videos over a Dask cluster that is there already: each is indexed by one of its workers.

The database stays the queue, so a cluster's workers, `python -m core worker` and this process never
do the same video twice, and a worker that dies costs only the video it was at. Dask brings the
names of videos to where there is room, and nothing else.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Sequence
from functools import cache
from types import TracebackType
from typing import Any

from core.bootstrap import App, open_app
from core.errors import IngestError, ReelseekError
from core.settings import from_environment

_CONNECT_S = 10
_LOOK_S = 0.3
_MOST_DEATHS = 10  # of Dask workers at one video; the queue itself gives up sooner
_PREFIXES = ("REELSEEK_", "APERTUREDB_")


class Cluster:
    """A connection to a Dask scheduler; use it as a context."""

    def __init__(self, address: str, *, patience_s: float) -> None:
        self._address, self._patience_s = address, patience_s
        self._client: Any = None
        self._environment = tuple(
            sorted((k, v) for k, v in os.environ.items() if k.startswith(_PREFIXES))
        )

    def __enter__(self) -> Cluster:
        from distributed import Client  # noqa: PLC0415 - slow to import

        logging.getLogger("distributed").setLevel(logging.ERROR)
        try:
            self._client = Client(  # type: ignore[no-untyped-call]
                self._address, timeout=_CONNECT_S, set_as_default=False
            )
        except (OSError, ValueError) as error:  # what it raises while nobody answers
            raise IngestError(
                f"No Dask scheduler answers at {self._address} ({error}). Start one with `dask "
                "scheduler`, and name the address that it prints."
            ) from error
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._client.close()

    def drain(
        self, video_ids: Sequence[str], *, stop: threading.Event, more: Callable[[], bool]
    ) -> None:
        """Have these videos indexed; while `more` says so, the list may still grow.

        Raises:
            ReelseekError: what the first worker that could not index at all said.
        """
        futures: list[Any] = []
        while not stop.is_set():
            is_more = more()
            futures += [self._submit(video_id) for video_id in video_ids[len(futures) :]]
            if not is_more and all(future.done() for future in futures):
                break
            stop.wait(_LOOK_S)
        if stop.is_set():
            self._client.cancel(futures)
            return
        for sentence in self._client.gather(futures):
            if sentence is not None:
                raise IngestError(sentence)

    def _submit(self, video_id: str) -> Any:
        return self._client.submit(
            index_one, self._environment, video_id, self._patience_s,
            pure=False, key=f"reelseek-{video_id}-{os.urandom(4).hex()}", retries=_MOST_DEATHS,
        )  # fmt: skip


def index_one(
    environment: tuple[tuple[str, str], ...], video_id: str, patience_s: float
) -> str | None:
    """Index one video in this process; runs on the cluster.

    Returns:
        None, or the sentence that says why this worker cannot index at all. What is wrong with the
        video itself is in the library, as always.
    """
    try:
        _app(environment).worker().drain([video_id], patience_s=patience_s)
    except ReelseekError as error:
        return str(error)
    return None


@cache
def _app(environment: tuple[tuple[str, str], ...]) -> App:
    """Open the library once in each process: the model is loaded once, too.

    What is set where the worker runs goes before what the one who adds has set: a data folder, or
    the way to the database, may be another there. ApertureDB's client itself looks there, too.
    """
    for name, value in environment:
        os.environ.setdefault(name, value)
    return open_app(from_environment())
