"""The module `clip`, imported: from PyPI (clip-anytorch) or from github.com/openai/CLIP.

Two things can stand in the way, and both are dealt with here alone: a torchvision built for CUDA
beside a torch built for the CPU, and the deprecated `pkg_resources` that `clip` imports.
"""

from __future__ import annotations

import importlib
import threading
import warnings
from typing import Any

from core.errors import EncoderError

_importing = threading.Lock()
_repairs: list[Any] = []  # a torch Library undoes its definitions when it is collected


def import_clip() -> Any:
    """Import `clip`, repairing torchvision first where it cannot be imported.

    Returns:
        The module, with `load`, `tokenize`, `available_models` as openai/CLIP documents them.

    Raises:
        EncoderError: `clip`, torch or torchvision is not installed or cannot be imported.
    """
    with _importing, warnings.catch_warnings():
        # clip-anytorch 2.6 and openai/CLIP of before 2024 take `packaging` from there.
        warnings.filterwarnings("ignore", message="pkg_resources is deprecated")
        warnings.filterwarnings("ignore", message="Deprecated call to `pkg_resources")
        try:
            _import_torchvision()
            return importlib.import_module("clip")
        except (ImportError, RuntimeError, OSError) as error:
            raise EncoderError(
                f"CLIP cannot be imported ({error}). Install the requirements again with "
                "`pip install -r requirements.txt`."
            ) from error


def _import_torchvision() -> None:
    try:
        importlib.import_module("torchvision")
    except RuntimeError as error:
        if "torchvision::nms" not in str(error):
            raise
        _declare_missing_operators()
        importlib.import_module("torchvision")


def _declare_missing_operators() -> None:
    """Declare the operators that torchvision's Python side describes but did not bring.

    A torchvision built for CUDA does not load its compiled half beside a torch built for the CPU,
    and then fails with "operator torchvision::nms does not exist" while it describes shapes for
    operators that nobody here calls: CLIP wants its image transforms only. Their signatures are
    those of torchvision/csrc/ops/nms.cpp and ops/quantized.
    """
    torch = importlib.import_module("torch")
    library = torch.library.Library("torchvision", "DEF")
    for name in ("nms", "qnms"):
        library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    _repairs.append(library)
