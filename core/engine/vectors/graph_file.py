"""A graph in files: saved whole under a new name, mapped by whoever searches it.

`SET-G.graph` is FAISS's own, `SET-G.nodes` has the first id and the size of each node's run; G is a
new name for each saving. `SET.graph.json`, the head, is renamed into place after them.
"""

from __future__ import annotations

import json
import os
import zlib
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from core.engine.vectors.graph import Graph
from core.engine.vectors.rows_file import replace_file

_FORMAT = 1


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


def save(folder: Path, set_id: int, graph: Graph) -> None:
    """Save under a new name, then let the head say so; the lock of the graph is held.

    Raises:
        OSError, RuntimeError: it could not be written; the one before is still there.
    """
    import faiss

    generation, old = os.urandom(8).hex(), read_head(folder, set_id)
    graph_path, nodes_path = paths(folder, set_id, generation)
    try:
        faiss.write_index(graph.index, str(graph_path))
        runs = np.ascontiguousarray(graph.runs, "<i8")
        runs.tofile(nodes_path)
        for path in (graph_path, nodes_path):
            with path.open("r+b") as file:
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
    import faiss

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


def _unlink(*files: Path) -> None:
    for path in files:
        with suppress(OSError):
            path.unlink()
