"""How good the search is, on the labelled set of drawn videos: `python -m benchmarks.quality`.

Draws, indexes and asks everything of the reported part, with each of the two tiny models, before
and after zooming in, and beside a naive search. `--json` prints a list of {name, value, goal, ok};
`--part tuning` measures the other part. Exit status 1 where a goal is missed.
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
from core.bootstrap import App, open_app
from core.media.frames import Sampling, read_samples
from core.model import Moment, Span
from core.search import metrics
from core.search.evaluate import Evaluator
from core.search.labels import Question, read_labels
from core.search.zoom import Zoom
from core.settings import Settings
from tests.conftest import TINY_MODEL
from tests.data.labelled.draw import draw_videos, write_labels
from tests.data.labelled.plan import DrawnVideo, Label, Part, labels, videos

MODELS = {"first": TINY_MODEL, "second": TINY_MODEL.with_name("second_clip.pt")}
WINDOW_S = 5.0
GOALS = {
    "recall_at_1": 0.95, "miou": 0.80, "absent_empty_rate": 0.95, "present_kept_rate": 0.98,
}  # fmt: skip
ZOOMED_MIOU, TIMES_NAIVE = 0.93, 1.3


def indexed(folder: Path, model: Path, shown: Sequence[DrawnVideo]) -> App:
    """Draw these videos, unless they are there, and index them."""
    app = open_app(Settings(data=folder / model.stem, model=str(model)))
    paths = draw_videos(folder / "videos", shown)
    app.worker().drain([app.intake.add_file(path).video.video_id for path in paths.values()])
    return app


def questions(folder: Path, asked: Sequence[Label]) -> list[Question]:
    """Read the labels as `evaluate` does."""
    return read_labels(write_labels(folder / "labels.csv", asked))


def naive_recall(app: App, asked: Sequence[Question]) -> float:
    """Answer with the nearest of all frames and a window around it; the recall at 1, at IoU 0.5."""
    evaluator = Evaluator(app.searcher, app.library.videos())
    frames, rows = every_frame(app)
    present = [question for question in asked if question.answers]
    texts = app.encoder.encode_texts([question.query for question in present])
    overlaps = []
    for question, nearest in zip(present, (texts @ rows.T).argmax(axis=1), strict=True):
        right = [metrics.Place(evaluator.id_of(one.video), one.span) for one in question.answers]
        overlaps.append(metrics.of_question([_window(*frames[nearest])], right))
    return float(np.mean([one["recall_at_1_iou_50"] for one in overlaps]))


def every_frame(app: App) -> tuple[list[tuple[str, float]], NDArray[np.float32]]:
    """Embed a frame a second of every video, none left out for being like the one before.

    Not from the index, whose clips hold many frames: the first of them is the worst centre of a
    window, and nobody naive would have chosen it.
    """
    frames: list[tuple[str, float]] = []
    rows = []
    sampling = Sampling(mode="exact", wants_shots=False)
    for video in app.library.videos():
        path, size_px = Path(str(video.path)), app.encoder.input_px
        with read_samples(video.facts, path, sampling, size_px=size_px) as samples:
            found = list(samples)
        frames += [(video.video_id, sample.time_s) for sample in found]
        rows.append(app.encoder.encode_images([sample.frame for sample in found])[:, 0])
    return frames, np.concatenate(rows)


def _window(video_id: str, at_s: float) -> metrics.Place:
    start_s = max(0.0, at_s - WINDOW_S / 2)
    return metrics.Place(video_id, Span(start_s, start_s + WINDOW_S), at_s)


def measure(out: Report, app: App, asked: Sequence[Question], name: str) -> None:
    """Measure one model on these questions."""
    found = Evaluator(app.searcher, app.library.videos()).run(asked).measures
    for measured, goal in GOALS.items():
        out.add(f"{name}: {measured}", found[measured], "least", goal)
    for measured in ("recall_at_5", "recall_at_10", "map", "recall_at_1_iou_50",
                     "recall_at_1_iou_70"):  # fmt: skip
        out.add(f"{name}: {measured}", found[measured])
    naive = naive_recall(app, asked)
    times = found["recall_at_1_iou_50"] / max(naive, 1e-9)
    out.add(f"{name}: recall_at_1_iou_50, times the naive {naive:.2f}", times, "least", TIMES_NAIVE)
    out.add(f"{name}: miou after zooming in", zoomed_miou(app, asked), "least", ZOOMED_MIOU)


def zoomed_miou(app: App, asked: Sequence[Question]) -> float:
    """Zoom into the first moment of each answer."""
    evaluator = Evaluator(app.searcher, app.library.videos())
    zoom = Zoom(app.library, app.encoder)
    overlaps = []
    for question in asked:
        if question.answers:
            moments = app.searcher.search(question.query).moments[:1]
            found = [zoom.refine(question.query, one) for one in moments]
            overlaps.append(_best_overlap(evaluator, question, found))
    return float(np.mean(overlaps))


def _best_overlap(evaluator: Evaluator, question: Question, found: Sequence[Moment]) -> float:
    return max(
        (
            metrics.overlap(moment.span, answer.span)
            for moment in found
            for answer in question.answers
            if evaluator.id_of(answer.video) == moment.video_id
        ),
        default=0.0,
    )


def main() -> int:
    """Measure and print; give the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--part", choices=("reported", "tuning"), default="reported")
    parser.add_argument("--folder", type=Path, help="keep what is drawn and indexed here")
    asked = parser.parse_args()
    part: Part = asked.part
    out = Report(as_json=asked.json)
    with tempfile.TemporaryDirectory() as temporary:
        folder = (asked.folder or Path(temporary)) / part
        folder.mkdir(parents=True, exist_ok=True)
        for name, model in MODELS.items():
            app = indexed(folder, model, videos(part))
            measure(out, app, questions(folder, labels(part)), f"{name} model")
            app.close()
    return out.finish()


if __name__ == "__main__":
    sys.exit(main())
