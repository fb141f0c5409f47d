"""The text tower of a CLIP model: words to vectors, each beginning that texts share read once.

The arithmetic only. Knows no files and no locks; whoever holds it calls from one thread at a time.
"""

from __future__ import annotations

import contextlib
import importlib
from collections.abc import Sequence
from typing import Any, Final

from core.encoders.beginnings import join
from core.encoders.clip_module import import_clip
from core.encoders.threads import one_thread, settle

# A query has fewer tokens, and its some sixty small products are over before a second thread has
# woken up on a machine that indexes beside it: there, two took twelve times as long as one.
_MOST_TOKENS_OF_ONE_THREAD: Final = 96


class TextTower:
    """What `clip.model.CLIP.encode_text` does, for many texts at the price of their differences."""

    def __init__(self, model: Any, device: str, *, in_halves: bool) -> None:
        """Read words by this model; `in_halves` keeps its matrices in bfloat16 from now on."""
        self._torch = importlib.import_module("torch")
        self._tokenize = import_clip().tokenize
        self._model, self._device = model, device
        self._context_length = int(model.context_length)
        self._in_halves = in_halves
        if in_halves:
            _halve(self._torch, model.transformer)

    def encode(self, texts: Sequence[str]) -> Any:
        """Encode one batch to a tensor (n_texts, dimensions), not of unit length.

        A text of more than 77 tokens is cut. Each text is read at its own length: the tower is
        causal and its answer is read at the end mark, so the zeros after that change nothing.
        """
        torch, model = self._torch, self._model
        tree = join(self._tokens(texts))
        is_hidden = torch.from_numpy(tree.is_hidden).to(self._device)
        mask = torch.zeros(is_hidden.shape, device=self._device)
        mask.masked_fill_(is_hidden, float("-inf"))
        tokens, depths, ends = (
            torch.from_numpy(one).to(self._device) for one in (tree.tokens, tree.depths, tree.ends)
        )
        settle()
        is_short = len(tokens) <= _MOST_TOKENS_OF_ONE_THREAD
        with one_thread() if is_short else contextlib.nullcontext():
            x = model.token_embedding(tokens) + model.positional_embedding[depths]
            x = self._layers(x.type(model.dtype)[:, None], mask)[:, 0]
            return model.ln_final(x[ends]).type(model.dtype) @ model.text_projection

    def _tokens(self, texts: Sequence[str]) -> list[list[int]]:
        rows = self._tokenize(list(texts), context_length=self._context_length, truncate=True)
        # The end mark is the highest number, so argmax is where each text ends.
        lengths = (rows.argmax(dim=-1) + 1).tolist()
        return [row[:length] for row, length in zip(rows.tolist(), lengths, strict=True)]

    def _layers(self, x: Any, mask: Any) -> Any:
        """Send (n_tokens, 1, width) through the layers, each token seeing what the mask lets it."""
        before = x.dtype
        if self._in_halves:
            x = x.to(self._torch.bfloat16)
        for block in self._model.transformer.resblocks:
            block.attn_mask = mask  # clip reads it at each call and brings it to the type of x
            x = block(x)
        return x.to(before)


def _halve(torch: Any, transformer: Any) -> None:
    """Bring the matrices of the text tower's layers to bfloat16.

    A few short texts cost what it takes to read the weights, so half the bytes are half the time;
    `python -m benchmarks.search` measures it. The norms stay float32, as in clip's own
    `convert_weights`.
    """
    for layer in transformer.modules():
        if isinstance(layer, torch.nn.Linear):
            layer.to(torch.bfloat16)
        elif isinstance(layer, torch.nn.MultiheadAttention):
            layer.in_proj_weight.data = layer.in_proj_weight.data.to(torch.bfloat16)
            layer.in_proj_bias.data = layer.in_proj_bias.data.to(torch.bfloat16)
