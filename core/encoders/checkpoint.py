"""Loads a CLIP model from OpenAI's servers, the cache or a checkpoint, or says why it cannot.

A checkpoint may come from anywhere, so nothing in it is unpickled freely: torch reads archives with
its own reader and state dicts with `weights_only`.
"""

from __future__ import annotations

import contextlib
import http.client
import importlib
import os
import pickle
import threading
import time
import warnings
from collections.abc import Iterator
from typing import Any

from core.encoders.clip_module import import_clip
from core.encoders.memory import shortage_told
from core.encoders.weights import Weights
from core.errors import EncoderError, WeightsMissingError

# What a download ends in when the network is away, slow, filtered, or the disk is full: OSError
# holds urllib's errors, RuntimeError is clip's wrong checksum, TypeError its missing file length.
_DOWNLOAD_ERRORS = (OSError, http.client.HTTPException, RuntimeError, TypeError)
# What torch and `clip.model.build_model` end in when the tensors are not those of a CLIP.
_NOT_CLIP_ERRORS = (RuntimeError, KeyError, IndexError, AttributeError, TypeError, ValueError,
                    AssertionError, EOFError, OSError, pickle.UnpicklingError)  # fmt: skip
_loading = threading.Lock()  # warning filters belong to the whole process
_CLIP_KEYS = {"text_projection", "positional_embedding", "token_embedding.weight",
              "ln_final.weight", "visual.conv1.weight", "logit_scale"}  # fmt: skip


def load_model(weights: Weights, device: str) -> Any:
    """Load the model that the weights name, ready to encode on this device.

    Returns:
        A `clip.model.CLIP`: float32 on the CPU, float16 on CUDA, as `clip.load` makes it.

    Raises:
        WeightsMissingError: the weights are not here and cannot be downloaded.
        EncoderMemoryError: there is no memory for it on the device.
        EncoderError: what is here is not a whole CLIP checkpoint.
    """
    clip = import_clip()
    with _loading, _expected_warnings():
        if weights.published is not None:
            return _load_published(clip, weights, device)
        kind = weights.check()
        try:
            with shortage_told(f"load {weights.path.name}", device):
                if kind == "archive":
                    return clip.load(str(weights.path), device=device, jit=False)[0]
                return _load_state_dict(weights, device)
        except _NOT_CLIP_ERRORS as error:
            reason = str(error).partition("\n")[0][:200]
            raise EncoderError(
                f"{weights.path} is a torch checkpoint but not one of OpenAI's CLIP "
                f"({type(error).__name__}: {reason}). Set REELSEEK_MODEL to one that is."
            ) from error


def _load_published(clip: Any, weights: Weights, device: str) -> Any:
    told = shortage_told(f"load CLIP {weights.model}", device)
    try:
        with told, _one_download_at_a_time(weights), _no_remains(weights):
            return clip.load(
                weights.model, device=device, jit=False, download_root=str(weights.root)
            )[0]
    except _DOWNLOAD_ERRORS as error:
        # With the right checksum the file is whole, so then it was not the download that failed.
        if weights.is_genuine():
            raise EncoderError(
                f"CLIP {weights.model} cannot be loaded on {device} ({error}). Try again; "
                "if it comes back, set REELSEEK_MODEL to another model."
            ) from error
        reason = getattr(error, "reason", error)  # urllib wraps the socket's own error
        raise WeightsMissingError(weights.cannot_fetch_sentence(reason)) from error


@contextlib.contextmanager
def _one_download_at_a_time(weights: Weights) -> Iterator[None]:
    """Keep two processes from writing the same file; the second finds it whole.

    Not in a cache that cannot be written to: there is nothing to download there either.
    """
    weights.root.mkdir(parents=True, exist_ok=True)
    if not os.access(weights.root, os.W_OK):
        yield
        return
    filelock = importlib.import_module("filelock")  # comes with torch
    with filelock.FileLock(weights.path.with_suffix(".lock")):
        yield


@contextlib.contextmanager
def _no_remains(weights: Weights) -> Iterator[None]:
    """Remove what a failed download wrote, so that it does not look like one under way."""
    began_s = time.time()
    try:
        yield
    except _DOWNLOAD_ERRORS:
        with contextlib.suppress(OSError):
            if weights.path.stat().st_mtime >= began_s and not weights.is_genuine():
                weights.path.unlink()
        raise


def _load_state_dict(weights: Weights, device: str) -> Any:
    """Load a plain state dict.

    Not by `clip.load`: openai/CLIP's reads such a file from its end and fails.
    """
    torch = importlib.import_module("torch")
    state = torch.load(weights.path, map_location="cpu", weights_only=True)
    missing = sorted(_CLIP_KEYS - set(state))
    if missing:
        raise KeyError(f"it has no {missing[0]}")
    model = importlib.import_module("clip.model").build_model(state).to(device)
    return model.float() if device == "cpu" else model


@contextlib.contextmanager
def _expected_warnings() -> Iterator[None]:
    with warnings.catch_warnings():
        # `clip.load` reads OpenAI's archives with torch.jit, which torch 2.9 and later call old.
        warnings.filterwarnings("ignore", message=r"`torch\.jit\.load` is deprecated")
        # A damaged archive: clip then tries it as a state dict, whose error is the one to tell.
        warnings.filterwarnings("ignore", message=".*looks like a TorchScript archive")
        # clip leaves closing the file it has summed up to Python.
        warnings.filterwarnings("ignore", message="unclosed file", category=ResourceWarning)
        # A download that was broken off: clip starts it again, and its progress bar says so.
        warnings.filterwarnings("ignore", message=".*the SHA256 checksum does not match")
        yield
