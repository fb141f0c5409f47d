"""Small files that ask for a lot: pixels, memory, frames, time; or for files that are not theirs.

Each function writes one file and returns its path. Knows formats; knows nothing of Reelseek.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from pathlib import Path

from tests.media.counter import X264, ffmpeg

_FILM = ("-f", "lavfi", "-i", "testsrc2=size=64x48:rate=10:duration=1")
MP4_PATH = (b"moov", b"trak", b"mdia", b"minf")  # to the boxes that say where the bytes are


def huge_gif(folder: Path, side_px: int = 65535) -> Path:
    """A GIF of a few bytes and four thousand million pixels."""
    path = folder / "huge.gif"
    size = struct.pack("<HH", side_px, side_px)
    header = b"GIF89a" + size + b"\xf0\x00\x00" + b"\x00\x00\x00\xff\xff\xff"
    frame = b"\x21\xf9\x04\x00\x0a\x00\x00\x00\x2c\0\0\0\0" + size + b"\x00\x02\x02\x4c\x01\x00"
    path.write_bytes(header + frame * 50 + b"\x3b")
    return path


def png_with_much_text(folder: Path, n_bytes: int = 1 << 28) -> Path:
    """A picture in Matroska whose comment unpacks to 256 MB."""
    plain, path = folder / "plain.png", folder / "text.mkv"
    ffmpeg(*_FILM, "-frames:v", "1", str(plain))
    packer, packed = zlib.compressobj(9), bytearray()
    for _ in range(n_bytes >> 20):
        packed += packer.compress(bytes(1 << 20))
    packed += packer.flush()
    body = b"zTXtbomb\0\0" + bytes(packed)
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    data = plain.read_bytes()
    plain.write_bytes(data[:33] + chunk + data[33:])  # after the signature and IHDR
    ffmpeg("-f", "png_pipe", "-i", str(plain), "-c", "copy", str(path))
    plain.unlink()
    return path


def _mp4(folder: Path) -> tuple[Path, bytearray]:
    path = folder / "film.mp4"
    ffmpeg(*_FILM, *X264, str(path))
    return path, bytearray(path.read_bytes())


def endless_mp4(folder: Path) -> Path:
    """Four thousand million frames, says its table of times."""
    path, data = _mp4(folder)
    struct.pack_into(">II", data, data.index(b"stts") + 12, 0xFFFFFFFF, 0x7FFFFFFF)
    path.write_bytes(data)
    return path


def many_samples_mp4(folder: Path) -> Path:
    """As many sizes of frames as fit into 32 bits, all the same."""
    path, data = _mp4(folder)
    struct.pack_into(">II", data, data.index(b"stsz") + 8, 1, 0xFFFFFFFF)
    path.write_bytes(data)
    return path


def ages_long_mkv(folder: Path) -> Path:
    """Ten frames, and a header that speaks of thousands of years."""
    path = folder / "ages.mkv"
    ffmpeg(*_FILM, *X264, str(path))
    data = bytearray(path.read_bytes())
    struct.pack_into(">d", data, data.index(b"\x44\x89\x88") + 3, 1e17)
    path.write_bytes(data)
    return path


def weeks_apart(folder: Path) -> Path:
    """Two frames of which the second comes after a month."""
    path = folder / "weeks.mkv"
    ffmpeg("-f", "lavfi", "-i", "testsrc2=size=64x48:rate=1:duration=2",
           "-vf", "setpts='N*2600000/TB'", "-fps_mode", "passthrough", *X264,
           "-enc_time_base", "1:1000", str(path))  # fmt: skip
    return path


def hours_apart(folder: Path) -> Path:
    """Two frames of which the second comes after three hours: a real, very slow recording."""
    path = folder / "hours.mkv"
    ffmpeg("-f", "lavfi", "-i", "testsrc2=size=64x48:rate=1:duration=2",
           "-vf", "setpts='N*10800/TB'", "-fps_mode", "passthrough", *X264,
           "-enc_time_base", "1:1000", str(path))  # fmt: skip
    return path


BOMBS: dict[str, Callable[[Path], Path]] = {
    "huge gif": huge_gif,
    "png with much text": png_with_much_text,
    "endless mp4": endless_mp4,
    "many samples mp4": many_samples_mp4,
    "ages long mkv": ages_long_mkv,
    "weeks apart": weeks_apart,
}


def external_mov(folder: Path, target: str) -> Path:
    """A QuickTime file whose pictures lie in another file, or on another host."""
    path = folder / "external.mov"
    ffmpeg(*_FILM, *X264, str(path))
    data = path.read_bytes()
    assert data.index(b"mdat") < data.index(b"moov"), "else the offsets of the samples would move"
    # An entry of type "url " that is not self-contained: flags 0, then the place.
    entry = b"url \0\0\0\0" + target.encode() + b"\0"
    dref = b"dref" + struct.pack(">II", 0, 1) + struct.pack(">I", len(entry) + 4) + entry
    path.write_bytes(_with_box(data, (*MP4_PATH, b"dinf", b"dref"), dref))
    return path


def alias_mov(folder: Path, target: str) -> Path:
    """The same by a Macintosh alias record, which ffmpeg follows if it is allowed to."""
    path = folder / "alias.mov"
    ffmpeg(*_FILM, *X264, str(path))
    name = target.encode()
    record = bytearray(150)
    record[50:51] = bytes([min(len(name), 63)])
    record[51 : 51 + min(len(name), 63)] = name[:63]
    record += struct.pack(">HH", 2, len(name)) + name + b"\0" * (len(name) % 2)
    record += struct.pack(">HH", 18, len(name)) + name + b"\0" * (len(name) % 2)
    record += struct.pack(">hH", -1, 0)
    entry = b"alis\0\0\0\0" + bytes(record)
    dref = b"dref" + struct.pack(">II", 0, 1) + struct.pack(">I", len(entry) + 4) + entry
    path.write_bytes(_with_box(path.read_bytes(), (*MP4_PATH, b"dinf", b"dref"), dref))
    return path


def _with_box(data: bytes, way: tuple[bytes, ...], body: bytes) -> bytes:
    """Replace the box at the end of this way from the top by another; sizes above it follow."""
    out, at = bytearray(), 0
    is_done = False
    while at + 8 <= len(data):
        size, kind = struct.unpack_from(">I4s", data, at)
        box = data[at : at + size]
        if kind == way[0] and not is_done:
            is_done = True
            inside = body[4:] if len(way) == 1 else _with_box(box[8:], way[1:], body)
            box = struct.pack(">I4s", len(inside) + 8, kind) + inside
        out += box
        at += size
    assert is_done, way
    return bytes(out)
