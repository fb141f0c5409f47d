"""A thread that keeps a claim alive while its owner is busy, and notices when it is lost.

Knows no database: it is handed the beat.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from types import TracebackType

from core.errors import ReelseekError

log = logging.getLogger("reelseek.ingest")


class Heart:
    """Beats every `every_s` seconds while the `with` block lasts.

    `beat` says whether the claim still stands. A beat that fails because the database is away is
    tried again: whether the claim was lost meanwhile, the next one tells.
    """

    def __init__(self, beat: Callable[[], bool], *, every_s: float) -> None:
        self._beat = beat
        self._every_s = every_s
        self._lost = threading.Event()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="heartbeat", daemon=True)

    @property
    def is_lost(self) -> bool:
        """Say whether the work was cancelled, deleted or taken over."""
        return self._lost.is_set()

    def __enter__(self) -> Heart:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        is_told = False
        while not self._over.wait(self._every_s):
            try:
                if not self._beat():
                    self._lost.set()
                    return
                is_told = False
            except ReelseekError as error:
                if not is_told:
                    log.warning("A sign of life did not get through: %s", error)
                is_told = True
