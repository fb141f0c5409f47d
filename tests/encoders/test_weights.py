"""Weights that are missing, on their way, broken or hostile: each has its own sentence."""

from __future__ import annotations

import hashlib
import os
import pickle
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.encoders.clip import ClipEncoder, import_clip
from core.encoders.weights import PUBLISHED
from core.errors import EncoderError, WeightsMissingError
from tests.conftest import TINY_MODEL

TINY_BYTES = TINY_MODEL.read_bytes()
TINY_SHA256 = hashlib.sha256(TINY_BYTES).hexdigest()


class Server(ThreadingHTTPServer):
    """Serves the tiny model; sends half of it at once and the rest when `go_on` is set."""

    body = TINY_BYTES
    n_asked = 0

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.address = f"http://127.0.0.1:{self.server_port}/{TINY_SHA256}/ViT-B-32.pt"
        self.go_on = threading.Event()
        self.half_sent = threading.Event()


class Answer(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self.server.n_asked += 1
        body, half = self.server.body, len(self.server.body) // 2
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[:half])
        self.server.half_sent.set()
        self.server.go_on.wait(30)
        self.wfile.write(body[half:])

    def log_message(self, *_: Any) -> None:
        """Stay quiet."""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A server from which `clip` downloads ViT-B/32; what it gets is the tiny model."""
    server = Server()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    offer(monkeypatch, server.address)
    yield server
    server.go_on.set()
    server.shutdown()
    server.server_close()
    thread.join()


def offer(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    """Make `clip` look for ViT-B/32 there."""
    import_clip()
    from clip import clip as inside

    monkeypatch.setitem(inside._MODELS, "ViT-B/32", address)


def named(folder: Path) -> ClipEncoder:
    return ClipEncoder("ViT-B/32", device="cpu", download_root=folder)


def refusal(encoder: ClipEncoder, kind: type[EncoderError]) -> str:
    """Load, and give the sentence of the error; the status then says the same."""
    with pytest.raises(EncoderError) as caught:
        encoder.load()
    assert type(caught.value) is kind
    assert encoder.status().state == ("absent" if kind is WeightsMissingError else "failed")
    assert encoder.status().sentence == str(caught.value)
    return str(caught.value)


def test_the_published_models_are_those_of_clip() -> None:
    """Names, file names and checksums are the ones in `clip` itself."""
    import_clip()
    from clip import clip as inside

    theirs = {
        name: (address.split("/")[-1], address.split("/")[-2][:12])
        for name, address in inside._MODELS.items()
    }
    assert theirs == {name: (p.filename, p.sha256_start) for name, p in PUBLISHED.items()}


def test_weights_that_cannot_be_downloaded_are_told_with_two_ways_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a network the sentence names the model, the internet, the folder and the setting."""
    offer(monkeypatch, f"http://127.0.0.1:9/{TINY_SHA256}/ViT-B-32.pt")  # nobody listens there
    encoder = named(tmp_path / "cache")
    before = encoder.status()
    assert (before.state, before.fraction) == ("absent", None)
    assert "338 MiB" in before.sentence
    sentence = refusal(encoder, WeightsMissingError)
    for part in ("CLIP ViT-B/32", "internet", "ViT-B-32.pt", str(tmp_path), "REELSEEK_MODEL"):
        assert part in sentence


def test_a_download_is_seen_as_it_grows(tmp_path: Path, server: Server) -> None:
    """While one encoder downloads, any other, as of another process, says how far it has come."""
    encoder, other = named(tmp_path), named(tmp_path)
    loading = threading.Thread(target=encoder.load)
    loading.start()
    assert server.half_sent.wait(30)
    wait_until(lambda: other.status().state == "downloading")
    for status in (other.status(), encoder.status()):
        assert status.state == "downloading"
        assert status.fraction is not None
        assert 0 <= status.fraction < 1
    server.go_on.set()
    loading.join(60)
    assert encoder.status().state == "ready"
    assert other.status().state == "ready"
    assert (encoder.info().model, encoder.info().pretrained) == ("ViT-B/32", "openai")
    assert encoder.encode_texts(["a red star"]).shape == (1, 512)


def test_two_processes_download_once(tmp_path: Path, server: Server) -> None:
    """Two processes that need the weights together do not write the same file."""
    code = f"""
import logging, sys
logging.basicConfig(level=logging.DEBUG, stream=sys.stdout)
from pathlib import Path
from core.encoders.clip import ClipEncoder, import_clip
import_clip()
from clip import clip as inside
inside._MODELS["ViT-B/32"] = {server.address!r}
ClipEncoder("ViT-B/32", device="cpu", download_root=Path({str(tmp_path)!r})).load()
"""
    encoder = named(tmp_path)
    loading = threading.Thread(target=encoder.load)
    loading.start()
    assert server.half_sent.wait(30)
    program = [sys.executable, "-u", "-c", code]
    with subprocess.Popen(program, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert any("not acquired" in line for line in other.stdout)  # filelock's own words
        server.go_on.set()
        assert other.wait(60) == 0
    loading.join(60)
    assert encoder.status().state == "ready"
    assert server.n_asked == 1


def test_a_damaged_download_is_not_used(tmp_path: Path, server: Server) -> None:
    """What arrives with another checksum is an error, not a model."""
    server.body = TINY_BYTES[:-1000] + b"\0" * 1000
    server.go_on.set()
    assert "checksum" in refusal(named(tmp_path), WeightsMissingError)
    assert not (tmp_path / "ViT-B-32.pt").exists()


def test_a_broken_off_download_starts_again(tmp_path: Path, server: Server) -> None:
    """Half a file from long ago is said to be so, and replaced by the next load."""
    part = tmp_path / "ViT-B-32.pt"
    part.write_bytes(TINY_BYTES[: len(TINY_BYTES) // 3])
    long_ago = time.time() - 3600
    os.utime(part, (long_ago, long_ago))
    encoder = named(tmp_path)
    assert encoder.status().state == "absent"
    assert "broken off" in encoder.status().sentence
    server.go_on.set()
    encoder.load()
    assert encoder.status().state == "ready"


def test_weights_that_arrive_later_are_used(tmp_path: Path) -> None:
    """After a failure the same encoder loads as soon as the file is there."""
    path = tmp_path / "later.pt"
    encoder = ClipEncoder(str(path), device="cpu")
    assert str(path) in refusal(encoder, WeightsMissingError)
    path.write_bytes(TINY_BYTES)
    encoder.load()
    assert encoder.status().state == "ready"


def test_an_unknown_name_lists_the_names(tmp_path: Path) -> None:
    """A misspelt name is told apart from a missing file."""
    sentence = refusal(ClipEncoder("ViT-B/33"), WeightsMissingError)
    assert "'ViT-B/33' is neither a CLIP model nor a file" in sentence
    assert "ViT-B/32" in sentence
    missing = refusal(ClipEncoder(str(tmp_path / "x.pt")), WeightsMissingError)
    assert "no CLIP checkpoint at" in missing


def test_files_that_are_no_checkpoint_are_refused(tmp_path: Path) -> None:
    """Text, half a checkpoint, an empty file, a folder and another zip are each refused by path."""
    path = tmp_path / "model.pt"
    for content in (b"not a model", TINY_BYTES[: len(TINY_BYTES) // 2], b""):
        path.write_bytes(content)
        assert "cannot be read as a CLIP checkpoint" in refusal(
            ClipEncoder(str(path)), EncoderError
        )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("letter.txt", "hello")
    assert "holds no torch checkpoint" in refusal(ClipEncoder(str(path)), EncoderError)
    assert "Is a directory" in refusal(ClipEncoder(str(tmp_path)), EncoderError)


class Bomb:
    """Makes a folder when it is unpickled."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[str]]:
        return os.mkdir, (str(self.folder),)


def test_a_hostile_checkpoint_is_not_executed(tmp_path: Path) -> None:
    """Code hidden in a pickle does not run, as a bare pickle, in torch's zip, or in an archive."""
    import torch

    hit, path = tmp_path / "hit", tmp_path / "model.pt"
    path.write_bytes(pickle.dumps(Bomb(hit)))
    assert "cannot be read" in refusal(ClipEncoder(str(path)), EncoderError)
    torch.save({"text_projection": Bomb(hit)}, path)
    assert "not one of OpenAI's CLIP" in refusal(ClipEncoder(str(path)), EncoderError)
    torch.save({"text_projection": Bomb(hit)}, path)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("model/constants.pkl", pickle.dumps(Bomb(hit)))
    assert "not one of OpenAI's CLIP" in refusal(ClipEncoder(str(path)), EncoderError)
    assert not hit.exists()


def test_another_torch_model_is_refused(tmp_path: Path) -> None:
    """A state dict of something else says which tensor is missing; wrong shapes are told too."""
    import torch

    path = tmp_path / "other.pt"
    torch.save({"weight": torch.zeros(3)}, path)
    assert "it has no ln_final.weight" in refusal(ClipEncoder(str(path)), EncoderError)
    state = tiny_state()
    state["text_projection"] = torch.zeros(5, 512)
    torch.save(state, path)
    assert "not one of OpenAI's CLIP" in refusal(ClipEncoder(str(path)), EncoderError)


def test_a_plain_state_dict_is_read_too(tmp_path: Path, tiny: ClipEncoder) -> None:
    """The tensors saved by torch.save give the same vectors as the archive."""
    import torch

    path = tmp_path / "plain.pt"
    torch.save(tiny_state(), path)
    plain = ClipEncoder(str(path), device="cpu")
    assert np.allclose(plain.encode_texts(["a red star"]), tiny.encode_texts(["a red star"]))
    assert plain.info().model == "plain"
    assert plain.info().pretrained != tiny.info().pretrained


def test_a_copy_of_a_published_file_is_that_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A downloaded ViT-B-32.pt given by its path is recorded as when it is named."""
    genuine = PUBLISHED["ViT-B/32"].__class__("ViT-B-32.pt", 338, 224, TINY_SHA256[:12])
    monkeypatch.setitem(PUBLISHED, "ViT-B/32", genuine)
    path = tmp_path / "downloaded.pt"
    path.write_bytes(TINY_BYTES)
    info = ClipEncoder(str(path), device="cpu").info()
    assert (info.model, info.pretrained) == ("ViT-B/32", "openai")


def tiny_state() -> dict[str, Any]:
    import warnings

    import torch

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="`torch.jit.load` is deprecated")
        return dict(torch.jit.load(str(TINY_MODEL)).state_dict())


def wait_until(holds: Callable[[], bool], *, within_s: float = 30) -> None:
    """Wait for a condition that another thread brings about."""
    end_s = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < end_s, "it did not come about in time"
        time.sleep(0.01)
