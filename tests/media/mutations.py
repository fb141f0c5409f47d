"""Small real videos of many containers, and ways of damaging them, the same ones each time.

Knows ffmpeg and bytes; knows nothing of Reelseek.
"""

from __future__ import annotations

import random
import struct
from collections.abc import Callable
from pathlib import Path

from tests.media.counter import ffmpeg

_FEW = ("-f", "lavfi", "-i", "testsrc2=size=64x48:rate=10:duration=1.5")
_TONE = ("-f", "lavfi", "-i", "sine=frequency=300:duration=1.5")
_X264 = ("-c:v", "libx264", "-preset", "ultrafast", "-bf", "2", "-g", "8", "-pix_fmt", "yuv420p")
_VP9 = ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-pix_fmt", "yuv420p")
_X265 = ("-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=error")
SOUND = {"mp4": "aac", "mkv": "libopus", "webm": "libopus", "avi": "pcm_s16le", "ts": "mp2"}

SEEDS: dict[str, tuple[str, ...]] = {
    "h264.mp4": _X264,
    "fragments.mp4": (*_X264, "-movflags", "frag_keyframe+empty_moov"),
    "first.mov": (*_X264, "-movflags", "+faststart"),
    "hevc.mkv": (*_X265, "-pix_fmt", "yuv420p"),
    "vp9.webm": _VP9,
    "mpeg4.avi": ("-c:v", "mpeg4"),
    "mpeg2.mpg": ("-c:v", "mpeg2video", "-bf", "2"),
    "h264.ts": _X264,
    "h264.flv": _X264,
    "wmv2.wmv": ("-c:v", "wmv2"),
    "theora.ogv": ("-c:v", "libtheora"),
    "prores.mov": ("-c:v", "prores_ks", "-profile:v", "0"),
    "mjpeg.avi": ("-c:v", "mjpeg"),
    "picture.gif": ("-c:v", "gif"),
    "ffv1.nut": ("-c:v", "ffv1"),
    "raw.h264": _X264,
}


def draw_seeds(folder: Path) -> dict[str, bytes]:
    """Make all of them; their bytes by name."""
    for name, encode in SEEDS.items():
        sound = SOUND.get(name.rsplit(".", 1)[1])
        with_sound = (*_TONE, "-c:a", sound) if sound else ()
        ffmpeg(*_FEW, *with_sound[: len(_TONE) if sound else 0], *encode,
               *with_sound[len(_TONE) :], str(folder / name))  # fmt: skip
    return {name: (folder / name).read_bytes() for name in SEEDS}


Lot = random.Random
Damage = Callable[[Lot, bytes, bytes], bytes]  # of a file, given another one
_EXTREMES = (0, 1, 7, 0xFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0xFFFFFFF0, 0x10000)


def _flip_bits(lot: Lot, data: bytes, _: bytes) -> bytes:
    damaged = bytearray(data)
    reach = len(data) if lot.random() < 0.5 else min(len(data), 2000)  # or the header alone
    for _n in range(lot.choice((1, 3, 10, 60, 400))):
        damaged[lot.randrange(reach)] ^= 1 << lot.randrange(8)
    return bytes(damaged)


def _cut_off(lot: Lot, data: bytes, _: bytes) -> bytes:
    return data[: lot.randrange(1, len(data))]


def _cut_out(lot: Lot, data: bytes, _: bytes) -> bytes:
    start, end = sorted(lot.randrange(len(data)) for _ in range(2))
    return data[:start] + data[end:]


def _splice(lot: Lot, data: bytes, other: bytes) -> bytes:
    """The beginning of one file, then another: a header that speaks of something else."""
    return data[: lot.randrange(8, min(len(data), 4000))] + other[lot.randrange(len(other)) :]


def _lie(lot: Lot, data: bytes, _: bytes) -> bytes:
    """Numbers where headers have their sizes, counts and times, made absurd."""
    damaged = bytearray(data)
    starts = [0, max(0, len(data) - 3000)]  # some indexes come last
    for _n in range(lot.choice((1, 2, 6, 20))):
        at = lot.choice(starts) + lot.randrange(min(3000, len(data) - 8))
        at = min(at, len(data) - 8)
        struct.pack_into(lot.choice((">I", "<I")), damaged, at, lot.choice(_EXTREMES))
    return bytes(damaged)


def _repeat(lot: Lot, data: bytes, _: bytes) -> bytes:
    start = lot.randrange(len(data))
    piece = data[start : start + lot.randrange(1, 2000)]
    return data[:start] + piece * lot.randrange(2, 200) + data[start:]


def _blank(lot: Lot, data: bytes, _: bytes) -> bytes:
    start = lot.randrange(len(data))
    n = min(len(data) - start, lot.randrange(1, 3000))
    return data[:start] + bytes([lot.choice((0, 0xFF))]) * n + data[start + n :]


def _noise(lot: Lot, data: bytes, _: bytes) -> bytes:
    start = lot.randrange(len(data))
    return data[:start] + lot.randbytes(lot.randrange(1, 4000)) + data[start:]


DAMAGES: tuple[Damage, ...] = (
    _flip_bits, _cut_off, _cut_out, _splice, _lie, _lie, _flip_bits, _repeat, _blank, _noise,
)  # fmt: skip
SUFFIXES = (".mp4", ".mkv", ".avi", ".m3u8", ".gif", ".sdp", "")


def mutated(number: int, seeds: dict[str, bytes]) -> tuple[str, bytes]:
    """Give damaged file number so-and-so: a name, mostly its own ending, and its bytes."""
    lot = random.Random(number)
    names = sorted(seeds)
    name, other = names[number % len(names)], lot.choice(names)
    damage = DAMAGES[number // len(names) % len(DAMAGES)]
    data = damage(lot, seeds[name], seeds[other])
    if lot.random() < 0.2:
        data = lot.choice(DAMAGES)(lot, data or b"\0" * 16, seeds[other])
    suffix = Path(name).suffix if lot.random() < 0.8 else lot.choice(SUFFIXES)
    kind = damage.__name__.strip("_").replace("_", " ")
    return f"{number} {kind} {Path(name).stem}{suffix}", data
