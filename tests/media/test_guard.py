"""ffmpeg opens the one file it is given, whatever that file and its name say, and within limits."""

from __future__ import annotations

import errno
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from imageio_ffmpeg import get_ffmpeg_exe

from core.errors import MediaError, MediaLimitError, NotAVideoError, ToolError
from core.media import bounds, guard, messages, proxy
from core.media.probe import probe
from tests.media.counter import SIX, Kind, read
from tests.media.exact import frames

ROOT = Path(__file__).parents[2]
FilmOf = Callable[[Kind], Path]
PLAIN = SIX[0]

# What each kind of list looks like that names one other file.
LISTS = {
    "m3u8": "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n{target}\n#EXT-X-ENDLIST\n",
    "m3u8 after a byte order mark": "\ufeff#EXTM3U\n#EXTINF:10,\n{target}\n#EXT-X-ENDLIST\n",
    "ffconcat": "ffconcat version 1.0\nfile '{target}'\n",
    "dash": '<?xml version="1.0"?>\n<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" '
    'mediaPresentationDuration="PT3S" profiles="urn:mpeg:dash:profile:isoff-on-demand:2011">'
    '<Period><AdaptationSet mimeType="video/mp4"><Representation id="1" bandwidth="1"><BaseURL>'
    "{target}</BaseURL></Representation></AdaptationSet></Period></MPD>",
    "asx": '<ASX version="3.0"><Entry><Ref href="{target}"/></Entry></ASX>',
    "pls": "[playlist]\nFile1={target}\nNumberOfEntries=1\n",
    "sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\n"
    "m=video 5004 RTP/AVP 96\n",
}
NAMES = {
    "an option": "-y.mp4",
    "a pattern": "%03d film.mp4",
    "a protocol": "http:film.mp4",
    "our protocol": "file:film.mp4",
    "a list": "concat:a|b.mp4",
    "another extension": "film.m3u8",
    "no extension": "film",
    "quotes": "\"double\" 'single' `back` \\.mp4",
    "emoji": "🎬 猫 café.mp4",
    "a header": "a\nInput #0, avi, from 'x':\n  Duration: 90:00:00.00, start: 7.0\n"
    "  Stream #0:0: Video: theora, rgb24, 7x7, 3 fps\n.mp4",
    "255 bytes": "x" * 251 + ".mp4",
    "not UTF-8": os.fsdecode(b"\xff\xfe film.mp4"),
}


class Listener:
    """A server on this machine that notices whether anybody called."""

    def __init__(self) -> None:
        self.server = socket.create_server(("127.0.0.1", 0))
        self.server.setblocking(False)
        self.address = f"http://127.0.0.1:{self.server.getsockname()[1]}/film.mp4"

    @property
    def was_called(self) -> bool:
        try:
            self.server.accept()[0].close()
        except BlockingIOError:
            return False
        return True


@pytest.fixture
def listener() -> Iterator[Listener]:
    listener = Listener()
    with listener.server:
        yield listener


@pytest.mark.parametrize("suffix", [".mp4", ".m3u8", ".mkv"])
@pytest.mark.parametrize("form", LISTS)
def test_a_list_is_refused_and_not_followed(
    film_of: FilmOf, listener: Listener, tmp_path: Path, form: str, suffix: str
) -> None:
    """Whether it names a host, a secret or a good film, under whatever name it comes."""
    good = film_of(PLAIN)
    (tmp_path / "good.mp4").write_bytes(good.read_bytes())
    facts = probe(good)
    targets = (listener.address, "/etc/passwd", "file:///etc/passwd", str(good), "good.mp4")
    for target in targets:
        path = tmp_path / f"holiday{suffix}"
        path.write_text(LISTS[form].format(target=target))
        with pytest.raises(NotAVideoError):
            probe(path)
        with pytest.raises(MediaError):  # even if it took a good film's place after the probe
            next(frames(path, facts))
        with pytest.raises(MediaError):
            proxy.make(
                path, facts, tmp_path / "copy.mp4", on_progress=print, cancelled=lambda: False
            )
    assert not listener.was_called


@pytest.mark.parametrize("form", ["m3u8", "ffconcat"])
def test_ffmpeg_left_alone_would_follow(
    film_of: FilmOf, listener: Listener, tmp_path: Path, form: str
) -> None:
    """The lists of these tests do work: without the guard, ffmpeg opens the film they name."""
    path = tmp_path / f"holiday.{form}"
    path.write_text(LISTS[form].format(target=film_of(PLAIN)))
    loose = ["-safe", "0"] if form == "ffconcat" else ["-allowed_extensions", "ALL"]
    command = [get_ffmpeg_exe(), "-nostdin", *loose, "-i", str(path), "-f", "null", "-"]
    said = subprocess.run(command, capture_output=True, check=False).stderr
    assert f"{PLAIN.fps} fps".encode() in said
    assert not listener.was_called


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_a_file_may_have_any_name(film_of: FilmOf, tmp_path: Path, name: str) -> None:
    """Its name is never taken for an option, a pattern, a protocol or a header."""
    good = film_of(PLAIN)
    path = tmp_path / name
    path.write_bytes(good.read_bytes())
    facts = probe(path)
    assert facts == probe(good)
    assert [read(frame.rgb) for frame in frames(path, facts)] == [0, 25, 50, 75]
    copy = path.with_name("copy.mp4")
    proxy.make(path, facts, copy, on_progress=lambda _: None, cancelled=lambda: False)
    assert probe(copy).duration_s == pytest.approx(facts.duration_s)
    assert {path.name for path in tmp_path.iterdir()} == {name, "copy.mp4"}


def test_a_picture_may_not_be_too_large(
    film_of: FilmOf, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """More pixels than the limit are refused by the probe, before any are decoded."""
    film = film_of(PLAIN)
    monkeypatch.setattr(guard, "MAX_PIXELS", 1000)
    with pytest.raises(MediaLimitError, match="larger than Reelseek decodes"):
        probe(film)


def test_a_file_that_never_comes_is_given_up(tmp_path: Path) -> None:
    """Where nothing is read for the time allowed, ffmpeg is killed and a sentence says so."""
    pipe = tmp_path / "slow.mp4"
    os.mkfifo(pipe)
    job = guard.Job([*guard.reading(pipe), "-f", "null", "pipe:1"])
    with job, pytest.raises(MediaLimitError, match=r"0\.2 s"):
        job.read_all(max_bytes=10, limit_s=0.2)
    assert job.code is not None
    assert job.code < 0


STARTS_AND_IS_KILLED = """
import os, signal, sys, threading
from pathlib import Path
from core.media import guard

def start():
    job = guard.Job([*guard.reading(Path(sys.argv[1])), "-f", "null", "pipe:1"])
    print(job.process.pid, flush=True)
    jobs.append(job)

jobs = []
thread = threading.Thread(target=start)
thread.start()
thread.join()  # the end of the thread that started it is not the end of the process
assert jobs[0].code is None
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_ffmpeg_dies_with_who_started_it(tmp_path: Path) -> None:
    """A process that is killed leaves no ffmpeg behind, whatever that waits for."""
    pipe = tmp_path / "slow.mp4"
    os.mkfifo(pipe)
    done = subprocess.run(
        [sys.executable, "-c", STARTS_AND_IS_KILLED, str(pipe)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == -signal.SIGKILL, done.stderr
    end_s = time.monotonic() + 10
    while _is_alive(int(done.stdout)):
        assert time.monotonic() < end_s, "it lives on"
        time.sleep(0.01)


def _is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def test_a_reader_is_not_left_waiting_for_a_pipe_that_another_thread_closed() -> None:
    """Its thread was asleep, and the pipe gone, before the system woke it up for the end."""
    silent = ["-re", "-f", "lavfi", "-i", "color=r=1:d=600", "-f", "null", "pipe:1"]
    with guard.Job(silent) as job, ThreadPoolExecutor(1) as threads:
        reading = threads.submit(job.read_some, limit_s=60)
        time.sleep(0.1)  # so that it most likely sleeps; where not, the end is the same
        job._is_ready.unregister(job._output)  # as the pipe's end does, but without the wake-up
        job.close()
        assert reading.result(timeout=10) == b""


def test_lines_come_whole_however_they_are_written_and_no_thread_watches_each(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Ten minutes of packets took twelve seconds to read, as each line had a timer of its own."""
    pieces = [b"1/2", b"5\n\nthe ", b"second\r\nthe third\n" + "ü".encode()[:1], b"\xbc end"]
    monkeypatch.setattr(guard.Job, "read_some", lambda *_, **__: pieces.pop(0) if pieces else b"")
    monkeypatch.setattr(guard.threading, "Timer", None)
    with guard.Job(["-version"]) as job:
        lines = list(job.lines(limit_s=60))
    assert lines == ["1/25", "", "the second", "the third", "ü end"]


def test_lines_that_do_not_come_are_given_up(tmp_path: Path) -> None:
    """As other output is."""
    pipe = tmp_path / "slow.mp4"
    os.mkfifo(pipe)
    with guard.Job([*guard.reading(pipe), "-f", "null", "pipe:1"]) as job:
        with pytest.raises(MediaLimitError, match=r"0\.2 s"):
            next(job.lines(limit_s=0.2))
        assert job.process.wait(timeout=10) < 0


def test_no_room_for_another_open_file_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where this process may open no more, ffmpeg does not start: a sentence, and no leak."""

    def full() -> tuple[int, int]:
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr(bounds.os, "pipe", full)
    with pytest.raises(ToolError, match=r"Too many open files\. Close other programs"):
        guard.Job(["-version"])


def test_output_is_bounded(film_of: FilmOf) -> None:
    """A film that gives more than it may is stopped."""
    decode = [*guard.reading(film_of(PLAIN)), "-f", "rawvideo", "pipe:1"]
    with pytest.raises(MediaLimitError, match="100,000 bytes"):
        guard.run(decode, limit_s=60, max_bytes=100_000)


def test_messages_are_bounded(film_of: FilmOf, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of endless complaints the first and the last are kept; nobody has to read along."""
    monkeypatch.setattr(messages, "START_BYTES", 2000)
    monkeypatch.setattr(messages, "END_BYTES", 500)
    talk = ["-loglevel", "trace", *guard.reading(film_of(PLAIN)), "-f", "null", "pipe:1"]
    said = guard.run(talk, limit_s=60).said
    assert len(said) == 2500
    assert said.rstrip().endswith("Exiting with exit code 0")


def test_a_missing_ffmpeg_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """One sentence with the path and what to do."""
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", "/nowhere/ffmpeg")
    with pytest.raises(ToolError, match="ffmpeg"):
        guard.ffmpeg_version()


def test_the_version_is_a_number() -> None:
    """What `doctor` shows."""
    assert re.search(r"\d", guard.ffmpeg_version())


def test_every_format_of_the_list_is_one() -> None:
    """A misspelt name would refuse films for no reason."""
    listed = guard.run(["-demuxers"], limit_s=60).output.decode()
    known = {
        name
        for row in re.findall(r"^ D\S* +(\S+)", listed, re.MULTILINE)
        for name in row.split(",")
    }
    assert set(guard.FORMATS.split(",")) <= known
    assert "concat" in known, "what this test reads has to be the list"
