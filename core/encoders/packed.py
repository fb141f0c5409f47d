"""A matrix product laid out for few rows: on an x86 CPU by oneDNN, which wants its weights packed.

The words of a query are some dozen rows, and a plain product of torch then spends its time reading
weights in an order that suits many. Packed once, they take half the time in float32 as well as in
bfloat16 (`python -m benchmarks.encoding`); elsewhere the product is torch's own. Knows no model.
"""

from __future__ import annotations

import importlib
import platform
from collections.abc import Callable
from typing import Any, Final, TypeAlias

Product: TypeAlias = Callable[[Any], Any]  # (n, n_in) to (n, n_out)

_USUAL_ROWS: Final = 16  # a query and itself without each of its words
_X86: Final = ("x86_64", "AMD64")


def product(weight: Any, bias: Any) -> Product:
    """Give x → x weightᵀ + bias, of tensors (n_out, n_in) and (n_out,) of one type and device."""
    torch = importlib.import_module("torch")
    if not _packs(torch, weight):
        return lambda x: torch.nn.functional.linear(x, weight, bias)
    # What torch's own compiler calls for a frozen model (torch/_inductor/mkldnn_lowerings.py).
    multiply = torch.ops.mkldnn._linear_pointwise
    packed = torch.ops.mkldnn._reorder_linear_weight(weight.contiguous(), _USUAL_ROWS)
    return lambda x: multiply(x, packed, bias, "none", [], "")


def _packs(torch: Any, weight: Any) -> bool:
    return (
        weight.device.type == "cpu"
        and platform.machine() in _X86
        and torch.backends.mkldnn.is_available()
        and hasattr(torch.ops.mkldnn, "_linear_pointwise")
    )
