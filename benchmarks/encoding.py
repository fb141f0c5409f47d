"""What the CPU offers for encoding pictures: number formats, a compiler, batch sizes, threads.

Run: python -m benchmarks.encoding [--json] [--repeat 5]; also `benchmarks.indexing --only options`.
A model of the shape of ViT-B/32 with weights by lot, or `--model`. All are taken in turns and told
as medians of ratios within a turn; CPU time, as the decoder wants the same cores. Where a way
cannot be had (no compiler for torch.compile), a note says why.
"""

from __future__ import annotations

import argparse
import copy
import os
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from imageio_ffmpeg import get_ffmpeg_exe

from benchmarks.indexing_ways import SAMPLED_PX, SIZES, cpu_s, draw, model_by_lot
from benchmarks.plain_clip import PlainTower, measure_texts, plain_clip
from benchmarks.report import Report
from core.encoders.clip import ClipEncoder

LEAST_COSINE = 0.995
BATCH = 32
BATCH_SIZES = (8, 16, 32, 64, 128)
Encode = Callable[[Any], Any]


def measure(
    report: Report, folder: Path, model: Path, *, repeat: int = 5,
    sizes: Sequence[int] = BATCH_SIZES, seconds: int = 30, compiles: bool = True,
) -> None:  # fmt: skip
    """Measure formats, sizes and splits."""
    encoder = ClipEncoder(str(model), device="cpu")
    encoder.load()
    plain = plain_clip(model)
    measure_formats(report, plain, encoder, repeat, compiles=compiles)
    measure_own(report, encoder, plain, repeat)
    measure_texts(report, encoder, PlainTower(model), repeat)
    measure_sizes(report, encoder, repeat, sizes)
    video = draw(folder / "split.mp4", SIZES["480p"], seconds, key_every=250)
    measure_splits(report, encoder, video, repeat)


# -- number formats -----------------------------------------------------------------------------


def measure_formats(
    report: Report, model: Any, encoder: ClipEncoder, repeat: int, *, compiles: bool
) -> None:
    """Compare each with float32 as `clip` computes it, on one batch; Reelseek's tower as well."""
    import torch

    x = torch.from_numpy(_squares(BATCH)).permute(0, 3, 1, 2).float() / 127.5 - 1
    found = {"float32": model.encode_image, **dict(_formats(report, model, x, compiles=compiles))}
    found["core/encoders' tower"] = encoder._loaded()._see
    with torch.inference_mode():
        rows = {name: _unit(encode(x)) for name, encode in found.items()}
    for name, own in rows.items():
        least = float((own * rows["float32"]).sum(1).min())
        report.add(f"{name}: least cosine with float32's", least)
    turns = [{name: _cpu_of(lambda e=e: e(x)) for name, e in found.items()} for _ in range(repeat)]
    for name in found:
        share = median(turn[name] / turn["float32"] for turn in turns)
        report.add(f"{name}: CPU time of a batch of {BATCH}, of float32's", share)


def _formats(report: Report, model: Any, x: Any, *, compiles: bool) -> Iterator[tuple[str, Encode]]:
    import torch

    def autocast(x: Any) -> Any:
        with torch.autocast("cpu", dtype=torch.bfloat16):
            return model.encode_image(x)

    yield "bfloat16 by autocast", autocast
    half = _half(model.visual)
    yield "bfloat16 throughout", lambda x: half(x.bfloat16())
    makers: dict[str, Callable[[], Encode]] = {"int8 of the MLPs, dynamic": lambda: _int8(model)}
    if compiles:
        makers["float32, torch.compile"] = lambda: torch.compile(model.visual)
        makers["bfloat16 throughout, torch.compile"] = lambda: _compiled_half(half)
    for name, make in makers.items():
        try:
            encode = make()
            with torch.inference_mode():
                encode(x)
        except Exception as error:  # noqa: BLE001 - whatever a compiler lacks
            report.note(f"{name}: not to be had ({str(error).partition(chr(10))[0][:160]})")
        else:
            yield name, encode


def _half(visual: Any) -> Any:
    """Give a copy in bfloat16; the norms stay float32, as in clip's own `convert_weights`."""
    import torch

    half = copy.deepcopy(visual).bfloat16()
    for layer in half.modules():
        if isinstance(layer, torch.nn.LayerNorm):
            layer.float()
    return half


def _int8(model: Any) -> Encode:
    """Quantise the MLPs, two thirds of the work; torch's attention takes no such layers."""
    import torch

    small = copy.deepcopy(model.visual)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torchao is its successor, and no part of torch
        for block in small.transformer.resblocks:
            block.mlp = torch.ao.quantization.quantize_dynamic(
                block.mlp, {torch.nn.Linear}, dtype=torch.qint8
            )
    encode: Encode = small
    return encode


def _compiled_half(half: Any) -> Encode:
    import torch

    compiled: Any = torch.compile(half)
    return lambda x: compiled(x.bfloat16())


def measure_own(report: Report, encoder: ClipEncoder, model: Any, repeat: int) -> None:
    """Compare what core/encoders gives, framing and all, with the bare model in float32."""
    import torch

    squares = _squares(BATCH)
    loaded = encoder._loaded()
    x = torch.from_numpy(squares).permute(0, 3, 1, 2).float() / 255
    x = (x - loaded._mean) / loaded._deviation
    rows = encoder.encode_images(list(squares))[:, 0]
    with torch.inference_mode():
        plain = _unit(model.encode_image(x))
    least = float((torch.from_numpy(rows) * plain).sum(1).min())
    report.add("core/encoders: least cosine with float32's", least, "least", LEAST_COSINE)
    pairs = [
        (_cpu_of(lambda: encoder.encode_images(list(squares))),
         _cpu_of(lambda: model.encode_image(x)))
        for _ in range(repeat)
    ]  # fmt: skip
    share = median(ours / plain for ours, plain in pairs)
    report.add(f"core/encoders: CPU time of a batch of {BATCH}, of float32's", share)


# -- batch sizes and threads --------------------------------------------------------------------


def measure_sizes(report: Report, encoder: ClipEncoder, repeat: int, sizes: Sequence[int]) -> None:
    """Compare the CPU time of a picture at each size with that at BATCH."""
    sizes = sorted({*sizes, BATCH})
    squares = list(_squares(max(sizes)))

    def cpu_of(size: int) -> float:
        encoder._batches.size = size
        return _cpu_of(lambda: encoder.encode_images(squares))

    turns = [{size: cpu_of(size) for size in sizes} for _ in range(repeat)]
    encoder._batches.size = BATCH
    for size in sizes:
        share = median(turn[size] / turn[BATCH] for turn in turns)
        report.add(f"batches of {size}: CPU time of a picture, of that in {BATCH}s", share)


def measure_splits(report: Report, encoder: ClipEncoder, video: Path, repeat: int) -> None:
    """Decode and encode at the same time, with the cores given to the one, the other, or both."""
    import torch

    n_cores = os.cpu_count() or 1
    halves = (max(1, n_cores // 2), n_cores)
    splits = [(a, b) for a in halves for b in halves]
    before = torch.get_num_threads()
    turns = [{one: _split(encoder, video, *one) for one in splits} for _ in range(repeat)]
    torch.set_num_threads(before)
    whole = (n_cores, n_cores)
    for split in splits:
        name = f"{split[0]} threads for ffmpeg, {split[1]} for torch"
        for at, what in enumerate(("time", "CPU time")):
            share = median(turn[split][at] / turn[whole][at] for turn in turns)
            report.add(f"{name}: {what}, of that with {n_cores} for each", share)


def _split(
    encoder: ClipEncoder, video: Path, n_of_ffmpeg: int, n_of_torch: int
) -> tuple[float, float]:
    """Give seconds and CPU seconds until both the video and its pictures are done."""
    import torch

    torch.set_num_threads(n_of_torch)
    squares = list(_squares(BATCH))
    command = [get_ffmpeg_exe(), "-nostdin", "-v", "error", "-threads", str(n_of_ffmpeg)]
    began, cpu = time.perf_counter(), cpu_s()
    with subprocess.Popen([*command, "-i", str(video), "-f", "null", "-"]) as decoding:  # noqa: S603
        encoder.encode_images(squares)
        decoding.wait()
    return time.perf_counter() - began, cpu_s() - cpu


def _squares(n: int) -> np.ndarray:
    return np.random.default_rng(1).integers(0, 255, (n, SAMPLED_PX, SAMPLED_PX, 3), np.uint8)


def _unit(vectors: Any) -> Any:
    import torch

    return torch.nn.functional.normalize(vectors.float(), dim=-1)


def _cpu_of(work: Callable[[], Any]) -> float:
    import torch

    with torch.inference_mode():
        began = time.process_time()
        work()
    return time.process_time() - began


def main() -> int:
    """Measure; the exit status says whether what is used is near enough to float32."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.encoding", description=__doc__)
    parser.add_argument("--json", action="store_true", help="a list of {name, value, goal, ok}")
    parser.add_argument("--repeat", type=int, default=5, help="turns (5)")
    parser.add_argument("--sizes", type=int, nargs="+", default=BATCH_SIZES, help="of batches")
    parser.add_argument("--seconds", type=int, default=30, help="of the video decoded (30)")
    parser.add_argument("--model", type=Path, help="a checkpoint of CLIP")
    parser.add_argument("--no-compile", action="store_true", help="leave torch.compile out")
    asked = parser.parse_args()
    report = Report(asked.json)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        measure(
            report, folder, asked.model or model_by_lot(folder / "model.pt"), repeat=asked.repeat,
            sizes=asked.sizes, seconds=asked.seconds, compiles=not asked.no_compile,
        )  # fmt: skip
    return report.finish()


if __name__ == "__main__":
    sys.exit(main())
