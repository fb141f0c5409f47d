"""Small pictures of a whole video on few sheets, for a player to show while somebody seeks.

Arrays in, JPEG out; knows no library and no file.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from core.media.stills import jpeg
from core.model import Sheet

TILE_SIDE_PX = 128  # the long one
COLUMNS, ROWS = 8, 8
_MOST_TILES = 512  # longer videos have them farther apart


class Storyboard:
    """Collects tiles into sheets. Add every sample in the order of time; then `finish`."""

    def __init__(self, duration_s: float, every_s: float) -> None:
        n_samples = max(1.0, duration_s / every_s)
        self.every_s = every_s * math.ceil(n_samples / _MOST_TILES)
        self._next_s = 0.0
        self._start_s = 0.0
        self._tiles: list[NDArray[np.uint8]] = []

    def add(self, time_s: float, frame: NDArray[np.uint8]) -> Iterator[Sheet]:
        """Take a frame, uint8 RGB (height, width, 3); yields a sheet when one is full."""
        while time_s + 1e-6 >= self._next_s:  # where key frames are missing, one stands for more
            if not self._tiles:
                self._start_s = self._next_s
            self._tiles.append(_tile(frame))
            self._next_s += self.every_s
            if len(self._tiles) == COLUMNS * ROWS:
                yield self._sheet()

    def finish(self) -> Iterator[Sheet]:
        """Yield what is left."""
        if self._tiles:
            yield self._sheet()

    def _sheet(self) -> Sheet:
        height_px, width_px, _ = self._tiles[0].shape
        n_rows = math.ceil(len(self._tiles) / COLUMNS)
        sheet = np.zeros((n_rows * height_px, COLUMNS * width_px, 3), np.uint8)
        for n, tile in enumerate(self._tiles):
            y_px, x_px = n // COLUMNS * height_px, n % COLUMNS * width_px
            sheet[y_px : y_px + height_px, x_px : x_px + width_px] = tile
        n_tiles, self._tiles = len(self._tiles), []
        return Sheet(
            start_s=self._start_s, every_s=self.every_s, n_tiles=n_tiles, columns=COLUMNS,
            tile_width_px=width_px, tile_height_px=height_px, jpeg=jpeg(sheet, quality=70),
        )  # fmt: skip


def _tile(frame: NDArray[np.uint8]) -> NDArray[np.uint8]:
    from PIL import Image  # noqa: PLC0415 - only where frames are at hand

    height_px, width_px = frame.shape[:2]
    scale = TILE_SIDE_PX / max(height_px, width_px)
    size = (max(1, round(width_px * scale)), max(1, round(height_px * scale)))
    shrunk = Image.fromarray(frame).resize(size, Image.Resampling.BILINEAR, reducing_gap=1.0)
    return np.asarray(shrunk)
