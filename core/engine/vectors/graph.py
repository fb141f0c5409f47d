"""A graph of neighbours (HNSW) over one set's vectors: finds candidates without looking at all.

Rows that follow each other and are almost the same, as the frames of a shot, are one node: a run.
Else the nearest of a frame would be the rest of its shot, and no link would lead out of it; this
way there is a tenth of the nodes, and more is found. A node holds the run's first vector in 8 bits
a dimension, only to walk by; whoever asks measures every row of the runs it is given. The graph
covers the rows until its last id, removed ones included, and is only ever added to. Malkov and
Yashunin, arXiv:1603.09320; FAISS's IndexHNSWSQ.

Files: `SET-G.graph` (FAISS's own, mapped) and `SET-G.nodes` (first id and size of each run), for
each saving G a new name; `SET.graph.json`, the head, is renamed into place after them.
"""

from __future__ import annotations

import json
import os
import zlib
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.engine.vectors.exact import Query
from core.engine.vectors.parts import Ids, Part, Places, Rows
from core.engine.vectors.rows_file import replace_file

_FORMAT = 1
# Measured by `python -m benchmarks.engine`, see docs/engine.md.
_LINKS = 32  # of a node in each layer, twice as many in the lowest
_BUILD_BREADTH = 200
_SEARCH_BREADTH = 1024
_SAME_SQUARED = 0.1  # squared distance, by the first's squared length: a cosine of 0.95
_LONGEST_RUN = 64  # rows
_RANGE_SPARE = 0.1  # of a dimension's range in the training rows, at both ends
_N_TRAINING = 20_000
_N_SAMPLES = 32
_LEAST_COSINE = 0.95  # of a vector and its 8-bit form; a wrong one has another direction

DIRECTIONS, PLACES = "directions", "places"


@dataclass(frozen=True, slots=True)
class GraphHead:
    """What a saved graph is."""

    generation: str
    kind: str  # directions: of vectors brought to length 1; places: of the vectors as they are
    dimensions: int
    n_nodes: int
    nodes_crc: int
    last_id: int
    format: int = _FORMAT


class Graph:
    """A graph; one that was opened is mapped and can be searched, one that was loaded can grow."""

    def __init__(self, index: Any, runs: NDArray[np.int64], kind: str, last_id: int) -> None:
        """Take FAISS's index and, for each of its nodes, the first id and the size of its run."""
        self.index, self.runs, self.kind = index, runs, kind
        self.last_id = last_id  # every row that counted until this id is in a run

    @property
    def n_rows(self) -> int:
        """How many rows the runs have, removed ones included."""
        return int(self.runs[:, 1].sum())

    def add(self, part: Part) -> None:
        """Add rows with larger ids than all before."""
        rows = form(part, self.kind)
        starts = _starts_of_runs(rows)
        self.index.add(rows[starts])
        sizes = np.diff(starts, append=len(rows))
        self.runs = np.concatenate([self.runs, np.stack([part.ids[starts], sizes], axis=1)])
        self.last_id = part.last_id

    def candidates(self, query: Query, n: int, removed: Ids) -> tuple[Ids, Ids]:
        """Give about n runs that are near: the first and the last id of each, ascending."""
        faiss = _faiss()
        wanted = faiss.SearchParametersHNSW(efSearch=max(_SEARCH_BREADTH, n))
        counts = self._counting(removed)
        if not counts.all():
            counts = np.pad(counts, (0, -len(counts) % 8))
            wanted.sel = faiss.IDSelectorBitmap(np.packbits(counts, bitorder="little"))
        vector = query.single
        if self.kind == DIRECTIONS and query.length:
            vector = (query.exact / query.length).astype(np.float32)
        _, found = self.index.search(vector[None], min(n, len(self.runs)), params=wanted)
        nodes = np.sort(found[0][found[0] >= 0])
        firsts = self.runs[:, 0]
        return firsts[nodes], np.append(firsts, self.last_id + 1)[nodes + 1] - 1

    def _counting(self, removed: Ids) -> NDArray[np.bool_]:
        """Say of each run whether a row of it is left."""
        of = np.searchsorted(self.runs[:, 0], removed[removed <= self.last_id], side="right") - 1
        n_removed = np.bincount(of[of >= 0], minlength=len(self.runs))
        counting: NDArray[np.bool_] = n_removed < self.runs[:, 1]
        return counting

    def agrees(self, part: Part) -> bool:
        """Compare some nodes with the rows of a part, as far as both have them."""
        nodes = np.unique(np.linspace(0, len(self.runs) - 1, _N_SAMPLES).astype(np.intp))
        firsts = self.runs[:, 0]
        there = part.at(part.places(firsts[nodes]))
        if not len(there):
            return True
        nodes = np.searchsorted(firsts, there.ids)
        kept = np.stack([self.index.reconstruct(int(node)) for node in nodes])
        rows = form(there, self.kind)
        lengths = np.linalg.norm(kept, axis=1) * np.linalg.norm(rows, axis=1)
        return bool(np.all((kept * rows).sum(axis=1) >= _LEAST_COSINE * lengths))


def places_between(part: Part, firsts: Ids, lasts: Ids) -> Places:
    """Find the rows of a part whose ids are within any of these ranges, ascending and apart."""
    starts = np.searchsorted(part.ids, firsts)
    sizes = np.searchsorted(part.ids, lasts, side="right") - starts
    before = np.cumsum(sizes) - sizes
    found: Places = np.arange(sizes.sum()) + np.repeat(starts - before, sizes)
    return found


def _starts_of_runs(rows: Rows) -> Places:
    """Find where a row is no longer almost the same as the first of its run."""
    starts, at = [], 0
    while at < len(rows):
        starts.append(at)
        off = rows[at : at + _LONGEST_RUN] - rows[at]
        limit = _SAME_SQUARED * float(rows[at] @ rows[at])
        other = np.flatnonzero(np.einsum("ij,ij->i", off, off) > limit)
        at += int(other[0]) if len(other) else len(off)
    return np.array(starts, np.intp)


def form(part: Part, kind: str) -> Rows:
    """Give rows as nodes hold them."""
    if kind == PLACES:
        return np.ascontiguousarray(part.rows)
    lengths = np.where(part.lengths > 0, part.lengths, 1.0)
    return (part.rows / lengths[:, None]).astype(np.float32)


def serves(kind: str, metric: str, *, equal_lengths: bool) -> bool:
    """Say whether nearest in the graph is nearest by the metric.

    Where all lengths are equal, all three metrics order alike.
    """
    return equal_lengths or (metric, kind) in (("CS", DIRECTIONS), ("L2", PLACES))


def kind_for(metric: str, *, equal_lengths: bool) -> str | None:
    """Choose the kind that serves a metric; inner products of unequal vectors have none."""
    kinds = (DIRECTIONS, PLACES)
    fitting = (kind for kind in kinds if serves(kind, metric, equal_lengths=equal_lengths))
    return next(fitting, None)


# -- made, saved, opened -----------------------------------------------------------------------


def begin(sample: Part, kind: str) -> Graph:
    """Make a graph without nodes, its 8 bits fitted to the range of some rows."""
    faiss = _faiss()

    training = sample.at(np.unique(np.linspace(0, len(sample) - 1, _N_TRAINING).astype(np.intp)))
    dimensions = sample.rows.shape[1]
    eight_bits = faiss.ScalarQuantizer.QT_8bit
    index = faiss.IndexHNSWSQ(dimensions, eight_bits, _LINKS, faiss.METRIC_L2)
    faiss.downcast_index(index.storage).sq.rangestat_arg = _RANGE_SPARE
    index.hnsw.efConstruction = _BUILD_BREADTH
    index.train(form(training, kind))
    return Graph(index, np.empty((0, 2), np.int64), kind, 0)


def save(folder: Path, set_id: int, graph: Graph) -> None:
    """Save under a new name, then let the head say so; the lock of the graph is held.

    Raises:
        OSError, RuntimeError: it could not be written; the one before is still there.
    """
    faiss = _faiss()

    generation, old = os.urandom(8).hex(), read_head(folder, set_id)
    graph_path, nodes_path = paths(folder, set_id, generation)
    try:
        faiss.write_index(graph.index, str(graph_path))
        runs = np.ascontiguousarray(graph.runs, "<i8")
        runs.tofile(nodes_path)
        for path in (graph_path, nodes_path):
            with path.open("rb") as file:
                os.fsync(file.fileno())
        size, crc = (graph.index.d, len(runs)), zlib.crc32(runs.data)
        head = GraphHead(generation, graph.kind, *size, crc, graph.last_id)
        replace_file(head_path(folder, set_id), json.dumps(asdict(head)).encode())
    except (OSError, RuntimeError):
        _unlink(graph_path, nodes_path)
        raise
    if old is not None:
        _unlink(*paths(folder, set_id, old.generation))


def read_head(folder: Path, set_id: int) -> GraphHead | None:
    """Read the head; None where there is none that this version can read."""
    try:
        head = GraphHead(**json.loads(head_path(folder, set_id).read_bytes()))
    except (OSError, ValueError, TypeError):
        return None
    return head if head.format == _FORMAT else None


def load(folder: Path, set_id: int, head: GraphHead, *, to_add: bool) -> Graph:
    """Open a saved graph: mapped to be searched, or read into memory to be added to.

    Raises:
        OSError, ValueError, RuntimeError: it is not what the head says.
    """
    faiss = _faiss()

    graph_path, nodes_path = paths(folder, set_id, head.generation)
    runs = np.fromfile(nodes_path, "<i8")
    if len(runs) != 2 * head.n_nodes or zlib.crc32(runs.data) != head.nodes_crc:
        raise ValueError("the nodes are damaged")
    index = faiss.read_index(str(graph_path), 0 if to_add else faiss.IO_FLAG_MMAP_IFC)
    if index.ntotal != head.n_nodes or index.d != head.dimensions:
        raise ValueError("the graph is not the one of its head")
    return Graph(index, runs.reshape(-1, 2).astype(np.int64), head.kind, head.last_id)


def paths(folder: Path, set_id: int, generation: str) -> tuple[Path, Path]:
    """Name the two files of a saved graph."""
    return folder / f"{set_id}-{generation}.graph", folder / f"{set_id}-{generation}.nodes"


def head_path(folder: Path, set_id: int) -> Path:
    """Name the file that names them."""
    return folder / f"{set_id}.graph.json"


def _faiss() -> Any:
    """Import it late, and without its stubs, which are wrong."""
    import faiss

    return faiss


def _unlink(*files: Path) -> None:
    for path in files:
        with suppress(OSError):
            path.unlink()
