"""How near the vectors of two pictures are that differ by so much: where SAME_PIXELS comes from.

Run: python -m benchmarks.same_pictures [--json] [--seconds 40] [FOLDER]. Of a drawn video of still
and moving shots with grain, and of each in FOLDER, a picture is compared with those that follow
while they differ by less than MOST: by what core.ingest.stretches looks at, and by the vectors of
the tiny CLIP. The goal: pictures that are not shown to the model would have been joined by their
vectors.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np

from benchmarks.indexing_ways import FPS, SIZES, draw_edited
from benchmarks.report import Report
from core.encoders.clip import ClipEncoder
from core.ingest import stretches
from core.media.frames import Sampling, read_samples
from core.media.probe import probe
from tests.conftest import TINY_MODEL

LIMITS = (0.0, 1.0, 1.25, 1.5, 2.0, 3.0)  # mean difference, of 255, of the part that changed most
MOST = LIMITS[-1]
_EVERY_S, _UNTIL_S = 0.25, 60.0


def pairs(path: Path, encoder: ClipEncoder) -> Iterator[tuple[float, float]]:
    """Give how much two pictures of a video differ, and the cosine of their vectors."""
    first = None
    with read_samples(probe(path), path, Sampling(_EVERY_S), size_px=encoder.input_px) as samples:
        for sample in samples:
            if sample.time_s > _UNTIL_S:
                return
            changed = None if first is None else stretches.change(first, sample.frame)
            if first is None or changed is None or changed >= MOST:
                first = sample.frame
                continue
            one, other = encoder.encode_images([first, sample.frame])[:, 0]
            yield changed, float(one @ other)


def main() -> int:
    """Measure; the exit status says whether what counts as the same is."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.same_pictures", description=__doc__)
    parser.add_argument("--json", action="store_true", help="a list of {name, value, goal, ok}")
    parser.add_argument("--seconds", type=int, default=40, help="of the drawn video (40)")
    parser.add_argument("folder", nargs="?", type=Path, help="filmed videos")
    asked = parser.parse_args()
    report, encoder = Report(asked.json), ClipEncoder(str(TINY_MODEL), device="cpu")
    with tempfile.TemporaryDirectory() as name:
        drawn = draw_edited(Path(name) / "a.mp4", SIZES["480p"], asked.seconds, key_every=FPS)
        filmed = sorted(asked.folder.rglob("*.mp4")) if asked.folder else []
        found = [pair for path in (drawn, *filmed) for pair in pairs(path, encoder)]
    for least, most in pairwise(LIMITS):
        cosines = [cosine for changed, cosine in found if least <= changed < most]
        if cosines:
            limit = stretches.SAME_COSINE if most <= stretches.SAME_PIXELS else None
            title = f"differ by {least:g} to {most:g}"
            report.add(f"{title}: pairs", len(cosines))
            report.add(f"{title}: least cosine", min(cosines), "least", limit)
            report.add(f"{title}: mean cosine", float(np.mean(cosines)))
    return report.finish()


if __name__ == "__main__":
    sys.exit(main())
