"""H.264 written bit by bit, some of whose key frames are pairs of fields, as broadcasts have them.

The bundled encoder knows no such pictures. By Rec. ITU-T H.264: whole macroblocks of plain samples
(I_PCM) or skipped ones, 64 x 64 pixels. ffmpeg takes each field for a packet of its own, of which
the first alone is marked as a key.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

from imageio_ffmpeg import get_ffmpeg_exe

FPS = 25
_WIDTH, _FIELD_HEIGHT = 4, 2  # in macroblocks
_DELIMITER = b"\0\0\0\1\x09\xf0"
_I_SLICE, _P_SLICE = 7, 5
_SPS, _PPS, _KEY, _OTHER = 0x67, 0x68, 0x65, 0x61  # the first byte of what follows


class _Bits:
    """Bits one after another: numbers of fixed length, and Exp-Golomb codes (9.1)."""

    def __init__(self) -> None:
        self._bits = ""

    def fixed(self, *numbers: tuple[int, int]) -> _Bits:
        """Add pairs of length and number."""
        self._bits += "".join(format(number, f"0{length}b") for length, number in numbers)
        return self

    def flags(self, flags: str) -> _Bits:
        self._bits += flags
        return self

    def codes(self, *numbers: int) -> _Bits:
        for number in numbers:
            code = format(number + 1, "b")
            self._bits += "0" * (len(code) - 1) + code
        return self

    def plain_macroblocks(self, kind: int, n: int, grey: int) -> _Bits:
        """Add macroblocks of this one grey, each after its type."""
        for _ in range(n):
            self.codes(*([0, kind] if kind == 30 else [kind]))  # in P slices, after a run of none
            self._bits += "0" * (-len(self._bits) % 8)
            self._bits += format(grey, "08b") * 256 + format(128, "08b") * 128
        return self

    def unit(self, first: int) -> bytes:
        """Give all of it as a unit of the stream (7.3.1), nothing in it like a start code."""
        bits = self._bits + "1"
        bits += "0" * (-len(bits) % 8)
        out, n_zeros = bytearray(), 0
        for byte in int(bits, 2).to_bytes(len(bits) // 8):
            if n_zeros >= 2 and byte <= 3:
                out.append(3)
                n_zeros = 0
            out.append(byte)
            n_zeros = 0 if byte else n_zeros + 1
        return b"\0\0\0\1" + bytes([first]) + bytes(out)


def _headers() -> bytes:
    sps = _Bits().fixed((8, 77), (8, 0), (8, 30)).codes(0, 4, 2, 2).flags("0")
    sps.codes(_WIDTH - 1, _FIELD_HEIGHT - 1).flags("0010" + "1" + "00001")
    sps.fixed((32, 1), (32, 2 * FPS)).flags("10000")
    pps = _Bits().codes(0, 0).flags("00").codes(0, 0, 0).flags("000").codes(0, 0, 0).flags("100")
    return sps.unit(_SPS) + pps.unit(_PPS)


def _slice(number: int, fields: str, *, is_key: bool, is_intra: bool, of: int) -> _Bits:
    """Begin a slice; `fields` is "0" for a whole picture, "10" and "11" for its two fields."""
    bits = _Bits().codes(0, _I_SLICE if is_intra else _P_SLICE, 0).fixed((8, number)).flags(fields)
    if is_key:
        bits.codes(of % 2)
    bits.flags(("" if is_intra else "00") + ("00" if is_key else "0"))
    return bits.codes(0, 1)


def _whole(number: int, grey: int | None, of: int) -> bytes:
    is_key, n = grey is not None, 2 * _WIDTH * _FIELD_HEIGHT
    bits = _slice(number, "0", is_key=is_key, is_intra=is_key, of=of)
    if grey is None:
        return bits.codes(n).unit(_OTHER)
    return bits.plain_macroblocks(25, n, grey).unit(_KEY)


def _pair(grey: int, of: int) -> bytes:
    """Give a key frame as a field that is one, and one that is not."""
    n = _WIDTH * _FIELD_HEIGHT
    first = _slice(0, "10", is_key=True, is_intra=True, of=of).plain_macroblocks(25, n, grey)
    second = _slice(0, "11", is_key=False, is_intra=False, of=of).plain_macroblocks(30, n, grey)
    return first.unit(_KEY) + _DELIMITER + second.unit(_OTHER)


def draw_field_pairs(path: Path, *, seconds: int, pairs_from_s: int) -> Path:
    """Write a video with a key frame each second, brighter each time; every second one is a pair.

    Pairs begin at `pairs_from_s`: of what comes before nothing tells that they will.
    """
    stream = b""
    for second in range(seconds):
        grey, is_pair = 20 + 3 * second, second >= pairs_from_s and second % 2 == 1
        stream += _DELIMITER + _headers()
        stream += _pair(grey, second) if is_pair else _whole(0, grey, second)
        stream += b"".join(_DELIMITER + _whole(n, None, second) for n in range(1, FPS))
    raw = path.with_suffix(".h264")
    raw.write_bytes(stream)
    command = [get_ffmpeg_exe(), "-nostdin", "-v", "error", "-y", "-r", str(FPS), "-i", str(raw)]
    subprocess.run([*command, "-c", "copy", str(path)], check=True)
    return path
