"""What folding near-duplicate frames saves, and what it costs in what words find.

Run: python -m benchmarks.folding [--json] [--videos 10]; also a part of `benchmarks.indexing`. The
threshold in core/ingest/stretches.py is chosen by it.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.report import Report
from core.encoders.clip import ClipEncoder
from core.ingest import stretches
from core.ingest.stretches import Look, Seen, folded, looks
from core.media.frames import Sampling, read_samples
from core.media.probe import probe
from tests.conftest import TINY_MODEL
from tests.films import LabelledQuery, draw_film
from tests.labelled_films import FILMS, QUERIES

Encoded = dict[str, list[Seen]]


def measure(report: Report, folder: Path, model: Path, n_videos: int = len(FILMS)) -> None:
    """Compare thresholds with no folding at all, on the first of the labelled videos."""
    encoder = ClipEncoder(str(model))
    shown = FILMS[:n_videos]
    videos = {film.name: _seen(draw_film(film, folder), encoder) for film in shown}
    asked = [query for query in QUERIES if query.film in videos]
    words = encoder.encode_texts([query.text for query in asked])
    n_samples = sum(map(len, videos.values()))
    plain = _n_found(videos, asked, words)
    chosen = stretches.SAME_COSINE
    for threshold in (0.9, 0.95, chosen, 0.99):
        stretches.SAME_COSINE = threshold
        kept = {name: list(folded(seen)) for name, seen in videos.items()}
        share = sum(map(len, kept.values())) / n_samples
        report.add(f"folded at {threshold}: vectors, of those of all samples", share)
        found = _n_found(kept, asked, words) / max(1, plain)
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


def _n_found(videos: Encoded, asked: Sequence[LabelledQuery], words: NDArray[np.float32]) -> int:
    """Count the queries whose best clip lies in the stretch that they describe."""
    names = [name for name, seen in videos.items() for _ in seen]
    spans = [one.look.span for seen in videos.values() for one in seen]
    rows = np.stack([one.vectors[0] for seen in videos.values() for one in seen])
    n = 0
    for query, word in zip(asked, words, strict=True):
        best = int(np.argmax(rows @ word))
        middle_s = (spans[best].start_s + spans[best].end_s) / 2
        n += names[best] == query.film and query.start_s <= middle_s < query.end_s
    return n


def main() -> int:
    """Measure with the tiny CLIP; the exit status says whether every query is still answered."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.folding", description=__doc__)
    parser.add_argument("--json", action="store_true", help="a list of {name, value, goal, ok}")
    parser.add_argument("--videos", type=int, default=len(FILMS), help="how many are drawn")
    asked = parser.parse_args()
    report = Report(asked.json)
    with tempfile.TemporaryDirectory() as name:
        measure(report, Path(name), TINY_MODEL, asked.videos)
    return report.finish()


if __name__ == "__main__":
    sys.exit(main())
