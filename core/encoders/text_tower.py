"""The text tower of a CLIP model: words to vectors, each beginning that texts share read once.

The arithmetic only. Knows no files and no locks; whoever holds it calls from one thread at a time.
"""

from __future__ import annotations

import contextlib
import importlib
from collections.abc import Sequence
from typing import Any, Final

from core.encoders.beginnings import join
from core.encoders.blocks import Blocks
from core.encoders.clip_module import import_clip
from core.encoders.threads import one_thread, settle

# A query has fewer tokens, and its some sixty small products are over before a second thread has
# woken up on a machine that indexes beside it: there, two took twelve times as long as one.
_MOST_TOKENS_OF_ONE_THREAD: Final = 96
_USUAL_TOKENS: Final = 16  # of a query and of itself without each of its words


class TextTower:
    """What `clip.model.CLIP.encode_text` does, for many texts at the price of their differences."""

    def __init__(self, model: Any, device: str, dtype: Any) -> None:
        """Take the text tower out of this model, and multiply in this dtype of torch's."""
        self._torch = importlib.import_module("torch")
        self._tokenize = import_clip().tokenize
        self._model, self._device, self._dtype = model, device, model.dtype
        self._context_length = int(model.context_length)
        self._blocks = Blocks(model.transformer, dtype, usual_rows=_USUAL_TOKENS)
        del model.transformer

    def encode(self, texts: Sequence[str]) -> Any:
        """Encode one batch to a tensor (n_texts, dimensions), not of unit length.

        A text of more than 77 tokens is cut. Each text is read at its own length: the tower is
        causal and its answer is read at the end mark, so the zeros after that change nothing.
        """
        torch, model = self._torch, self._model
        tree = join(self._tokens(texts))
        tokens, depths, ends, sees = (
            torch.from_numpy(one).to(self._device)
            for one in (tree.tokens, tree.depths, tree.ends, tree.sees)
        )
        settle()
        is_short = len(tokens) <= _MOST_TOKENS_OF_ONE_THREAD
        with one_thread() if is_short else contextlib.nullcontext():
            x = model.token_embedding(tokens) + model.positional_embedding[depths]
            x = self._blocks.read(x.type(self._dtype)[None], sees, only=ends)[0]
            return model.ln_final(x).type(self._dtype) @ model.text_projection

    def _tokens(self, texts: Sequence[str]) -> list[list[int]]:
        rows = self._tokenize(list(texts), context_length=self._context_length, truncate=True)
        # The end mark is the highest number, so argmax is where each text ends.
        lengths = (rows.argmax(dim=-1) + 1).tolist()
        return [row[:length] for row, length in zip(rows.tolist(), lengths, strict=True)]
