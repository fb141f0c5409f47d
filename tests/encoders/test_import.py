"""What importing and constructing cost, and the repair of a torchvision that cannot be imported.

Each in a fresh process, because an import happens once.
"""

from __future__ import annotations

import subprocess
import sys

from tests.conftest import TINY_MODEL


def run(code: str) -> str:
    """Run code with warnings as errors; give what it printed."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout.strip()


def test_constructing_and_asking_import_no_torch() -> None:
    """An encoder can be made and asked for its status without torch, so pages open at once."""
    code = f"""
import sys
from core.encoders.clip import ClipEncoder
encoder = ClipEncoder({str(TINY_MODEL)!r})
print(encoder.status().state, "torch" in sys.modules, "clip" in sys.modules)
print(ClipEncoder().input_px, "torch" in sys.modules)
"""
    assert run(code).splitlines() == ["ready False False", "224 False"]


def test_clip_is_imported_without_a_warning() -> None:
    """`import_clip()` gives the module, silently, whichever torchvision is there; and again."""
    code = """
from core.encoders.clip import import_clip
clip = import_clip()
print(clip.__name__, callable(clip.load), callable(clip.tokenize), import_clip() is clip)
"""
    assert run(code) == "clip True True True"


def test_operators_are_declared_only_where_torchvision_fails_for_them() -> None:
    """A torchvision that can be imported is left alone; one without its operators is repaired."""
    code = """
import sys
try:
    import torchvision
    fails = False
except RuntimeError:
    fails = True
from core.encoders import clip_module
clip_module.import_clip()
print(fails == bool(clip_module._repairs))
"""
    assert run(code) == "True"


def test_a_torchvision_without_operators_is_repaired() -> None:
    """The failure of a CUDA torchvision beside a CPU torch, made anywhere, is repaired."""
    code = """
import importlib, sys
real = importlib.import_module
tries = []
def failing(name, *rest):
    if name == "torchvision":
        tries.append(name)
        if len(tries) == 1:
            raise RuntimeError("operator torchvision::nms does not exist")
        return None
    return real(name, *rest)
from core.encoders import clip_module
importlib.import_module = failing
clip_module._import_torchvision()
import torch
print(len(tries), [str(torch.ops.torchvision.nms.default._schema.name)])
"""
    assert run(code) == "2 ['torchvision::nms']"


def test_a_missing_clip_is_told_in_a_sentence() -> None:
    """Without the module, the error names what to install."""
    code = """
import sys
sys.modules["clip"] = None
from core.encoders.clip import ClipEncoder
from core.errors import EncoderError
try:
    ClipEncoder("x.pt").load()
except EncoderError as error:
    print(error)
"""
    assert "pip install -r requirements.txt" in run(code)
