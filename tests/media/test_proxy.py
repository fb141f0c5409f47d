"""A copy that browsers play: when one is needed, what it is, and that failures leave nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from core.errors import CancelledError, MediaError
from core.media import guard, proxy
from core.media.parts import sweep
from core.media.probe import probe
from core.model import VideoFacts
from tests.ingest.conftest import until
from tests.media.counter import MORE, SIX, Kind, ffmpeg

ROOT = Path(__file__).parents[2]
FilmOf = Callable[[Kind], Path]
KINDS = {kind.name: kind for kind in (*SIX, *MORE)}
MP4 = "mov,mp4,m4a,3gp,3g2,mj2"


def make(path: Path, copy: Path) -> list[float]:
    """Make the copy; how far it was said to be."""
    told: list[float] = []
    proxy.make(path, probe(path), copy, on_progress=told.append, cancelled=lambda: False)
    return told


@pytest.mark.parametrize(
    ("container", "video", "audio", "pixels", "need"),
    [
        (MP4, "h264", "aac", "yuv420p", "direct"),
        (MP4, "h264", "mp3", "yuvj420p", "direct"),
        (MP4, "h264", None, "yuv420p", "direct"),
        (MP4, "av1", "aac", "yuv420p", "direct"),
        (MP4, "vp9", None, "yuv420p", "direct"),
        (MP4, "h264", "ac3", "yuv420p", "remux"),
        (MP4, "h264", "aac", "yuv420p10le", "transcode"),
        (MP4, "h264", "aac", "yuv422p", "transcode"),
        (MP4, "hevc", "aac", "yuv420p", "transcode"),
        (MP4, "mpeg4", "aac", "yuv420p", "transcode"),
        ("webm", "vp8", "vorbis", "yuv420p", "direct"),
        ("webm", "vp9", "opus", "yuv420p", "direct"),
        ("webm", "av1", None, "yuv420p", "direct"),
        ("webm", "vp9", "opus", "yuv444p", "transcode"),
        ("matroska", "h264", "aac", "yuv420p", "remux"),
        ("matroska", "vp9", "opus", "yuv420p", "remux"),
        ("matroska", "vp8", "vorbis", "yuv420p", "transcode"),
        ("mpegts", "h264", "aac", "yuv420p", "remux"),
        ("avi", "mpeg4", "mp3", "yuv420p", "transcode"),
        ("avi", "h264", "mp3", "yuv420p", "transcode"),
        ("mpeg", "h264", "mp2", "yuv420p", "transcode"),
        ("avi", "vp9", None, "yuv420p", "remux"),
    ],
)
def test_what_is_needed(
    container: str, video: str, audio: str | None, pixels: str, need: str
) -> None:
    """Direct only where all three browsers play it; no decoding where only the container is off."""
    facts = VideoFacts(9.0, 64, 48, 25.0, video, audio, container, pixels, 0, 1)
    assert proxy.needed(facts) == need


def test_odd_times_need_a_copy() -> None:
    """A file that plays, but that players count differently, gets new times."""
    facts = VideoFacts(9.0, 64, 48, 25.0, "h264", "aac", MP4, "yuv420p", 0, 1, is_oddly_timed=True)
    assert proxy.needed(facts) == "remux"
    assert proxy.needed(replace(facts, container="webm", video_codec="vp8")) == "transcode"


def test_a_remux_copies_the_pictures(film_of: FilmOf, tmp_path: Path) -> None:
    """The packets are those of the original, and the index comes first in the file."""
    path, copy = film_of(KINDS["late start"]), tmp_path / "new" / "copy.mp4"
    make(path, copy)
    assert _packets(copy) == _packets(path)
    whole = copy.read_bytes()
    assert whole.index(b"moov") < whole.index(b"mdat")
    assert [path.name for path in copy.parent.iterdir()] == ["copy.mp4"]


def test_sound_that_does_not_play_is_encoded(film_of: FilmOf, tmp_path: Path) -> None:
    """Opus in Matroska becomes AAC, beside pictures that are only copied."""
    path, copy = film_of(KINDS["sound with a lead-in"]), tmp_path / "copy.mp4"
    make(path, copy)
    assert probe(copy).audio_codec == "aac"
    assert _packets(copy) == _packets(path)


def test_a_transcode_has_a_key_frame_every_two_seconds(tmp_path: Path) -> None:
    """So that a seek decodes little; also at a slow rate, where an encoder would wait longer."""
    path, copy = tmp_path / "slow.avi", tmp_path / "copy.mp4"
    ffmpeg("-f", "lavfi", "-i", "testsrc=size=64x48:rate=5:duration=9", "-c:v", "mpeg4", str(path))
    told = make(path, copy)
    assert told == sorted(told)
    assert told[-1] == 1.0
    keys = [n for n, line in enumerate(_listing(copy)) if "F=0x0" not in line]
    assert keys == [0, 10, 20, 30, 40]


def test_a_large_and_fast_film_is_brought_to_what_browsers_like(tmp_path: Path) -> None:
    """At most 1080 high and 60 frames a second, and even sides."""
    path, copy = tmp_path / "large.mkv", tmp_path / "copy.mp4"
    source = "testsrc=size=2001x1501:rate=120:duration=0.2"
    ffmpeg("-f", "lavfi", "-i", source, "-c:v", "mjpeg", "-pix_fmt", "yuvj444p", str(path))
    make(path, copy)
    facts = probe(copy)
    assert (facts.width_px, facts.height_px) == (1440, 1080)
    assert facts.fps == pytest.approx(60)
    assert facts.duration_s == pytest.approx(0.2, abs=0.02)


def test_subtitles_chapters_and_data_stay_behind(film_of: FilmOf, tmp_path: Path) -> None:
    """They neither stop the copy nor come along."""
    words, path, copy = tmp_path / "a.srt", tmp_path / "film.mkv", tmp_path / "copy.mp4"
    words.write_text("1\n00:00:00,000 --> 00:00:01,000\nHello\n")
    ffmpeg("-i", str(film_of(SIX[0])), "-i", str(words), "-attach", str(words),
           "-metadata:s:t", "mimetype=text/plain", "-c", "copy", "-metadata", "title=A\nB\r: C",
           str(path))  # fmt: skip
    make(path, copy)
    assert proxy.needed(probe(copy)) == "direct"
    assert b"Hello" not in copy.read_bytes()


def test_what_mp4_does_not_take_is_encoded(film_of: FilmOf, tmp_path: Path) -> None:
    """H.264 in AVI has no times that MP4 could use: it is encoded, also if copying fails."""
    path, copy = tmp_path / "film.avi", tmp_path / "copy.mp4"
    ffmpeg("-i", str(film_of(KINDS["B-frames"])), "-c", "copy", str(path))
    facts = probe(path)
    for known in (facts, replace(facts, container="matroska")):
        assert proxy.needed(known) == ("transcode" if known == facts else "remux")
        proxy.make(path, known, copy, on_progress=lambda _: None, cancelled=lambda: False)
        assert proxy.needed(probe(copy)) == "direct"
        assert probe(copy).duration_s == pytest.approx(3.2, abs=0.15)


@pytest.mark.parametrize("after", [0, 1])
def test_cancelling_leaves_nothing(film_of: FilmOf, tmp_path: Path, after: int) -> None:
    """Before or while ffmpeg runs, it ends, and nothing lies about."""
    path, copy = tmp_path / "film.mkv", tmp_path / "copies" / "copy.mp4"
    source = "testsrc=size=640x480:rate=25:duration=60"
    ffmpeg("-f", "lavfi", "-i", source, "-c:v", "mpeg4", str(path))
    asked: list[bool] = []

    def cancelled() -> bool:
        asked.append(len(asked) >= after)
        return asked[-1]

    with pytest.raises(CancelledError):
        proxy.make(path, probe(path), copy, on_progress=lambda _: None, cancelled=cancelled)
    assert asked[-1]
    assert list(copy.parent.iterdir()) == []


def test_a_failure_leaves_nothing(film_of: FilmOf, tmp_path: Path) -> None:
    """A file that is no film any more: one sentence, and no half copy."""
    facts = probe(film_of(SIX[0]))
    path, copy = tmp_path / "film.mp4", tmp_path / "copies" / "copy.mp4"
    path.write_bytes(b"not a film" * 1000)
    with pytest.raises(MediaError, match="No copy"):
        proxy.make(path, facts, copy, on_progress=lambda _: None, cancelled=lambda: False)
    assert list(copy.parent.iterdir()) == []


def test_a_place_that_cannot_be_written_is_said(film_of: FilmOf, tmp_path: Path) -> None:
    """The operating system's refusal becomes a sentence with the folder in it."""
    blocked = tmp_path / "a file"
    blocked.touch()
    path = film_of(SIX[0])
    with pytest.raises(MediaError, match="a file"):
        make(path, blocked / "copy.mp4")


def test_an_earlier_copy_stays_until_the_new_one_is_whole(film_of: FilmOf, tmp_path: Path) -> None:
    """Cancelled, and even when everything was done, what was there plays on."""
    path, copy = film_of(KINDS["late start"]), tmp_path / "copy.mp4"
    copy.write_bytes(b"earlier")
    is_written: list[bool] = []

    def is_whole() -> bool:
        return any("moov" in part.read_bytes().decode("latin-1") for part in parts_in(tmp_path))

    def cancelled() -> bool:
        is_written.append(is_whole())
        return is_written[-1]

    with pytest.raises(CancelledError):
        proxy.make(path, probe(path), copy, on_progress=lambda _: None, cancelled=cancelled)
    assert copy.read_bytes() == b"earlier"
    with pytest.raises(CancelledError):
        proxy.make(path, probe(path), copy, on_progress=lambda _: None, cancelled=lambda: True)
    assert copy.read_bytes() == b"earlier"
    make(path, copy)
    assert proxy.needed(probe(copy)) == "direct"


MAKES_A_COPY = """
import sys
from pathlib import Path
from core.media import proxy
from core.media.parts import sweep
from core.media.probe import probe

path, copy = map(Path, sys.argv[1:])
proxy.make(path, probe(path), copy, on_progress=print, cancelled=lambda: False)
"""


def test_what_a_killed_worker_left_disturbs_nobody(tmp_path: Path) -> None:
    """Its ffmpeg writes no more, its part goes, and the next copy is whole.

    The part of somebody who still writes stays, however long nothing came.
    """
    path, copy = tmp_path / "film.mkv", tmp_path / "copies" / "copy.mp4"
    source = "testsrc2=size=640x480:rate=25:duration=60"
    ffmpeg("-f", "lavfi", "-i", source, "-c:v", "mpeg4", str(path))
    command = [sys.executable, "-c", MAKES_A_COPY, str(path), str(copy)]
    killed, slow = (subprocess.Popen(command, cwd=ROOT) for _ in range(2))
    with killed, slow:
        until(lambda: len(parts_in(copy.parent)) == 2, "both write")
        killed.kill()
        killed.wait()
        slow.send_signal(signal.SIGSTOP)
        short = tmp_path / "short.mkv"
        ffmpeg("-i", str(path), "-t", "1", "-c", "copy", str(short))

        def n_left() -> int:
            for part in parts_in(copy.parent):
                os.utime(part, (0, 0))
            make(short, copy)
            return len(parts_in(copy.parent))

        until(lambda: n_left() == 1, "the part of the killed one to go, once its ffmpeg has ended")
        slow.kill()
    assert probe(copy).duration_s == pytest.approx(1, abs=0.1)
    for part in parts_in(copy.parent):
        os.utime(part, (0, 0))
    sweep(copy.parent)
    assert list(copy.parent.iterdir()) == [copy]


def parts_in(folder: Path) -> list[Path]:
    """Copies that are not whole."""
    return list(folder.glob("*.part"))


def _listing(path: Path) -> list[str]:
    """One line for each packet of the picture: times, size, checksum, flags."""
    command = [*guard.reading(path), "-map", "0:V:0", "-c", "copy", "-f", "framecrc", "pipe:1"]
    lines = guard.run(command, limit_s=60).output.decode().splitlines()
    return [line for line in lines if not line.startswith("#")]


def _packets(path: Path) -> list[tuple[str, str]]:
    """Size and checksum of each packet of the picture."""
    return [(line.split(",")[4], line.split(",")[5]) for line in _listing(path)]
