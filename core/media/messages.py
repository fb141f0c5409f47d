"""What a program says on its standard error, read as it comes so that it never has to wait.

Of very much the first and the last are kept. Knows no ffmpeg and no sentence of its.
"""

from __future__ import annotations

import os
import threading
from typing import IO

START_BYTES = 256 * 1024  # of ffmpeg's messages: the file's facts come first
END_BYTES = 16 * 1024  # and what ended it comes last
_PIECE_BYTES = 1 << 16


class Messages:
    """The messages of one running program, in bounded memory."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._start, self._end = bytearray(), bytearray()
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    @property
    def text(self) -> str:
        """What was said so far; of very much, the first and the last."""
        return (self._start + self._end).decode("utf-8", "replace")

    def wait(self) -> None:
        """Wait until no more can come: until the program has ended."""
        self._listener.join()

    def close(self) -> None:
        """Wait, and let go of the stream. May be called again."""
        self.wait()
        self._stream.close()

    def _listen(self) -> None:
        while chunk := os.read(self._stream.fileno(), _PIECE_BYTES):
            room = START_BYTES - len(self._start)
            self._start += chunk[:room]
            self._end += chunk[room:]
            del self._end[:-END_BYTES]
