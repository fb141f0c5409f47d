"""The only place that starts ffmpeg, and what it may do: read one file, of a real container format.

An uploaded file is hostile until shown otherwise. A playlist can name other files and hosts, so
ffmpeg gets no protocol but `file` and `pipe`, and no format that refers to anything outside itself.
What it writes is read with limits on time and amount. Knows no codecs and no pictures.
"""

from __future__ import annotations

import contextlib
import os
import re
import selectors
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, NamedTuple

from core.errors import MediaLimitError, ToolError
from core.media import bounds
from core.media.complaints import missing_ffmpeg, too_slow, unstartable
from core.media.messages import Messages

# Demuxers by ffmpeg's own names; the second line holds sound only, so that a song can be called
# that. Not among them, on purpose: concat, hls, dash, imf, image2, lavfi, sdp, rtsp.
FORMATS = (
    "3gp,asf,avi,dv,flv,gif,h264,hevc,ivf,m4v,matroska,mj2,mov,mp4,mpeg,mpegts,mpegvideo,mxf,nut,ogg,"
    "rm,webm,wtv,yuv4mpegpipe,"
    "aac,ac3,aiff,flac,mp3,w64,wav"
)
MAX_PIXELS = 8192 * 8192  # a frame; 8K is half of it, and each thread holds several
MAX_MEMORY_BYTES = 8 << 30  # of addresses; a small file can unpack to any amount
MAX_THREADS = 4  # each holds frames of its own, and a page wants to answer meanwhile
_PIECE_BYTES = 1 << 20  # of output at once; pipes hold less
_LOOK_S = 0.5  # between two looks whether a wait still has a sense


class Finished(NamedTuple):
    """What ffmpeg wrote to its standard output, and what it said."""

    output: bytes
    said: str


def ffmpeg() -> str:
    """Give the path of the ffmpeg that comes inside imageio-ffmpeg.

    Raises:
        ToolError: there is none for this machine.
    """
    import imageio_ffmpeg  # noqa: PLC0415 - looks for the program on disk when imported

    try:
        return str(imageio_ffmpeg.get_ffmpeg_exe())
    except RuntimeError as error:
        raise missing_ffmpeg(error) from error


def ffmpeg_version() -> str:
    """Say which ffmpeg it is, such as "7.0.2".

    Raises:
        ToolError: it is missing or cannot start.
    """
    with Job(["-version"]) as job:
        said = job.read_all(max_bytes=1 << 20, limit_s=20)
    found = re.search(rb"ffmpeg version (\S+)", said)
    if job.code != 0 or not found:
        raise ToolError(
            f"ffmpeg at {ffmpeg()} does not run: {job.said.strip()[-200:] or 'it says nothing'}. "
            "Reinstall imageio-ffmpeg."
        )
    return found[1].decode(errors="replace")


def reading(path: Path, *, of_threads: float = 1.0) -> list[str]:
    """Give the arguments that open one file for reading, and nothing else.

    The format is found from the file's bytes; neither its name nor anybody's wish chooses it.
    `of_threads`: the share of the usual number of threads to decode with; at least one does.
    """
    threads = max(1, int(of_threads * min(MAX_THREADS, os.cpu_count() or 1)))
    return [
        "-protocol_whitelist", "file,pipe", "-format_whitelist", FORMATS,
        # Where the size changes half-way (television, calls), new filters would count from 0 again.
        "-reinit_filter", "0",
        "-max_pixels", str(MAX_PIXELS), "-threads", str(threads), "-i", address(path),
    ]  # fmt: skip


def address(path: Path) -> str:
    """Name a file so that no character of its name means anything to ffmpeg."""
    return f"file:{path.absolute()}"


def run(arguments: Sequence[str], *, limit_s: float, max_bytes: int = 1 << 20) -> Finished:
    """Run ffmpeg to its end, whatever that is: most questions are answered even when it fails.

    Raises:
        MediaLimitError: it was not done in time or wrote more than `max_bytes`; it is killed.
    """
    with Job(arguments) as job:
        output = job.read_all(max_bytes=max_bytes, limit_s=limit_s)
    return Finished(output, job.said)


class Job:
    """One running ffmpeg. Leaving the context ends it, and so does the death of this process.

    Standard output is read by the caller, who says how long to wait; messages are drained aside
    and kept in bounded memory, so that ffmpeg never waits for somebody to read them.
    """

    def __init__(self, arguments: Sequence[str]) -> None:
        program = ffmpeg()
        try:
            started = bounds.start([program, "-nostdin", "-hide_banner", *arguments])
        except OSError as error:
            raise unstartable(program, error) from error
        self.process, self._tether = started
        bounds.bound_memory(self.process.pid, MAX_MEMORY_BYTES)
        assert self.process.stdout is not None  # noqa: S101 - both were asked for above
        assert self.process.stderr is not None  # noqa: S101
        self._output: IO[bytes] = self.process.stdout
        self._messages = Messages(self.process.stderr)
        self._is_ready = selectors.DefaultSelector()
        self._is_ready.register(self._output, selectors.EVENT_READ)
        self._is_late = self._is_closed = False

    def __enter__(self) -> Job:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def said(self) -> str:
        """Its messages; of very many, the first and the last."""
        return self._messages.text

    @property
    def code(self) -> int | None:
        """Its exit code; None while it runs, negative for the signal that killed it."""
        return self.process.poll()

    def read(self, n_bytes: int, *, limit_s: float) -> bytes:
        """Read exactly `n_bytes`, or fewer at the end of its output.

        Raises:
            MediaLimitError: they did not come within `limit_s`.
        """
        with self._patience(limit_s):
            return self._output.read(n_bytes)

    def read_some(self, *, limit_s: float) -> bytes:
        """Read whatever has come; b"" at the end. Cheaper than `read`; not to be mixed with it.

        Raises:
            MediaLimitError: nothing came within `limit_s`.
        """
        left_s = limit_s
        # By pieces: who closes from another thread may have taken the pipe away before this one
        # was told of its end, and then nothing would ever come.
        while not self._is_ready.select(min(left_s, _LOOK_S)):
            left_s -= _LOOK_S
            if self._is_closed:
                return b""
            if left_s <= 0:
                self.process.kill()
                raise too_slow(limit_s)
        return os.read(self._output.fileno(), _PIECE_BYTES)

    def read_all(self, *, max_bytes: int, limit_s: float) -> bytes:
        """Read its whole output and wait for its end.

        Raises:
            MediaLimitError: it took longer than `limit_s`, or wrote more than `max_bytes`.
        """
        with self._patience(limit_s):
            output = self._output.read(max_bytes + 1)
            if len(output) > max_bytes:
                raise MediaLimitError(
                    f"Reading the file gave more than {max_bytes:,} bytes and was stopped. "
                    "Convert it to H.264 in MP4 and add that."
                )
            self.process.wait()
            self._messages.wait()
        return output

    def lines(self, *, limit_s: float) -> Iterator[str]:
        """Give its output by lines as they come. Raises as `read_some` does."""
        begun = b""
        while piece := self.read_some(limit_s=limit_s):
            *whole, begun = (begun + piece).split(b"\n")
            yield from map(_text, whole)
        if begun:
            yield _text(begun)

    def wait(self, *, limit_s: float) -> int:
        """Wait for its end and give its exit code.

        Raises:
            MediaLimitError: it did not end within `limit_s`.
        """
        with self._patience(limit_s):
            code = self.process.wait()
            self._messages.wait()
        return code

    def close(self) -> None:
        """Kill it if it runs, and let go of everything it held. May be called again."""
        self._is_closed = True
        self.process.kill()
        self.process.wait()
        self._messages.close()
        self._is_ready.close()
        self._output.close()
        self._tether.close()

    @contextlib.contextmanager
    def _patience(self, limit_s: float) -> Iterator[None]:
        """Kill it if the block takes longer: its pipes then end, and the block with them."""
        watch = threading.Timer(limit_s, self._give_up)
        watch.daemon = True
        watch.start()
        try:
            yield
        finally:
            watch.cancel()
        if self._is_late:
            raise too_slow(limit_s)

    def _give_up(self) -> None:
        self._is_late = True
        self.process.kill()


def _text(line: bytes) -> str:
    return line.decode("utf-8", "replace").rstrip()
