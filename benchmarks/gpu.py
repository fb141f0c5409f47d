"""Whether the pipeline keeps a GPU busy: part of `python -m benchmarks.indexing --only gpu`.

Beside a bare encode loop, whose squares lie on the device already. What a whole video reaches is
told, not judged: there, decoding on the CPU is the limit.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import numpy as np

from benchmarks.indexing_ways import SAMPLED_PX, SIZES, draw, reelseek
from benchmarks.report import Report
from core.encoders.clip import ClipEncoder

_N_BATCHES = 40
_N_TURNS = 3


def measure(report: Report, folder: Path, model: Path, seconds: int) -> None:
    """Measure it; without CUDA, say so and add nothing."""
    import torch

    if not torch.cuda.is_available():
        report.note("gpu: not measured, as torch sees no CUDA on this machine")
        return
    encoder = ClipEncoder(str(model), device="cuda")
    encoder.load()
    report.note(f"gpu: {torch.cuda.get_device_name()}, {encoder._batches.size} squares at once")
    pairs = [(stage_rate(encoder), bare_rate(encoder)) for _ in range(_N_TURNS)]
    report.add("gpu: frames a second of the stage that encodes", median(ours for ours, _ in pairs))
    report.add("gpu: of those of a bare encode loop", median(ours / bare for ours, bare in pairs),
               "least", 0.8)  # fmt: skip
    video = draw(folder / "gpu.mp4", SIZES["480p"], seconds, key_every=250)
    began = time.perf_counter()
    n_frames = reelseek(encoder, video, folder / "gpu", 1.0, "auto")
    report.add("gpu: frames a second, 480p from its file to the database",
               n_frames / (time.perf_counter() - began))  # fmt: skip


def stage_rate(encoder: ClipEncoder) -> float:
    """Give frames a second, from sampled frames in memory to vectors in memory."""
    n_frames = encoder.batch_size
    shape = (n_frames, SAMPLED_PX, SAMPLED_PX * 16 // 9, 3)
    frames = list(np.random.default_rng(0).integers(0, 255, shape, np.uint8))
    return n_frames * _rate(lambda: encoder.encode_images(frames))


def bare_rate(encoder: ClipEncoder) -> float:
    """Give frames a second of the model alone, on the device's own memory."""
    import torch

    loaded = encoder._loaded()
    n_frames = encoder._batches.size
    dtype = loaded._model.dtype
    x = torch.randn((n_frames, 3, SAMPLED_PX, SAMPLED_PX), device="cuda", dtype=dtype)
    with torch.inference_mode():
        return n_frames * _rate(lambda: loaded._model.encode_image(x), torch.cuda.synchronize)


def _rate(once: Callable[[], object], finish: Callable[[], None] = lambda: None) -> float:
    """Give calls a second, after two that are not counted."""
    for _ in range(2):
        once()
    finish()
    began = time.perf_counter()
    for _ in range(_N_BATCHES):
        once()
    finish()
    return _N_BATCHES / (time.perf_counter() - began)
