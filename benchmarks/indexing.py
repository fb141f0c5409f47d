"""How fast videos are indexed, beside other ways to do the same, in ratios within one run.

Run: python -m benchmarks.indexing [--json] [--only 1080p 480p keys folding options gpu]
[--seconds 240] [--repeat 3] [--keys 1 2]. The ways are taken in turns, `--repeat` times, and a
ratio is the median of the turns', so that what else the machine does meets all alike. The model
has the shape of ViT-B/32 and weights by lot: its speed is the real one's, its vectors mean nothing.
Folding is measured with the tiny CLIP of the tests, whose vectors do mean something.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from statistics import median

from benchmarks import encoding, folding, gpu
from benchmarks.indexing_ways import (
    FPS,
    SIZES,
    Cost,
    all_frames,
    bound,
    draw,
    draw_edited,
    model_by_lot,
    notebook,
    reelseek,
    timed,
)
from benchmarks.report import Report
from tests.conftest import TINY_MODEL

SECTIONS = ("1080p", "480p", "keys", "folding", "options", "gpu")
# How videos with key frames are sampled: (a key frame every so many seconds, every_s, mode, goal).
KEYS = ((1, 1.0, "auto", 8.0), (2, 2.0, "auto", 8.0), (2, 1.0, "keyframes", 8.0),
        (2, 1.0, "auto", 3.0))  # fmt: skip


def compare(report: Report, folder: Path, model: Path, name: str, asked: Asked) -> None:
    """Compare all ways on one video whose key frames are rare."""
    video = draw(folder / f"{name}.mp4", SIZES[name], asked.seconds, key_every=250)
    turns: dict[str, list[Cost]] = {"own": [], "bound": [], "notebook": [], "all frames": []}
    for turn in range(asked.repeat):
        own = timed(reelseek, model, video, folder / f"{name} {turn}", 1.0, "auto")
        turns["own"].append(own)
        turns["bound"].append(timed(bound, model, video, own.n_frames))
        turns["notebook"].append(timed(notebook, model, video))
        turns["all frames"].append(timed(all_frames, model, video))
    own_wall = [cost.wall_s for cost in turns["own"]]
    least = ratio([one.cpu_s for one in turns["own"]], [one.cpu_s for one in turns["bound"]])
    report.add(f"{name}: frames the model saw", turns["own"][0].n_frames)
    report.add(f"{name}: seconds of video in a second", asked.seconds / median(own_wall))
    report.add_within(f"{name}: CPU time, of the least possible", least, 1.0, 1.15)
    for other, title, limit in (
        ("notebook", "the notebook's way", 3.0 if name == "1080p" else None),
        ("all frames", "with all frames in Python", 2.0),
    ):
        times = ratio([one.wall_s for one in turns[other]], own_wall)
        report.add(f"{name}: times as fast as {title}", times, "least", limit)


def ratio(ours: list[float], theirs: list[float]) -> float:
    """Give the median of the turns' ratios."""
    return median(a / b for a, b in zip(ours, theirs, strict=True))


def compare_keyframes(report: Report, folder: Path, model: Path, asked: Asked) -> None:
    """Compare with the notebook's way where key frames come every second or two.

    Half of the shots stand still; of these the model sees one sample.
    """
    for key_s in asked.keys:
        path = folder / f"k{key_s}.mp4"
        video = draw_edited(path, SIZES["1080p"], asked.seconds, key_every=FPS * key_s)
        ways = [one for one in KEYS if one[0] == key_s]
        own: list[list[float]] = [[] for _ in ways]
        theirs: list[float] = []
        for turn in range(asked.repeat):
            theirs.append(timed(notebook, model, video).wall_s)
            for at, (_, every_s, mode, _) in enumerate(ways):
                data = folder / f"keys {key_s} {turn} {at}"
                own[at].append(timed(reelseek, model, video, data, every_s, mode).wall_s)
        for took, (_, every_s, mode, limit) in zip(own, ways, strict=True):
            name = f"1080p, a key frame every {key_s} s, sampled every {every_s:g} s ({mode})"
            times = ratio(theirs, took)
            report.add(f"{name}: times as fast as the notebook's way", times, "least", limit)


class Asked(argparse.Namespace):
    """The options."""

    json: bool
    only: list[str]
    seconds: int
    repeat: int
    keys: list[int]
    model: Path | None


def options() -> Asked:
    """Read them from the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.indexing", description=__doc__)
    parser.add_argument("--json", action="store_true", help="a list of {name, value, goal, ok}")
    parser.add_argument("--only", nargs="+", choices=SECTIONS, default=["1080p", "480p", "keys",
                        "folding", "gpu"])  # fmt: skip
    parser.add_argument("--seconds", type=int, default=240, help="of each video (240)")
    parser.add_argument("--repeat", type=int, default=3, help="turns of all ways (3)")
    parser.add_argument("--keys", nargs="+", type=int, choices=(1, 2), default=[1, 2],
                        help="seconds from key frame to key frame (1 2)")  # fmt: skip
    parser.add_argument("--model", type=Path, help="a checkpoint of CLIP (one by lot)")
    return parser.parse_args(namespace=Asked())


def main() -> int:
    """Measure what is asked for; the exit status says whether the goals are met."""
    asked = options()
    report = Report(asked.json)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        model = asked.model or model_by_lot(folder / "model.pt")
        for section in asked.only:
            if section in SIZES:
                compare(report, folder, model, section, asked)
            elif section == "keys":
                compare_keyframes(report, folder, model, asked)
            elif section == "folding":
                folding.measure(report, folder, TINY_MODEL)
            elif section == "options":
                encoding.measure(report, folder, model, repeat=asked.repeat)
            else:
                gpu.measure(report, folder, model, asked.seconds)
    return report.finish()


if __name__ == "__main__":
    sys.exit(main())
