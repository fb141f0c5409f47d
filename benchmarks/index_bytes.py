"""What an index takes on the disk, for each sample: vectors, pictures, storyboards, and all of it.

Run: python -m benchmarks.index_bytes [VIDEO…] [--json] [--every 1 0.25]. The videos named, or else
the drawn ones of the tests, are indexed with the tiny CLIP, its vectors made as long as those of
ViT-B/32, once as Reelseek does and once with nothing folded. The figures of
core/ingest/preflight.py come from here.
"""

from __future__ import annotations

import argparse
import dataclasses
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.report import Report
from core.bootstrap import App, open_app
from core.encoders.clip import ClipEncoder
from core.ingest import stretches
from core.settings import Settings
from tests.conftest import TINY_MODEL
from tests.labelled_films import draw_labelled_films

DIMENSIONS = 512  # of ViT-B/32
NEVER_SAME = 2.0  # no cosine is as large


class Padded:
    """The tiny CLIP, whose vectors have zeros behind them."""

    def __init__(self, encoder: ClipEncoder) -> None:
        self._encoder = encoder

    def __getattr__(self, name: str) -> Any:
        return getattr(self._encoder, name)

    def info(self) -> Any:
        """Say which model it is, with its length as it is here."""
        return dataclasses.replace(self._encoder.info(), dimensions=DIMENSIONS)

    def encode_images(self, images: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """Encode frames as rows of shape (n_images, n_views, DIMENSIONS)."""
        return _padded(self._encoder.encode_images(images))

    def encode_texts(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Encode words as rows of shape (n_texts, DIMENSIONS)."""
        return _padded(self._encoder.encode_texts(texts))


def _padded(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    more = DIMENSIONS - rows.shape[-1]
    return np.pad(rows, [(0, 0)] * (rows.ndim - 1) + [(0, more)])


def measure(
    report: Report, name: str, videos: Sequence[Path], data: Path, *, every_s: float, same: float
) -> None:
    """Index videos into an empty library, and tell its bytes for each sample and each clip."""
    stretches.SAME_COSINE = same
    settings = Settings(data=data, every_s=every_s)
    open_app(settings).close()
    empty = _bytes(data)
    app = open_app(settings, encoder=Padded(ClipEncoder(str(TINY_MODEL))))
    added = [app.intake.add_file(path).video for path in videos]
    app.worker().drain([video.video_id for video in added])
    app.searcher.search("anything")  # makes the engine's cache of the vectors
    n_samples = sum(max(1, round(video.facts.duration_s / every_s)) for video in added)
    n_clips = app.library.counts()[1]
    kinds = _kinds(app)
    app.close()
    all_bytes = _bytes(data) - empty
    report.add(f"{name}: samples", n_samples)
    report.add(f"{name}: clips", n_clips)
    for kind, n_bytes in kinds.items():
        report.add(f"{name}: {kind}, bytes a sample", n_bytes / n_samples)
    report.add(f"{name}: on the disk, bytes a sample", all_bytes / n_samples)
    report.add(f"{name}: on the disk, bytes a clip", all_bytes / n_clips)


def _kinds(app: App) -> dict[str, int]:
    finds: dict[str, dict[str, Any]] = {
        "vectors": {"FindDescriptor": {}},
        "clips' pictures": {"FindImage": {"constraints": {"kind": ["==", "clip"]}}},
        "sheets": {"FindImage": {"constraints": {"kind": ["==", "storyboard"]}}},
    }
    return {kind: _blob_bytes(app, find) for kind, find in finds.items()}


def _blob_bytes(app: App, find: dict[str, Any]) -> int:
    body = next(iter(find.values())) | {"blobs": True, "results": {"count": True}}
    _, blobs = app._database.query([{next(iter(find)): body}])
    return sum(map(len, blobs))


def _bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def main() -> int:
    """Measure both ways, sampled this often; nothing has a goal, so the exit status is 0."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.index_bytes", description=__doc__)
    parser.add_argument("--json", action="store_true", help="a list of {name, value, goal, ok}")
    parser.add_argument("--every", nargs="+", type=float, default=[1.0, 0.25], metavar="S",
                        help="seconds from sample to sample (1 0.25)")  # fmt: skip
    parser.add_argument("videos", metavar="VIDEO", nargs="*", type=Path)
    asked = parser.parse_args()
    report = Report(asked.json)
    with tempfile.TemporaryDirectory() as folder:
        videos = asked.videos or list(draw_labelled_films(Path(folder)).values())
        same = stretches.SAME_COSINE
        for way, cosine in (("folded", same), ("nothing folded", NEVER_SAME)):
            for every_s in asked.every:
                name, data = f"{way}, every {every_s:g} s", Path(folder) / f"{way} {every_s}"
                measure(report, name, videos, data, every_s=every_s, same=cosine)
    return report.finish()


if __name__ == "__main__":
    sys.exit(main())
