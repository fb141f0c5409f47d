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
from core.encoders.packed import product
from core.encoders.threads import one_thread, settle

# A query has fewer tokens, and its some sixty small products are over before a second thread has
# woken up on a machine that indexes beside it: there, two took twelve times as long as one.
_MOST_TOKENS_OF_ONE_THREAD: Final = 96


class TextTower:
    """What `clip.model.CLIP.encode_text` does, for many texts at the price of their differences."""

    def __init__(self, model: Any, device: str, *, in_halves: bool) -> None:
        """Take the text tower out of this model; `in_halves` multiplies in bfloat16."""
        self._torch = torch = importlib.import_module("torch")
        self._tokenize = import_clip().tokenize
        self._model, self._device = model, device
        self._context_length = int(model.context_length)
        number = torch.bfloat16 if in_halves else model.dtype
        with torch.inference_mode():
            self._blocks = [_Block(torch, one, number) for one in model.transformer.resblocks]
        del model.transformer  # what it multiplies by is kept in another form

    def encode(self, texts: Sequence[str]) -> Any:
        """Encode one batch to a tensor (n_texts, dimensions), not of unit length.

        A text of more than 77 tokens is cut. Each text is read at its own length: the tower is
        causal and its answer is read at the end mark, so the zeros after that change nothing.
        """
        torch, model = self._torch, self._model
        tree = join(self._tokens(texts))
        tokens, depths, ends, sees = (
            torch.from_numpy(one).to(self._device)
            for one in (tree.tokens, tree.depths, tree.ends, ~tree.is_hidden)
        )
        settle()
        is_short = len(tokens) <= _MOST_TOKENS_OF_ONE_THREAD
        with one_thread() if is_short else contextlib.nullcontext():
            x = model.token_embedding(tokens) + model.positional_embedding[depths]
            x = self._layers(x.type(model.dtype), sees)
            return model.ln_final(x[ends]).type(model.dtype) @ model.text_projection

    def _tokens(self, texts: Sequence[str]) -> list[list[int]]:
        rows = self._tokenize(list(texts), context_length=self._context_length, truncate=True)
        # The end mark is the highest number, so argmax is where each text ends.
        lengths = (rows.argmax(dim=-1) + 1).tolist()
        return [row[:length] for row, length in zip(rows.tolist(), lengths, strict=True)]

    def _layers(self, x: Any, sees: Any) -> Any:
        """Send (n_tokens, width) through, each token seeing those that `sees` lets its row see."""
        for block in self._blocks:
            x = block.read(x, sees)
        return x


class _Block:
    """One of clip's `ResidualAttentionBlock`s; its norms stay as they are, as in clip's halves."""

    def __init__(self, torch: Any, block: Any, number: Any) -> None:
        """Multiply by the block's matrices in numbers of this type."""
        self._torch, self._number, attention = torch, number, block.attn
        self._n_heads = int(attention.num_heads)
        self._norm, self._norm_of_mlp, self._between = block.ln_1, block.ln_2, block.mlp.gelu
        self._ask, self._answer, self._widen, self._narrow = (
            product(weight.detach().to(number), bias.detach().to(number))
            for weight, bias in (
                (attention.in_proj_weight, attention.in_proj_bias),
                (attention.out_proj.weight, attention.out_proj.bias),
                (block.mlp.c_fc.weight, block.mlp.c_fc.bias),
                (block.mlp.c_proj.weight, block.mlp.c_proj.bias),
            )
        )

    def read(self, x: Any, sees: Any) -> Any:
        """Let the tokens hear of each other, then each by itself."""
        x = x + self._answer(self._attend(self._ask(self._norm(x).to(self._number)), sees))
        return x + self._narrow(self._between(self._widen(self._norm_of_mlp(x).to(self._number))))

    def _attend(self, asked: Any, sees: Any) -> Any:
        n_tokens, three_widths = asked.shape
        heads = asked.view(n_tokens, 3, self._n_heads, -1).permute(1, 2, 0, 3)
        query, key, value = heads[:, None]
        attention = self._torch.nn.functional.scaled_dot_product_attention
        found = attention(query, key, value, attn_mask=sees)[0]
        return found.transpose(0, 1).reshape(n_tokens, three_widths // 3)
