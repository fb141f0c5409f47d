"""The blocks that both towers of a CLIP model are made of, with the same answers in less time.

`python -m benchmarks.encoding` measures how much less. Knows neither pictures nor words.
"""

from __future__ import annotations

import importlib
from typing import Any, Final

from core.encoders.packed import product

_GELU: Final = 1.702  # clip's QuickGELU is x · sigmoid(1.702 x) (openai/CLIP, clip/model.py)


class Blocks:
    """What a `clip.model.Transformer` does, with its matrices in another form."""

    def __init__(self, transformer: Any, dtype: Any, *, usual_rows: int) -> None:
        """Take its blocks over, and multiply in this dtype of torch's.

        Norms and sums stay in the model's own.
        """
        with importlib.import_module("torch").inference_mode():
            self._blocks = [_Block(one, dtype, usual_rows) for one in transformer.resblocks]

    def read(self, x: Any, sees: Any = None, *, only: Any = None) -> Any:
        """Send (n, n_tokens, width) through.

        Args:
            x: float32, or what the model computes in.
            sees: bool (n_tokens, n_tokens), true where the row's token may see the column's;
                None: everywhere.
            only: which tokens are wanted in the end, as an index; None: all. What the others
                would be after the last block is not computed.
        """
        *before, last = self._blocks
        for block in before:
            x = block.read(x, sees)
        return last.read(x, sees, only)


class _Block:
    """One of clip's `ResidualAttentionBlock`s."""

    def __init__(self, block: Any, dtype: Any, usual_rows: int) -> None:
        self._functions = importlib.import_module("torch").nn.functional
        self._dtype, attention, mlp = dtype, block.attn, block.mlp
        self._n_heads = int(attention.num_heads)
        self._norm, self._norm_of_mlp = block.ln_1, block.ln_2
        self._ask, self._answer, self._widen, self._narrow = (
            product(weight.to(dtype), bias.to(dtype), usual_rows=usual_rows)
            for weight, bias in (
                (attention.in_proj_weight, attention.in_proj_bias),
                (attention.out_proj.weight, attention.out_proj.bias),
                # So scaled, QuickGELU is torch's silu, which goes over the numbers once.
                (mlp.c_fc.weight * _GELU, mlp.c_fc.bias * _GELU),
                (mlp.c_proj.weight / _GELU, mlp.c_proj.bias),
            )
        )
        del block.attn, block.mlp  # or a large model would for a moment be there twice

    def read(self, x: Any, sees: Any, only: Any = None) -> Any:
        """Let the tokens hear of each other, then each by itself."""
        heard = self._attend(self._ask(self._norm(x).to(self._dtype)), sees)
        if only is not None:
            x, heard = x[:, only], heard[:, only]
        x = x + self._answer(heard)
        wide = self._widen(self._norm_of_mlp(x).to(self._dtype))
        return x + self._narrow(self._functions.silu(wide, inplace=True))

    def _attend(self, asked: Any, sees: Any) -> Any:
        n, n_tokens, three_widths = asked.shape
        heads = asked.view(n, n_tokens, 3, self._n_heads, -1).permute(2, 0, 3, 1, 4)
        found = self._functions.scaled_dot_product_attention(*heads, attn_mask=sees)
        return found.transpose(1, 2).reshape(n, n_tokens, three_widths // 3)
