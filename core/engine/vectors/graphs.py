"""The graphs of a database: opened when they are asked for, grown behind the answers.

One thread of this process adds to them, one set after the other, while searches use what was
saved; of several processes the one that holds the graph's lock does it. What is not whole is not
saved: one that is killed or closed begins again.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue

import numpy as np

from core.engine.vectors import graph, graph_file, rows_file
from core.engine.vectors.cache import View
from core.engine.vectors.graph import Graph
from core.engine.vectors.rows_file import InUseError
from core.errors import DatabaseError

LEAST_ROWS = 50_000  # here both are about as fast, up to 20,000 a graph is slower (docs/engine.md)
_EXTEND_ROWS = 10_000  # newer rows are looked at one by one; so many, or a part of the others:
_EXTEND_SHARE = 20  # a twentieth
_MOST_REMOVED = 0.5  # of the rows, then the graph is made anew


@dataclass(frozen=True, slots=True)
class _Opened:
    """What was opened, and the head's file by which it is known to be still the one."""

    stamp: tuple[int, int]
    graph: Graph | None


class Graphs:
    """Safe to use from several threads."""

    def __init__(self, folder: Path, rows_of: Callable[[int], View | None]) -> None:
        """Keep them in a folder; `rows_of` gives a set's rows as committed, None if it is gone."""
        self._folder, self._rows_of = folder, rows_of
        self._open: dict[int, _Opened] = {}
        self._lock = threading.Lock()
        self._wanted: SimpleQueue[tuple[int, str]] = SimpleQueue()
        self._worker: threading.Thread | None = None
        self._stop = threading.Event()
        self._growing: set[int] = set()

    def close(self) -> None:
        """Stop growing; what was not saved is grown again another time."""
        self._stop.set()
        worker = self._worker
        if worker is not None:
            worker.join()

    # -- opened --------------------------------------------------------------------------------

    def get(self, set_id: int, view: View) -> Graph | None:
        """Give the set's graph as it was last saved, if there is a good one."""
        try:
            status = graph_file.head_path(self._folder, set_id).stat()
        except OSError:
            return None
        stamp = (status.st_mtime_ns, status.st_ino)
        with self._lock:
            known = self._open.get(set_id)
            if known is None or known.stamp != stamp:
                known = self._open[set_id] = _Opened(stamp, self._opened(set_id, view))
            return known.graph

    def _opened(self, set_id: int, view: View) -> Graph | None:
        head = graph_file.read_head(self._folder, set_id)
        if head is None:
            return None
        try:
            found = graph_file.load(self._folder, set_id, head, to_add=False)
        except (OSError, ValueError, RuntimeError):
            return None
        dimensions = view.parts[0].rows.shape[1] if view.parts else head.dimensions
        is_good = head.dimensions == dimensions and all(found.agrees(one) for one in view.parts)
        return found if is_good else None

    # -- grown ---------------------------------------------------------------------------------

    def grow_if_due(self, set_id: int, found: Graph | None, kind: str, n_newer: int) -> None:
        """Let the graph be made or extended, if enough rows are not in it.

        Args:
            set_id: the set's object.
            found: its graph, if it has one.
            kind: of the graph to make.
            n_newer: rows that are not in it.
        """
        n_known = found.n_rows if found else 0
        if found and n_newer <= max(_EXTEND_ROWS, n_known // _EXTEND_SHARE):
            return
        with self._lock:
            if set_id in self._growing or self._stop.is_set():
                return
            self._growing.add(set_id)
            self._wanted.put((set_id, kind))
            if self._worker is None or not self._worker.is_alive():
                self._worker = threading.Thread(target=self._work, name="graphs", daemon=True)
                self._worker.start()

    def wait(self) -> None:
        """Return when nothing grows any more."""
        worker = self._worker
        if worker is not None:
            worker.join()

    def _work(self) -> None:
        import faiss

        # Half of the processors, for this thread's work alone: the others answer.
        faiss.omp_set_num_threads(max(1, (os.cpu_count() or 1) // 2))
        while not self._stop.is_set():
            with self._lock:
                try:
                    set_id, kind = self._wanted.get_nowait()
                except Empty:
                    self._worker = None
                    return
            try:
                with rows_file.locked(self._folder, set_id, "graph.lock"):
                    self._grow(set_id, kind)
            except InUseError:
                pass  # another process does it
            except (OSError, RuntimeError, MemoryError, sqlite3.Error, DatabaseError):
                continue  # no room, or closed: searches stay exact; it is not tried again here
            with self._lock:
                self._growing.discard(set_id)

    def _grow(self, set_id: int, kind: str) -> None:
        view = self._rows_of(set_id)
        if view is None or not view.parts:
            return
        growing = self._to_extend(set_id, kind, view)
        newer = [part.after(growing.last_id) for part in view.parts]
        if growing.add(newer, view.removed, self._stop.is_set):
            graph_file.save(self._folder, set_id, growing)

    def _to_extend(self, set_id: int, kind: str, view: View) -> Graph:
        head = graph_file.read_head(self._folder, set_id)
        if head is not None and head.kind == kind:
            try:
                found = graph_file.load(self._folder, set_id, head, to_add=True)
            except (OSError, ValueError, RuntimeError):
                found = None
            if found is not None and _is_of_use(found, view):
                return found
        return graph.begin(max(view.parts, key=len), kind)


def _is_of_use(found: Graph, view: View) -> bool:
    n_removed = int(np.searchsorted(view.removed, found.last_id, side="right"))
    is_mostly_there = n_removed <= _MOST_REMOVED * found.n_rows
    return is_mostly_there and all(map(found.agrees, view.parts))
