"""Trains the tiny CLIP that the tests and the demo use, from drawn pictures alone.

    python tests/data/tiny_clip/train.py                                # makes tiny_clip.pt
    python tests/data/tiny_clip/train.py --seed 2 --width 6 --out /tmp/other.pt

The model is OpenAI's own class (`clip.model.CLIP`), so `clip.load(path)` reads the file. The first
steps use small pictures, with the position embedding shrunk to their grid: four times cheaper, and
the shapes are learned there; the last ones use the full 224 px. bfloat16 throughout.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parents[2])]  # the repository, when run as a script

from core.encoders.clip_module import import_clip  # noqa: E402 - found through the path set above
from core.encoders.framing import frame  # noqa: E402 - likewise
from tests.data.tiny_clip import lessons, pictures  # noqa: E402 - likewise

FULL_PX = 224
SMALL_PX = 128
MEAN = torch.tensor((0.48145466, 0.4578275, 0.40821073)).view(1, 3, 1, 1)
STD = torch.tensor((0.26862954, 0.26130258, 0.27577711)).view(1, 3, 1, 1)


def draw_batch(rng: np.random.Generator, n: int, size_px: int) -> tuple[np.ndarray, list[pictures.Picture]]:
    """Draw n pictures, about one in seventeen without a shape, as the encoder's square."""
    drawn = [pictures.random_picture(rng, empty=rng.random() < 0.06) for _ in range(n)]
    rows = []
    for picture in drawn:
        short_side_px = round(size_px * float(rng.uniform(0.9, 1.35)))
        made = pictures.random_frame(rng, picture, short_side_px=short_side_px)
        rows.append(frame(np.asarray(pictures.weathered(rng, made)), "whole", size_px)[0])
    return np.stack(rows), drawn


def keep_drawing(queue: Any, seed: int, sizes_px: list[int], batch_size: int) -> None:
    """Fill the queue, one batch per step; runs in a process of its own."""
    rng = np.random.default_rng(seed)
    for size_px in sizes_px:
        queue.put(draw_batch(rng, batch_size, size_px))


def build(width: int, layers: tuple[int, ...]) -> nn.Module:
    """Make the untrained model: a small ModifiedResNet and two text layers of width 64."""
    import_clip()
    from clip.model import CLIP

    model = CLIP(512, FULL_PX, layers, width, None, 77, 49408, 64, 1, 2).float()
    for name, weight in model.visual.named_parameters():
        if name.endswith("bn3.weight"):  # zero at first, which suits deep towers: this one has
            nn.init.ones_(weight)  # no depth, and would begin without its residual branches
    model.visual.to(memory_format=torch.channels_last)
    return model.train()


def image_rows(model: nn.Module, batch: np.ndarray) -> Tensor:
    """Encode uint8 (n, side, side, 3) of any side that is a multiple of 32."""
    x = (torch.from_numpy(batch).permute(0, 3, 1, 2).float() / 255 - MEAN) / STD
    x = x.contiguous(memory_format=torch.channels_last)
    tower = model.visual
    with torch.autocast("cpu", torch.bfloat16):
        for i in (1, 2, 3):
            x = getattr(tower, f"conv{i}")(x)
            x = getattr(tower, f"relu{i}")(getattr(tower, f"bn{i}")(x))
        x = tower.layer4(tower.layer3(tower.layer2(tower.layer1(tower.avgpool(x)))))
        places = {"positional_embedding": _places(tower.attnpool.positional_embedding, x.shape[-1])}
        y = torch.func.functional_call(tower.attnpool, places, (x,))
    return functional.normalize(y.float(), dim=-1)


def _places(embedding: Tensor, side: int) -> Tensor:
    """Shrink the position embedding (1 + grid * grid, width) to a grid of this side."""
    grid = round((len(embedding) - 1) ** 0.5)
    if side == grid:
        return embedding
    square = embedding[1:].T.reshape(1, -1, grid, grid)
    square = functional.interpolate(square, (side, side), mode="bilinear", align_corners=False)
    return torch.cat([embedding[:1], square[0].flatten(1).T])


def save(model: nn.Module, path: Path) -> None:
    """Write the state dict in half precision, the file `clip.load` reads."""
    state = {k: (v.half() if v.is_floating_point() else v) for k, v in model.state_dict().items()}
    partial = path.with_suffix(".part")
    torch.save(state, partial)
    partial.replace(path)


@torch.inference_mode()
def quick_accuracy(model: nn.Module, captions: lessons.Captions, frames: np.ndarray,
                   drawn: list[pictures.Picture]) -> dict[str, float]:  # fmt: skip
    """Say how often a picture's own "a {colour} {shape}" comes first among the 48."""
    model.eval()
    text = lessons.text_rows(model, captions.tokens([f"a {c} {s}" for c, s in lessons.PAIRS]))
    parts = np.array_split(frames, -(-len(frames) // 64))
    best = torch.cat([(image_rows(model, part) @ text.T).argmax(1) for part in parts])
    model.train()
    said = [lessons.PAIRS[i] for i in best.tolist()]
    right = np.array([(s[0] == p.colour, s[1] == p.shape) for s, p in zip(said, drawn, strict=True)])
    return {"pair": right.all(1).mean(), "colour": right[:, 0].mean(), "shape": right[:, 1].mean()}


def main() -> None:
    """Train, print the losses, save every 250 steps."""
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--seed", type=int, default=1)
    ask.add_argument("--width", type=int, default=8)
    ask.add_argument("--layers", type=int, nargs=4, default=(1, 1, 1, 1))
    ask.add_argument("--small-steps", type=int, default=3000)
    ask.add_argument("--full-steps", type=int, default=1500)
    ask.add_argument("--batch", type=int, default=64)
    ask.add_argument("--rate", type=float, default=2e-3)
    ask.add_argument("--threads", type=int, default=1)
    ask.add_argument("--out", type=Path, default=HERE / "tiny_clip.pt")
    asked = ask.parse_args()
    torch.set_num_threads(asked.threads)
    torch.manual_seed(asked.seed)
    model = build(asked.width, tuple(asked.layers))
    clip = import_clip()
    from clip.simple_tokenizer import SimpleTokenizer

    words = [w.removesuffix("</w>") for w in SimpleTokenizer().encoder if w.removesuffix("</w>").isalpha()]
    captions = lessons.Captions(clip.tokenize, words, np.random.default_rng(asked.seed))
    n_steps = asked.small_steps + asked.full_steps
    optimizer = torch.optim.AdamW(model.parameters(), lr=asked.rate, betas=(0.9, 0.98), weight_decay=0.02)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, asked.rate, total_steps=n_steps, pct_start=0.06)
    sizes_px = [SMALL_PX] * asked.small_steps + [FULL_PX] * asked.full_steps
    fork = multiprocessing.get_context("fork")
    queue = fork.Queue(maxsize=8)
    artist = fork.Process(target=keep_drawing, args=(queue, asked.seed, sizes_px, asked.batch), daemon=True)
    artist.start()
    checked = {px: draw_held_out(480, px) for px in (SMALL_PX, FULL_PX)}
    began_s = time.monotonic()
    for step in range(1, n_steps + 1):
        batch, drawn = queue.get()
        rows = image_rows(model, batch)

        def logits(texts: list[str]) -> Tensor:
            scale = model.logit_scale.exp().clamp(max=100)
            return scale * rows @ lessons.text_rows(model, captions.tokens(texts)).T

        parts = lessons.losses(logits, captions, drawn)
        loss = sum(weight * parts[name] for name, weight in lessons.WEIGHTS.items())
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        if step % 50 == 0:
            print(step, round(time.monotonic() - began_s), {k: round(v.item(), 3) for k, v in parts.items()}, flush=True)
        if step % 250 == 0 or step == n_steps:
            print(step, {px: quick_accuracy(model, captions, *held) for px, held in checked.items()}, flush=True)
            save(model, asked.out)


def draw_held_out(n: int, size_px: int) -> tuple[np.ndarray, list[pictures.Picture]]:
    rng = np.random.default_rng(1_000_003)
    drawn = [pictures.random_picture(rng) for _ in range(n)]
    made = [np.asarray(pictures.random_frame(rng, p, short_side_px=size_px)) for p in drawn]
    return np.stack([frame(image, "whole", size_px)[0] for image in made]), drawn


if __name__ == "__main__":
    main()
