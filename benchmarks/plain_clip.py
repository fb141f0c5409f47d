"""CLIP as `clip` itself computes it, which Reelseek's own way is compared with."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from benchmarks.report import Report
from benchmarks.vectors_data import Rows
from core.encoders.checkpoint import load_model
from core.encoders.clip import ClipEncoder
from core.encoders.clip_module import import_clip
from core.encoders.threads import one_thread
from core.encoders.weights import Weights
from core.search.prompts import without_each_word


def plain_clip(checkpoint: Path | str) -> Any:
    """Load a checkpoint as a `clip.model.CLIP` in float32."""
    return load_model(Weights(str(checkpoint)), "cpu")


class PlainTower:
    """The text tower as `clip` has it."""

    def __init__(self, checkpoint: Path) -> None:
        self._model = plain_clip(checkpoint)

    def encode(self, text: str) -> Rows:
        """Encode one text to (dimensions,), at its own length, by one thread, as Reelseek does."""
        import torch

        model = self._model
        padded = import_clip().tokenize([text])[0]
        tokens = padded[: int(padded.argmax()) + 1]
        with torch.inference_mode(), one_thread():
            x = model.token_embedding(tokens) + model.positional_embedding[: len(tokens)]
            x = model.transformer(x[:, None])[-1, 0]
            row = torch.nn.functional.normalize(model.ln_final(x) @ model.text_projection, dim=-1)
        return np.asarray(row.numpy(), np.float32)


def measure_texts(report: Report, encoder: ClipEncoder, plain: PlainTower, repeat: int) -> None:
    """Compare what core/encoders takes for a query with clip's own text tower in float32."""
    turns = []
    for turn in range(8 * repeat):
        text = f"two dogs on a beach {turn}"
        texts = [text, *without_each_word(text)]
        alone_s = _cpu_s(partial(encoder.encode_texts, [text]))
        whole_s = _cpu_s(partial(encoder.encode_texts, texts))
        plain_s = _cpu_s(partial(plain.encode, text))
        turns.append((alone_s / plain_s, whole_s / plain_s))
    rows = encoder.encode_texts([text]), plain.encode(text)
    report.add("words: cosine with clip's text tower", float((rows[0] @ rows[1])[0]))
    alone, whole = (median(shares) for shares in zip(*turns, strict=True))
    report.add("words of a query: CPU time, of clip's text tower", alone)
    report.add("the same, and without each of its words: of clip's for the words alone", whole)


def _cpu_s(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began
