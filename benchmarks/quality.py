"""How good the search is, on the labelled set of drawn videos: `python -m benchmarks.quality`.

Draws, indexes and asks everything of the reported part, with each of the two tiny models, before
and after zooming in, and beside a naive search. `--json` prints a list of {name, value, goal, ok};
`--part tuning` measures the other part, `--videos 1` only tries it out. Exit status
1 where a goal is missed.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.report import Report
from core.bootstrap import App, open_app
from core.editing import Resize
from core.media.edits import pictures
from core.media.timetable import frame_times_s
from core.model import Moment, Span
from core.search import metrics
from core.search.evaluate import Evaluator
from core.search.labels import Question, read_labels
from core.search.zoom import Zoom
from core.settings import Settings
from tests.conftest import TINY_MODEL
from tests.data.labelled.draw import draw_videos, write_labels
from tests.data.labelled.plan import PARTS, DrawnVideo, Label, Library, hard, labels, videos

MODELS = {"first": TINY_MODEL, "second": TINY_MODEL.with_name("second_clip.pt")}
WINDOW_S = 5.0
GOALS = {
    "recall_at_1": 0.95, "miou": 0.80, "absent_empty_rate": 0.95, "present_kept_rate": 0.98,
}  # fmt: skip
ZOOMED_MIOU, TIMES_NAIVE = 0.93, 1.3
NAIVE_STEP = 3  # of all frames, the naive search looks at one of so many: 3 to 5 a second

Found = dict[str, tuple[float, int]]  # each measure, and the number of questions it is a mean of


def indexed(
    folder: Path, model: Path, shown: Sequence[DrawnVideo], *, templates: bool = False
) -> App:
    """Draw these videos, unless they are there, and index them."""
    settings = Settings(data=folder / model.stem, model=str(model), templates=templates)
    folder.mkdir(parents=True, exist_ok=True)
    app = open_app(settings)
    paths = draw_videos(folder / "videos", shown)
    app.worker().drain([app.intake.add_file(path).video.video_id for path in paths.values()])
    return app


def some_of(library: Library, n: int | None) -> Sequence[DrawnVideo]:
    """Give the shortest videos of a library, so many; None: all, as they were planned."""
    whole = videos(library)
    return whole if n is None else sorted(whole, key=lambda one: one.shots[-1].end_s)[:n]


def questions(folder: Path, asked: Sequence[Label]) -> list[Question]:
    """Read the labels as `evaluate` does."""
    return read_labels(write_labels(folder / "labels.csv", asked))


def naive_recall(app: App, asked: Sequence[Question], step: int = NAIVE_STEP) -> float:
    """Answer with the nearest frame and a window around it; the recall at 1, at IoU 0.5.

    One of `step` frames is looked at: the window around the next one is the same but for a tenth
    of a second, and embedding all would take three times as long.
    """
    evaluator = Evaluator(app.searcher, app.library.videos())
    frames, rows = every_frame(app, step)
    present = [question for question in asked if question.answers]
    texts = app.encoder.encode_texts([question.query for question in present])
    overlaps = []
    for question, nearest in zip(present, (texts @ rows.T).argmax(axis=1), strict=True):
        right = [metrics.Place(evaluator.id_of(one.video), one.span) for one in question.answers]
        overlaps.append(metrics.of_question([_window(*frames[nearest])], right))
    return float(np.mean([one["recall_at_1_iou_50"] for one in overlaps]))


def every_frame(app: App, step: int) -> tuple[list[tuple[str, float]], NDArray[np.float32]]:
    """Embed every frame of every video, or one of `step`; where each is, and its vector."""
    frames: list[tuple[str, float]] = []
    rows = []
    size_px = app.encoder.input_px
    for video in app.library.videos():
        path = Path(str(video.path))
        times_s = frame_times_s(path)[::step]
        frames += [(video.video_id, float(time_s)) for time_s in times_s]
        numbers = range(0, len(times_s) * step, step)
        found = pictures(path, numbers, [Resize(width_px=size_px, height_px=size_px)])
        while some := list(islice(found, app.encoder.batch_size)):
            rows.append(app.encoder.encode_images(some)[:, 0])
    return frames, np.concatenate(rows)


def _window(video_id: str, at_s: float) -> metrics.Place:
    start_s = max(0.0, at_s - WINDOW_S / 2)
    return metrics.Place(video_id, Span(start_s, start_s + WINDOW_S), at_s)


def measure(out: Report, name: str, found: Sequence[Found]) -> None:
    """Tell what one model reached, over all questions of these libraries."""
    for measured, goal in GOALS.items():
        out.add(f"{name}: {measured}", pooled(found, measured), "least", goal)
    for measured in ("absent_empty_rate, hard ones", "absent_empty_rate, strange ones",
                     "recall_at_5", "recall_at_10", "map", "recall_at_1_iou_50",
                     "recall_at_1_iou_70"):  # fmt: skip
        out.add(f"{name}: {measured}", pooled(found, measured))
    naive = pooled(found, "naive")
    times = pooled(found, "recall_at_1_iou_50") / max(naive, 1e-9)
    out.add(f"{name}: recall_at_1_iou_50, times the naive {naive:.2f}", times, "least", TIMES_NAIVE)
    out.add(f"{name}: miou after zooming in", pooled(found, "zoomed"), "least", ZOOMED_MIOU)


def asked_of(app: App, folder: Path, library: Library, shown: Sequence[DrawnVideo]) -> Found:
    """Ask one library everything that these videos of it show, and all that is absent, each way."""
    asked = questions(folder, labels(library, [one.name for one in shown]))
    evaluator = Evaluator(app.searcher, app.library.videos())
    present = [one for one in asked if one.answers]
    absent = [one for one in asked if not one.answers]
    near = [one for one in absent if one.query in hard(library)]
    strange = [one for one in absent if one not in near]
    found = {name: (value, len(present)) for name, value in of(evaluator, present).items()}
    for name, some in (("", absent), (", hard ones", near), (", strange ones", strange)):
        rate = of(evaluator, some)["absent_empty_rate"]
        found[f"absent_empty_rate{name}"] = rate, len(some)
    found["naive"] = naive_recall(app, asked), len(present)
    found["zoomed"] = zoomed_miou(app, asked), len(present)
    return found


def of(evaluator: Evaluator, asked: Sequence[Question]) -> dict[str, float]:
    """Give the measures of these questions, without those that none of them asks for."""
    measures = evaluator.run(asked).measures
    return {name: value for name, value in measures.items() if value is not None}


def pooled(found: Sequence[Found], name: str) -> float:
    """Give a measure's mean over all questions."""
    values, counts = zip(*(one[name] for one in found), strict=True)
    return float(np.average(values, weights=counts))


def zoomed_miou(app: App, asked: Sequence[Question]) -> float:
    """Zoom into the first moment of each answer."""
    evaluator = Evaluator(app.searcher, app.library.videos())
    zoom = Zoom(app.library, app.encoder)
    overlaps = []
    # Those of one video one after the other, as its frames stay in memory for a while.
    for question in sorted(asked, key=lambda one: [answer.video for answer in one.answers]):
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
    parser.add_argument("--part", choices=tuple(PARTS), default="reported")
    parser.add_argument("--models", nargs="+", choices=MODELS, default=list(MODELS))
    parser.add_argument("--videos", type=int, help="the shortest alone, for a quick look")
    parser.add_argument("--folder", type=Path, help="keep what is drawn and indexed here")
    parser.add_argument("--templates", action="store_true", help="read words in templates")
    asked = parser.parse_args()
    out = Report(as_json=asked.json)
    with tempfile.TemporaryDirectory() as temporary:
        for name in asked.models:
            found = []
            for library in PARTS[asked.part]:
                folder = (asked.folder or Path(temporary)) / library
                shown = some_of(library, asked.videos)
                app = indexed(folder, MODELS[name], shown, templates=asked.templates)
                found.append(asked_of(app, folder, library, shown))
                app.close()
            measure(out, f"{name} model", found)
    return out.finish()


if __name__ == "__main__":
    sys.exit(main())
