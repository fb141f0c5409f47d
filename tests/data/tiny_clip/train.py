"""Trains the tiny CLIP that the tests and the demo use, from drawn pictures alone.

    python tests/data/tiny_clip/train.py                     # makes tiny_clip.pt and measured.json
    python tests/data/tiny_clip/train.py --seed 2 --width 6 --out /tmp/other.pt

Seed 1, 3,300 steps of 64 pictures, some 20 minutes on two cores: one draws, one learns. The first
2,500 steps see squares of 128 px: a third of the work, and colours and shapes are learned there;
the others see the full 224 px. With --state, a run that was cut off goes on where it was.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import logging
import multiprocessing
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from queue import Full
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

HERE = Path(__file__).resolve().parent
log = logging.getLogger("train")
sys.path[:0] = [str(HERE.parents[2])]  # the repository, when run as a script

from core.encoders.clip import ClipEncoder, import_clip  # noqa: E402 - found by the path above
from core.encoders.framing import frame  # noqa: E402 - likewise
from tests.data.tiny_clip import lessons, measure, pictures  # noqa: E402 - likewise
from tests.data.tiny_clip.model import FULL_PX, build, image_rows, text_rows, write  # noqa: E402

SMALL_PX = 128
EMPTY_SHARE = 0.06  # pictures without a shape
CHECK_SEED = 1_000_003  # the pictures it is checked with as it learns
FINAL_SEED = 2_000_003  # those it is measured with at the end


def draw_batch(
    rng: np.random.Generator, n: int, size_px: int
) -> tuple[np.ndarray, list[pictures.Picture]]:
    """Draw n weathered pictures, as the squares that the encoder makes of them."""
    drawn = [pictures.random_picture(rng, empty=rng.random() < EMPTY_SHARE) for _ in range(n)]
    squares = []
    for picture in drawn:
        short_side_px = round(size_px * float(rng.uniform(0.9, 1.35)))
        made = pictures.random_frame(rng, picture, short_side_px=short_side_px)
        squares.append(frame(np.asarray(pictures.weathered(rng, made)), "whole", size_px)[0])
    return np.stack(squares), drawn


def keep_drawing(queue: Any, seed: int, sizes_px: list[int], batch_size: int) -> None:
    """Fill the queue, one batch per step; runs in a process of its own, as long as its parent."""
    rng = np.random.default_rng(seed)
    parent = multiprocessing.parent_process()
    for size_px in sizes_px:
        batch = draw_batch(rng, batch_size, size_px)
        while parent is not None and parent.is_alive():
            try:
                queue.put(batch, timeout=5)
                break
            except Full:
                pass


class Course:
    """One training run: the model, its optimizer, and how far it has come."""

    def __init__(self, asked: argparse.Namespace) -> None:
        torch.manual_seed(asked.seed)
        self.asked = asked
        self.n_steps = asked.small_steps + asked.full_steps
        self.step = 0
        self.model = build(asked.width, tuple(asked.layers))
        tokenize = import_clip().tokenize
        self.captions = lessons.Captions(tokenize, words(), np.random.default_rng(asked.seed))
        self.optimizer = torch.optim.AdamW(
            self.model.parameters(), lr=asked.rate, betas=(0.9, 0.98), weight_decay=0.02
        )
        self.schedule = torch.optim.lr_scheduler.OneCycleLR(
            self.optimizer, asked.rate, total_steps=self.n_steps, pct_start=0.06
        )
        if asked.state is not None and asked.state.exists():
            kept = torch.load(asked.state, weights_only=True)
            self.step = kept.pop("step")
            for name, state in kept.items():
                getattr(self, name).load_state_dict(state)

    def keep(self) -> None:
        """Write the model, and all that is needed to go on."""
        write(self.model, self.asked.out)
        if self.asked.state is not None:
            kept = {n: getattr(self, n).state_dict() for n in ("model", "optimizer", "schedule")}
            torch.save({"step": self.step, **kept}, self.asked.state)

    def batches(self) -> Iterator[tuple[np.ndarray, list[pictures.Picture]]]:
        """Give the batches that are left, drawn by another process."""
        sizes_px = [SMALL_PX] * self.asked.small_steps + [FULL_PX] * self.asked.full_steps
        fork = multiprocessing.get_context("fork")
        queue = fork.Queue(maxsize=8)
        todo = (queue, self.asked.seed + self.step, sizes_px[self.step :], self.asked.batch)
        artist = fork.Process(target=keep_drawing, args=todo, daemon=True)
        artist.start()
        for _ in sizes_px[self.step :]:
            yield queue.get()
        artist.join()

    def learn(self, squares: np.ndarray, drawn: list[pictures.Picture]) -> dict[str, float]:
        """Take one step; gives each loss."""
        rows = image_rows(self.model, squares)
        scale = self.model.logit_scale.exp().clamp(max=100)

        def logits(texts: list[str]) -> Tensor:
            return scale * rows @ text_rows(self.model, self.captions.tokens(texts)).T

        parts = lessons.losses(logits, self.captions, drawn)
        loss = sum(weight * parts[name] for name, weight in lessons.WEIGHTS.items())
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step()
        self.schedule.step()
        self.step += 1
        return {name: round(value.item(), 3) for name, value in parts.items()}


def words() -> list[str]:
    """List the whole words of CLIP's vocabulary."""
    from clip.simple_tokenizer import SimpleTokenizer

    tokens = [token.removesuffix("</w>") for token in SimpleTokenizer().encoder]
    return [token for token in tokens if token.isalpha()]


def ask(arguments: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--width", type=int, default=8, help="of the picture tower; 8: 7.6 MB")
    parser.add_argument("--layers", type=int, nargs=4, default=(1, 1, 1, 1))
    parser.add_argument("--small-steps", type=int, default=2500)
    parser.add_argument("--full-steps", type=int, default=800)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--threads", type=int, default=1, help="that learn; one more draws")
    parser.add_argument("--out", type=Path, default=HERE / "tiny_clip.pt")
    parser.add_argument("--state", type=Path, help="kept every 500 steps, continued from if there")
    return parser.parse_args(arguments)


def final_figures(asked: argparse.Namespace, minutes: float) -> dict[str, object]:
    """Measure the file that was written, through the product's encoder."""
    encoder = ClipEncoder(str(asked.out), device="cpu")
    return {
        "seed": asked.seed,
        "steps": [asked.small_steps, asked.full_steps],
        "minutes": round(minutes),
        "sha256": hashlib.sha256(asked.out.read_bytes()).hexdigest(),
        "drawn_2000": measure.accuracy(encoder, measure.drawn_frames(2000, seed=FINAL_SEED)),
        "weathered_2000": measure.accuracy(
            encoder, measure.drawn_frames(2000, seed=FINAL_SEED + 1, weather=True)
        ),
        "h264_1080p_480": measure.accuracy(encoder, measure.film_frames(480, seed=FINAL_SEED + 2)),
    }


def main() -> None:
    """Train, saying how it goes, then measure."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    asked = ask()
    torch.set_num_threads(asked.threads)
    course = Course(asked)
    check = measure.drawn_frames(480, seed=CHECK_SEED)
    began_s = time.monotonic()
    for squares, drawn in course.batches():
        losses = course.learn(squares, drawn)
        if course.step % 50 == 0:
            log.info("step %d, %.0f s: %s", course.step, time.monotonic() - began_s, losses)
        if course.step % 500 == 0 or course.step == course.n_steps:
            course.keep()
            log.info("%s", measure.accuracy(ClipEncoder(str(asked.out), device="cpu"), check))
    figures = final_figures(asked, (time.monotonic() - began_s) / 60)
    log.info("%s", figures)
    asked.out.with_name("measured.json").write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
