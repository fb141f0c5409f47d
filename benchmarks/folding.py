"""What folding near-duplicate frames saves, and what it costs in what words find.

Part of `python -m benchmarks.indexing`; the threshold in core/ingest/stretches.py is chosen by it.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.report import Report
from core.encoders.clip import ClipEncoder
from core.ingest import stretches
from core.ingest.stretches import Look, Seen, folded, looks
from core.media.frames import Sampling, read_samples
from core.media.probe import probe
from tests.labelled_films import QUERIES, draw_labelled_films

Encoded = dict[str, list[Seen]]


def measure(report: Report, folder: Path, model: Path) -> None:
    """Compare thresholds with no folding at all, on the labelled videos."""
    encoder = ClipEncoder(str(model))
    videos = {name: _seen(path, encoder) for name, path in draw_labelled_films(folder).items()}
    words = encoder.encode_texts([query.text for query in QUERIES])
    n_samples = sum(map(len, videos.values()))
    plain = _n_found(videos, words)
    chosen = stretches.SAME_COSINE
    for threshold in (0.9, 0.95, chosen, 0.99):
        stretches.SAME_COSINE = threshold
        kept = {name: list(folded(seen)) for name, seen in videos.items()}
        share = sum(map(len, kept.values())) / n_samples
        report.add(f"folded at {threshold}: vectors, of those of all samples", share)
        found = _n_found(kept, words) / max(1, plain)
        limit = 1.0 if threshold == chosen else None
        report.add(f"folded at {threshold}: found, of what is without", found, "least", limit)
    stretches.SAME_COSINE = chosen


def _seen(path: Path, encoder: ClipEncoder) -> list[Seen]:
    facts = probe(path)
    sampling = Sampling(1.0, "exact")
    with read_samples(facts, path, sampling, size_px=encoder.input_px) as samples:
        found: list[Look] = list(looks(samples, lambda: samples.cuts_s, every_s=1.0, facts=facts))
    vectors = encoder.encode_images([look.frame for look in found])
    return list(map(Seen, found, vectors))


def _n_found(videos: Encoded, words: NDArray[np.float32]) -> int:
    """Count the queries whose best clip lies in the stretch that they describe."""
    names = [name for name, seen in videos.items() for _ in seen]
    spans = [one.look.span for seen in videos.values() for one in seen]
    rows = np.stack([one.vectors[0] for seen in videos.values() for one in seen])
    n = 0
    for query, word in zip(QUERIES, words, strict=True):
        best = int(np.argmax(rows @ word))
        middle_s = (spans[best].start_s + spans[best].end_s) / 2
        n += names[best] == query.film and query.start_s <= middle_s < query.end_s
    return n
