"""How fast videos are indexed, beside other ways to do the same, in ratios within one run.

Run: python -m benchmarks.indexing [--json] [--seconds 60]. The model has the shape of ViT-B/32 and
weights by lot: its speed is the real one's, its vectors mean nothing. Folding is measured with the
tiny CLIP of the tests, whose vectors do mean something.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from imageio_ffmpeg import get_ffmpeg_exe

from benchmarks.report import Report
from tests.conftest import TINY_MODEL

SIZES = {"1080p": "1920x1080", "480p": "854x480"}
FPS = 30


def draw(path: Path, size: str, seconds: int, *, key_every: int, scene_s: int = 20) -> Path:
    """Draw a video: movement and grain, a new picture every `scene_s` seconds, as H.264."""
    hue = f"hue=h='floor(t/{scene_s})*67'"
    half = f"drawbox=enable='lt(mod(t,{scene_s}),{scene_s / 2})':w=iw/2:h=ih:t=fill:color=gray"
    source = f"testsrc2=s={size}:r={FPS}:d={seconds},{hue},{half},noise=alls=6:allf=t"
    command = [get_ffmpeg_exe(), "-nostdin", "-v", "error", "-y", "-f", "lavfi", "-i", source]
    command += ["-c:v", "libx264", "-preset", "veryfast", "-crf", "26", "-pix_fmt", "yuv420p"]
    subprocess.run([*command, "-g", str(key_every), "-bf", "0", str(path)], check=True)  # noqa: S603
    return path


def model_by_lot(path: Path) -> Path:
    """Save a model of the shape of ViT-B/32."""
    import torch

    from core.encoders.clip_module import import_clip

    import_clip()
    from clip.model import CLIP

    torch.manual_seed(0)
    torch.save(CLIP(512, 224, 12, 768, 32, 77, 49408, 512, 8, 12).state_dict(), path)
    return path


# -- the ways, each in a process of its own: (seconds, CPU seconds, frames encoded) ----------------


def timed(way: Callable[..., int], *arguments: object) -> tuple[float, float, int]:
    """Run a way in a fresh process; the loading of the model is not counted."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_timed, (way, *arguments))


def _timed(way: Callable[..., int], model: Path, *arguments: object) -> tuple[float, float, int]:
    from core.encoders.clip import ClipEncoder

    encoder = ClipEncoder(str(model))
    encoder.encode_images([np.zeros((224, 224, 3), np.uint8)] * 2)
    began, cpu = time.perf_counter(), _cpu_s()
    n_frames = way(encoder, *arguments)
    return time.perf_counter() - began, _cpu_s() - cpu, n_frames


def _cpu_s() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def reelseek(encoder: object, video: Path, data: Path) -> int:
    """Index as Reelseek does, into its database; the frames that the model saw."""
    from core.bootstrap import open_app
    from core.settings import Settings

    app, seen = open_app(Settings(data=data), encoder=encoder), []  # type: ignore[arg-type]
    encode = encoder.encode_images  # type: ignore[attr-defined]
    encoder.encode_images = lambda images: seen.append(len(images)) or encode(images)  # type: ignore[attr-defined]
    video_id = app.intake.add_file(video).video.video_id
    app.worker().drain([video_id])
    app.close()
    return sum(seen)


def bound(encoder: object, video: Path, n_frames: int) -> int:
    """Do what nobody can leave out: decode, and encode so many frames."""
    decode = [get_ffmpeg_exe(), "-nostdin", "-v", "error", "-i", str(video), "-map", "0:v"]
    subprocess.run([*decode, "-f", "null", "-"], check=True)  # noqa: S603 - our own command
    frames = np.random.default_rng(0).integers(0, 255, (32, 224, 224, 3), np.uint8)
    for start in range(0, n_frames, 32):
        encoder.encode_images(list(frames[: min(32, n_frames - start)]))  # type: ignore[attr-defined]
    return n_frames


def notebook(encoder: object, video: Path) -> int:
    """Do as ApertureDB's notebook: moviepy's frames, CLIP's preprocessing, one image at a time."""
    from moviepy import VideoFileClip

    n = 0
    with VideoFileClip(str(video), audio=False) as clip:
        for frame in clip.iter_frames(fps=1):
            _one_by_one(encoder, [frame])
            n += 1
    return n


def all_frames(encoder: object, video: Path) -> int:
    """Do as clip-video-encode: every frame comes into Python; each thirtieth, in batches."""
    from moviepy import VideoFileClip

    kept: list[np.ndarray] = []
    with VideoFileClip(str(video), audio=False) as clip:
        for n, frame in enumerate(clip.iter_frames()):
            if n % FPS == 0:
                kept.append(frame)
    for start in range(0, len(kept), 32):
        _one_by_one(encoder, kept[start : start + 32])
    return len(kept)


def _one_by_one(encoder: object, frames: Sequence[np.ndarray]) -> None:
    """Preprocess and encode as `clip` itself does, in float32."""
    import torch
    from clip.clip import _transform
    from PIL import Image

    model = encoder._loaded()._model  # type: ignore[attr-defined]
    prepare = _transform(224)
    with torch.inference_mode():
        model.encode_image(torch.stack([prepare(Image.fromarray(frame)) for frame in frames]))


# -- what is compared ----------------------------------------------------------------------------


def compare(report: Report, folder: Path, model: Path, name: str, video: Path) -> None:
    """Compare all ways on one video whose key frames are rare."""
    own_s, own_cpu_s, n = timed(reelseek, model, video, folder / f"data {name}")
    _, bound_cpu_s, _ = timed(bound, model, video, n)
    notebook_s, *_ = timed(notebook, model, video)
    all_s, *_ = timed(all_frames, model, video)
    report.add(f"{name}: frames the model saw", n)
    report.add(f"{name}: CPU time, of the least possible", own_cpu_s / bound_cpu_s, "most", 1.15)
    limit = 3.0 if name == "1080p" else None
    report.add(f"{name}: times as fast as the notebook's way", notebook_s / own_s, "least", limit)
    report.add(f"{name}: times as fast as with all frames", all_s / own_s, "least", 2.0)


def compare_keyframes(report: Report, folder: Path, model: Path, video: Path) -> None:
    """Compare with the notebook's way where key frames come every second."""
    own_s, *_ = timed(reelseek, model, video, folder / "data keys")
    notebook_s, *_ = timed(notebook, model, video)
    name = "1080p, a key frame a second: times as fast as the notebook's way"
    report.add(name, notebook_s / own_s, "least", 8.0)


def precision(report: Report, model: Path) -> None:
    """Compare the vectors that are stored with those of `clip` in float32."""
    import torch

    from core.encoders.clip import ClipEncoder

    encoder = ClipEncoder(str(model))
    squares = np.random.default_rng(1).integers(0, 255, (32, 224, 224, 3), np.uint8)
    began = time.process_time()
    rows = encoder.encode_images(list(squares))[:, 0]
    began = time.process_time()
    rows = encoder.encode_images(list(squares))[:, 0]
    own_s = time.process_time() - began
    loaded = encoder._loaded()
    pixels = torch.from_numpy(squares).permute(0, 3, 1, 2).float() / 255
    with torch.inference_mode():
        began = time.process_time()
        plain = loaded._model.encode_image((pixels - loaded._mean) / loaded._deviation)
        plain_s = time.process_time() - began
    plain = torch.nn.functional.normalize(plain, dim=-1).numpy()
    report.add("a batch: CPU time, of float32's", own_s / plain_s)
    report.add("a batch: least cosine with float32's", float((rows * plain).sum(1).min()),
               "least", 0.995)  # fmt: skip


def folding(report: Report, folder: Path) -> None:
    """Count what folding saves on the labelled videos, and whether words still find their place."""
    from benchmarks.folding import measure

    measure(report, folder, TINY_MODEL)


def main() -> int:
    """Measure all of it; the exit status says whether the goals are met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--only", nargs="*", default=[*SIZES, "keys", "folding"])
    parser.add_argument("--seconds", type=int, default=60, help="of each video (60)")
    asked = parser.parse_args()
    report = Report(asked.json)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        model = model_by_lot(folder / "model.pt")
        precision(report, model)
        if "folding" in asked.only:
            folding(report, folder)
        for label in [label for label in SIZES if label in asked.only]:
            size = SIZES[label]
            video = draw(folder / f"{label}.mp4", size, asked.seconds, key_every=250)
            compare(report, folder, model, label, video)
        if "keys" in asked.only:
            keys = draw(folder / "keys.mp4", SIZES["1080p"], asked.seconds, key_every=FPS)
            compare_keyframes(report, folder, model, keys)
    return report.finish()


if __name__ == "__main__":
    sys.exit(main())
