"""A matrix product whose matrix is laid out once, on an x86 CPU: by oneDNN, as it likes it best.

torch lays a matrix out anew for each product, which for the few rows that a query has takes as long
as the product, and for a batch of pictures a tenth of it. Elsewhere the product is torch's own.
Knows no model.
"""

from __future__ import annotations

import importlib
import platform
from collections.abc import Callable
from typing import Any, Final, TypeAlias

Product: TypeAlias = Callable[[Any], Any]  # (…, n_in) to (…, n_out)

_X86: Final = ("x86_64", "AMD64")


def product(weight: Any, bias: Any, *, usual_rows: int) -> Product:
    """Give x → x weightᵀ + bias, of tensors (n_out, n_in) and (n_out,) of one type and device.

    `usual_rows` says how many rows x mostly has; with others it works as well.
    """
    torch = importlib.import_module("torch")
    if not _packs(torch, weight):
        return lambda x: torch.nn.functional.linear(x, weight, bias)
    # What torch's own compiler calls for a frozen model whose rows vary in number
    # (torch/_inductor/fx_passes/mkldnn_fusion.py).
    multiply = torch.ops.mkldnn._linear_pointwise
    packed = torch.ops.mkldnn._reorder_linear_weight(weight.contiguous(), usual_rows)
    return lambda x: multiply(x, packed, bias, "none", [], "")


def _packs(torch: Any, weight: Any) -> bool:
    return (
        weight.device.type == "cpu"
        and platform.machine() in _X86
        and torch.backends.mkldnn.is_available()
        and hasattr(torch.ops.mkldnn, "_linear_pointwise")
        and (weight.dtype == torch.float32 or _packs_halves(torch, weight))
    )


def _packs_halves(torch: Any, weight: Any) -> bool:
    """Say whether oneDNN takes these on this CPU; of halves it refuses what it would emulate."""
    is_known = bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())
    return weight.dtype == torch.bfloat16 and is_known
