"""How near the stored vectors are to those of `clip` on the full frame at the same instant.

Run: python -m benchmarks.fidelity [--json] [--seconds 24] [--sizes 1080p 480p] [--model FILE]
[FOLDER]. Reelseek lets ffmpeg scale what it samples and
squeezes that into the model's square. Compared are the vectors of the full frame, decoded by
ffmpeg alone and brought to the square by Pillow in one step: squeezed, which is the framing in use,
and cut by `clip`'s own preprocessing, in float32. Both of the frame with exact colours, and with
those that players show where the video does not say how it codes them; the first also as moviepy
and others have it, whose quick conversion by ffmpeg is a level off, and far off where players take
such a video for BT.709. Videos are drawn, and those of FOLDER are taken.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import IO, Any

import numpy as np
from imageio_ffmpeg import get_ffmpeg_exe
from numpy.typing import NDArray
from PIL import Image

from benchmarks.plain_clip import plain_clip
from benchmarks.report import Report
from core.encoders.clip import ClipEncoder
from core.encoders.clip_module import import_clip
from core.errors import MediaError
from core.media import colour
from core.media.frames import Sampling, read_samples
from core.media.probe import probe
from tests.conftest import TINY_MODEL
from tests.films import Film, draw_film, scenes

Rows = NDArray[np.float32]
Picture = NDArray[np.uint8]

GOAL = 0.995  # the least cosine to the full frame, squeezed
SIZES = {"1080p": (1920, 1080), "480p": (854, 480)}
SCENES = (  # all equally long
    "red star/black, blue ring/gray, green square/brown, yellow cross/cyan, purple circle/black, "
    "white triangle/brown"
)
# How ffmpeg makes RGB of the decoded frame: exactly, and as it does unless told.
EXACT, QUICK = "accurate_rnd+full_chroma_int+full_chroma_inp", "bicubic"
_HD_LINES = 720
_MOST_FRAMES = 40  # of each video


def drawn(folder: Path, sizes: Sequence[str], seconds: int) -> list[Path]:
    """Draw two videos of so long in each of the sizes: shapes, and movement with grain."""
    found = scenes(SCENES, seconds_each=max(1, seconds // len(SCENES.split(","))))
    made = []
    for name, (width_px, height_px) in ((name, SIZES[name]) for name in sizes):
        film = Film(f"shapes {name}", found, (width_px, height_px), 24)
        size = f"{width_px}x{height_px}"
        made += [
            draw_film(film, folder),
            draw_grain(folder / f"grain {name}.mp4", size, seconds=seconds, scene_s=4),
        ]
    return made


def draw_grain(path: Path, size: str, *, seconds: int, scene_s: int) -> Path:
    """Draw a video of strong colours, movement and grain: other colours every `scene_s` seconds."""
    hue = f"hue=h='floor(t/{scene_s})*67'"
    half = f"drawbox=enable='lt(mod(t,{scene_s}),{scene_s / 2})':w=iw/2:h=ih:t=fill:color=gray"
    # As players take it, like real ones: else strong colours would be too strong to be shown.
    coded = "scale=in_color_matrix=bt601:out_color_matrix=bt709,setparams=colorspace=unknown"
    source = f"testsrc2=s={size}:r=30:d={seconds},{hue},{half},noise=alls=6:allf=t"
    source += f",{coded}" if int(size.split("x")[1]) >= _HD_LINES else ""
    command = [get_ffmpeg_exe(), "-nostdin", "-v", "error", "-y", "-f", "lavfi", "-i", source]
    command += ["-c:v", "libx264", "-preset", "veryfast", "-crf", "26", "-pix_fmt", "yuv420p"]
    subprocess.run([*command, "-g", "250", "-bf", "0", str(path)], check=True)  # noqa: S603
    return path


def every_s(duration_s: float) -> float:
    """Say how far apart the frames are that are compared."""
    return max(1.0, float(round(duration_s / _MOST_FRAMES)))


def sampled(path: Path, size_px: int) -> list[Picture]:
    """Give the frames as indexing sees them: uint8 RGB, `size_px` on the short side."""
    facts = probe(path)
    sampling = Sampling(every_s(facts.duration_s), "exact")
    with read_samples(facts, path, sampling, size_px=size_px) as samples:
        return [sample.frame for sample in islice(samples, _MOST_FRAMES)]


def full(path: Path, n: int, flags: str = EXACT) -> Iterator[Picture]:
    """Yield the first `n` full frames of the same instants, as plain ffmpeg decodes them.

    Told, for the exact ones, which colours players take them for: that is what a person sees.
    """
    facts = probe(path)
    told = colour.told(path, facts) if flags == EXACT else []
    every = f"fps=1/{every_s(facts.duration_s):g}:round=up:start_time=0"
    picked = ",".join([every, *told, f"scale=flags={flags}"])
    command = [get_ffmpeg_exe(), "-nostdin", "-v", "error", "-i", str(path), "-map", "0:V:0"]
    command += ["-vf", picked, "-frames:v", str(n), "-pix_fmt", "rgb24"]
    command += ["-c:v", "ppm", "-f", "image2pipe", "pipe:1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as ffmpeg:  # noqa: S603 - our own words
        assert ffmpeg.stdout is not None  # noqa: S101 - it was asked for
        while (picture := _read(ffmpeg.stdout)) is not None:
            yield picture


def _read(pipe: IO[bytes]) -> Picture | None:
    """Read one picture in the format PPM, which says its size."""
    if not pipe.readline():
        return None
    width_px, height_px = map(int, pipe.readline().split())
    pipe.readline()
    pixels = np.frombuffer(pipe.read(width_px * height_px * 3), np.uint8)
    return pixels.reshape(height_px, width_px, 3)


def squeezed(picture: Picture, side_px: int) -> Picture:
    """Squeeze a picture into a square, in one step of Pillow."""
    shrunk = Image.fromarray(picture).resize((side_px, side_px), Image.Resampling.BICUBIC)
    return np.asarray(shrunk)


def measure(report: Report, path: Path, model: Path, name: str) -> None:
    """Compare the vectors of one video's frames, as indexing makes them, with the two others."""
    whole, centre = (ClipEncoder(str(model), one, device="cpu") for one in ("whole", "centre"))
    side_px = whole.input_px
    samples = sampled(path, side_px)
    squares, tensors = _baselines(path, side_px, len(samples))
    own, cut = (encoder.encode_images(samples)[:, 0] for encoder in (whole, centre))
    plain_model = plain_clip(model)
    plain, clips = (_in_float32(plain_model, one) for one in (_as_tensors(squares), tensors))
    quick = [squeezed(frame, side_px) for frame in full(path, len(samples), QUICK)]
    report.add(f"{name}: frames", len(samples))
    _cosines(report, f"{name}: to the full frame, squeezed", own, plain, GOAL)
    quick_rows = _in_float32(plain_model, _as_tensors(quick))
    _cosines(report, f"{name}: to the same with quick colours", own, quick_rows)
    _cosines(report, f"{name}: framing centre, to clip's own preprocessing", cut, clips)
    _cosines(report, f"{name}: to clip's own preprocessing, which cuts", own, clips)
    others = own @ own.T
    report.add(f"{name}: of two different frames, on average", _mean_of_others(others))


def _baselines(path: Path, side_px: int, n: int) -> tuple[list[Picture], list[object]]:
    """Give the full frames squeezed, and as `clip` prepares them, holding one in memory."""
    import_clip()
    from clip.clip import _transform

    prepare, squares, tensors = _transform(side_px), [], []
    for picture in full(path, n):
        squares.append(squeezed(picture, side_px))
        tensors.append(prepare(Image.fromarray(picture)))
    return squares, tensors


def _as_tensors(squares: Sequence[Picture]) -> list[object]:
    """Prepare squares as `clip` does: nothing is left to be scaled or cut."""
    from clip.clip import _transform

    prepare = _transform(squares[0].shape[0])
    return [prepare(Image.fromarray(square)) for square in squares]


def _in_float32(model: Any, tensors: Sequence[object]) -> Rows:
    import torch

    with torch.inference_mode():
        rows = model.encode_image(torch.stack(list(tensors)))  # type: ignore[arg-type]
        unit: Rows = torch.nn.functional.normalize(rows.float(), dim=-1).numpy()
    return unit


def _cosines(report: Report, name: str, one: Rows, other: Rows, goal: float | None = None) -> None:
    cosines = np.sum(one * other, axis=1)
    report.add(f"{name}, least cosine", float(cosines.min()), "least", goal)
    report.add(f"{name}, mean cosine", float(cosines.mean()))


def _mean_of_others(cosines: NDArray[np.float32]) -> float:
    n = len(cosines)
    return float((cosines.sum() - np.trace(cosines)) / max(1, n * n - n))


def videos_of(report: Report, folder: Path) -> list[Path]:
    """List the videos of a folder that can be compared; those of high dynamic range cannot."""
    found = []
    for path in sorted(folder.rglob("*")):
        with suppress(MediaError):
            if path.is_file() and not colour.tone_mapping(path, probe(path)):
                found.append(path)
    report.note(f"{len(found)} videos in {folder}")
    return found


class Asked(argparse.Namespace):
    """The options."""

    json: bool
    seconds: int
    sizes: list[str]
    model: Path | None
    folder: Path | None


def options() -> Asked:
    """Read them from the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fidelity", description=__doc__)
    parser.add_argument("--json", action="store_true", help="a list of {name, value, goal, ok}")
    parser.add_argument(
        "--seconds", type=int, default=24, help="of each video drawn; a multiple of 6 (24)"
    )
    parser.add_argument("--sizes", nargs="+", choices=SIZES, default=list(SIZES))
    parser.add_argument("--model", type=Path, help="a checkpoint of CLIP (the tiny, one by lot)")
    parser.add_argument("folder", nargs="?", type=Path, help="of videos to be measured as well")
    return parser.parse_args(namespace=Asked())


def models(folder: Path, given: Path | None) -> dict[str, Path]:
    """Give the model that was named, or the two that are here for everybody."""
    if given is not None:
        return {given.stem: given}
    from benchmarks.indexing import model_by_lot  # which may measure with this module

    return {"tiny CLIP": TINY_MODEL, "ViT-B/32 by lot": model_by_lot(folder / "model.pt")}


def measure_all(report: Report, folder: Path, asked: Asked) -> None:
    """Compare on drawn videos, made in `folder`, and on those of the folder given, if any."""
    videos = drawn(folder, asked.sizes, asked.seconds)
    videos += videos_of(report, asked.folder) if asked.folder else []
    for label, model in models(folder, asked.model).items():
        for path in videos:
            measure(report, path, model, f"{label}, {path.name}")


def main() -> int:
    """Measure all of it; the exit status says whether the goals are met."""
    asked = options()
    report = Report(asked.json)
    with tempfile.TemporaryDirectory() as name:
        measure_all(report, Path(name), asked)
    return report.finish()


if __name__ == "__main__":
    sys.exit(main())
