"""The ways to index a video that `benchmarks.indexing` compares, and the videos that it draws.

Each way runs in a fresh process, and is told in seconds, CPU seconds of it and its children, and
frames that the model saw.
"""

from __future__ import annotations

import multiprocessing
import resource
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from imageio_ffmpeg import get_ffmpeg_exe

SIZES = {"480p": "854x480", "1080p": "1920x1080", "4K": "3840x2160"}
FPS = 30
SAMPLED_PX = 224
_SHOTS_S = (9.7, 10.4, 9.6, 10.3)  # of an edited video
_PIECE_S = 20  # so much is drawn; longer videos repeat it, as drawing costs more than all else


class Cost(NamedTuple):
    """What one run of a way took."""

    wall_s: float
    cpu_s: float
    n_frames: int


def draw(path: Path, size: str, seconds: int, *, key_every: int, fps: int = FPS) -> Path:
    """Draw a video: movement and grain, a new picture every ten seconds, as H.264.

    No two of its frames are alike but those of its repetitions, `_PIECE_S` apart.
    """
    piece_s = min(_PIECE_S, seconds)
    half = f"drawbox=enable='lt(mod(t,{_PIECE_S}),{_PIECE_S / 2})':w=iw/2:h=ih:t=fill:color=gray"
    source = f"testsrc2=s={size}:r={fps}:d={piece_s},{half},noise=alls=6:allf=t"
    piece = path.with_name(f"piece of {path.name}")
    _ffmpeg(
        "-f", "lavfi", "-i", source, "-c:v", "libx264", "-preset", "veryfast", "-crf", "26",
        "-pix_fmt", "yuv420p", "-g", str(key_every), "-bf", "0", str(piece),
    )  # fmt: skip
    return _repeated(piece, path, seconds)


def draw_edited(path: Path, size: str, seconds: int, *, key_every: int, fps: int = FPS) -> Path:
    """Draw a video of shots of ten seconds, in which every second one stands still, with grain.

    Key frames come at a fixed distance, as cameras and streams have them, and at no cut.
    """
    share = min(1.0, seconds / sum(_SHOTS_S))
    look = [f"s={size}:r={fps}:d={share * length_s}" for length_s in _SHOTS_S]
    shots = [f"testsrc2={look[0]}", f"smptehdbars={look[1]}", f"testsrc2={look[2]},negate,hflip",
             f"pal75bars={look[3]}"]  # fmt: skip
    named = [f"{shot},format=yuv420p,setsar=1[{n}]" for n, shot in enumerate(shots)]
    joined = "".join(f"[{n}]" for n in range(len(shots))) + f"concat=n={len(shots)}"
    piece = path.with_name(f"piece of {path.name}")
    _ffmpeg(
        "-filter_complex", ";".join([*named, f"{joined},noise=alls=6:allf=t"]), "-c:v", "libx264",
        "-preset", "veryfast", "-crf", "26", "-g", str(key_every), "-keyint_min", str(key_every),
        "-sc_threshold", "0", "-bf", "0", str(piece),
    )  # fmt: skip
    return _repeated(piece, path, seconds)


def _repeated(piece: Path, path: Path, seconds: int) -> Path:
    _ffmpeg("-stream_loop", "-1", "-i", str(piece), "-c", "copy", "-t", str(seconds), str(path))
    piece.unlink()
    return path


def _ffmpeg(*arguments: str) -> None:
    command = [get_ffmpeg_exe(), "-nostdin", "-v", "error", "-y", *arguments]
    subprocess.run(command, check=True)  # noqa: S603 - our own command


def model_by_lot(path: Path) -> Path:
    """Save a model of the shape of ViT-B/32."""
    import torch

    from core.encoders.clip_module import import_clip

    import_clip()
    from clip.model import CLIP

    torch.manual_seed(0)
    torch.save(CLIP(512, 224, 12, 768, 32, 77, 49408, 512, 8, 12).state_dict(), path)
    return path


def timed(way: Callable[..., int], *arguments: object) -> Cost:
    """Run a way in a fresh process; the loading of the model is not counted."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_timed, (way, *arguments))


def _timed(way: Callable[..., int], model: Path, *arguments: object) -> Cost:
    from benchmarks.plain_clip import plain_clip
    from core.encoders.clip import ClipEncoder

    black = [np.zeros((SAMPLED_PX, SAMPLED_PX, 3), np.uint8)] * 2
    encoder: object
    if way in (notebook, all_frames):
        encoder = plain_clip(model)
        _as_clip_does(encoder, black)
    else:
        encoder = ClipEncoder(str(model), device="cpu")
        encoder.encode_images(black)
    began, cpu = time.perf_counter(), cpu_s()
    n_frames = way(encoder, *arguments)
    return Cost(time.perf_counter() - began, cpu_s() - cpu, n_frames)


def cpu_s() -> float:
    """Give the CPU seconds that this process and its ended children have used."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def reelseek(encoder: object, video: Path, data: Path, every_s: float, mode: str) -> int:
    """Index as Reelseek does, into its database; the frames that the model saw."""
    from core.bootstrap import open_app
    from core.settings import Settings

    settings = Settings(data=data, every_s=every_s, sampling=mode)  # type: ignore[arg-type]
    app, seen = open_app(settings, encoder=encoder), []  # type: ignore[arg-type]
    encode = encoder.encode_images  # type: ignore[attr-defined]
    encoder.encode_images = lambda images: seen.append(len(images)) or encode(images)  # type: ignore[attr-defined]
    video_id = app.intake.add_file(video).video.video_id
    app.worker().drain([video_id])
    app.close()
    return sum(seen)


def bound(encoder: object, video: Path, n_frames: int) -> int:
    """Do what nobody can leave out: decode, and encode so many frames of the sampled size."""
    decode = [get_ffmpeg_exe(), "-nostdin", "-v", "error", "-i", str(video), "-map", "0:v"]
    subprocess.run([*decode, "-f", "null", "-"], check=True)  # noqa: S603 - our own command
    shape = (32, SAMPLED_PX, SAMPLED_PX * 16 // 9, 3)
    frames = list(np.random.default_rng(0).integers(0, 255, shape, np.uint8))
    for start in range(0, n_frames, 32):
        encoder.encode_images(frames[: min(32, n_frames - start)])  # type: ignore[attr-defined]
    return n_frames


def notebook(model: object, video: Path) -> int:
    """Do as ApertureDB's notebook: moviepy's frames, CLIP's preprocessing, one image at a time."""
    from moviepy import VideoFileClip

    n = 0
    with VideoFileClip(str(video), audio=False) as clip:
        for frame in clip.iter_frames(fps=1):
            _as_clip_does(model, [frame])
            n += 1
    return n


def all_frames(model: object, video: Path) -> int:
    """Do as clip-video-encode: every frame comes into Python; each thirtieth, in batches."""
    n = 0
    for batch in _batches(video):
        _as_clip_does(model, batch)
        n += len(batch)
    return n


def _batches(video: Path) -> Iterator[list[np.ndarray]]:
    from moviepy import VideoFileClip

    kept: list[np.ndarray] = []
    with VideoFileClip(str(video), audio=False) as clip:
        for n, frame in enumerate(clip.iter_frames()):
            if n % FPS == 0:
                kept.append(frame)
            if len(kept) == 32:
                yield kept
                kept = []
    if kept:
        yield kept


def _as_clip_does(model: Any, frames: Sequence[np.ndarray]) -> None:
    """Preprocess and encode as `clip` itself does, in float32."""
    import torch
    from clip.clip import _transform
    from PIL import Image

    prepare = _transform(SAMPLED_PX)
    with torch.inference_mode():
        model.encode_image(torch.stack([prepare(Image.fromarray(frame)) for frame in frames]))
