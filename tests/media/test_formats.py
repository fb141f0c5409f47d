"""Each codec in each container: probed right, sampled exactly, played as it is or by a copy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from core.media import guard, keyframes, proxy
from core.media.frames import Sampling, read_samples
from core.media.probe import probe
from core.media.timetable import frame_times_s
from core.model import VideoFacts
from tests.media.counter import HEIGHT_PX, WIDTH_PX, Kind, read
from tests.media.formats import EVERY, MATRIX, PLAYED_DIRECTLY

FilmOf = Callable[[Kind], Path]
CODEC_NAMES = {
    "H.264": "h264", "HEVC": "hevc", "VP9": "vp9", "AV1": "av1", "MPEG-2": "mpeg2video",
    "MPEG-4": "mpeg4", "ProRes": "prores", "MJPEG": "mjpeg", "GIF": "gif", "WMV": "wmv2",
    "FFV1": "ffv1",
}  # fmt: skip
EVERY_S = 0.24


def seen(path: Path, facts: VideoFacts) -> list[tuple[float, int]]:
    """The times of samples, and the number read off each."""
    with read_samples(facts, path, Sampling(EVERY_S, "exact"), size_px=48) as samples:
        return [(sample.time_s, read(sample.frame)) for sample in samples]


@pytest.mark.parametrize("kind", [pytest.param(kind, id=kind.name) for kind in EVERY])
def test_a_format(film_of: FilmOf, tmp_path: Path, kind: Kind) -> None:
    """Facts, exact samples, and a copy with the same times where browsers need one."""
    path, copy = film_of(kind), tmp_path / "copy.mp4"
    facts = probe(path)
    end_s = float(kind.time_s(kind.n_frames - 1))
    first_s = float(kind.late_by_s)
    assert end_s - first_s < facts.duration_s < end_s + 1.2 / kind.fps + 0.1
    sampled = seen(path, facts)
    assert [number for _, number in sampled] == [kind.frame_at(time_s) for time_s, _ in sampled]
    assert len(sampled) >= end_s / EVERY_S
    if proxy.needed(facts) != "direct":
        proxy.make(path, facts, copy, on_progress=lambda _: None, cancelled=lambda: False)
        copied = probe(copy)
        assert proxy.needed(copied) == "direct"
        assert (copied.width_px, copied.height_px) == (facts.width_px, facts.height_px)
        again = seen(copy, copied)
        assert abs(len(again) - len(sampled)) <= 1
        # Of more than 60 frames a second, the copy has only those that 60 can show.
        step = 1 if kind.fps > 60 else 0
        assert all(
            time_s == time_again_s and 0 <= number - number_again <= step
            for (time_s, number), (time_again_s, number_again) in zip(sampled, again, strict=False)
        )


@pytest.mark.parametrize("kind", [pytest.param(kind, id=kind.name) for kind in MATRIX])
def test_the_facts_of_a_format(film_of: FilmOf, kind: Kind) -> None:
    """The codec by its short name, the size, and whether browsers play it as it is."""
    facts = probe(film_of(kind))
    assert facts.video_codec == CODEC_NAMES[kind.name.rsplit(" ", 1)[0]]
    assert (facts.width_px, facts.height_px) == (WIDTH_PX, HEIGHT_PX)
    assert facts.fps == pytest.approx(25, abs=0.01)
    assert (proxy.needed(facts) == "direct") == (kind.name in PLAYED_DIRECTLY)


@pytest.mark.parametrize("name", ["GIF mkv", "GIF gif", "H.264 mkv", "VP9 avi"])
def test_every_frame_of_a_format_has_its_time(film_of: FilmOf, name: str) -> None:
    """Also where the container marks no key frame, so that ffmpeg's copy would leave out all."""
    kind = next(kind for kind in MATRIX if kind.name == name)
    times_s = frame_times_s(film_of(kind))
    expected = [float(kind.time_s(n)) for n in range(kind.n_frames)]
    assert [float(time_s - times_s[0]) for time_s in times_s] == pytest.approx(expected, abs=0.002)


UNTIMED = {"MPEG-2 mpg", "MPEG-4 avi"}
KEYED = ("H.264 mp4", "H.264 mkv", "H.264 ts", "HEVC mp4", "VP9 webm", "AV1 mp4", "MPEG-2 mpg",
         "MPEG-2 ts", "MPEG-4 avi", "MPEG-4 mp4", "WMV wmv", "H.264 flv")  # fmt: skip


@pytest.mark.parametrize("name", KEYED)
def test_key_frames_alone(film_of: FilmOf, name: str) -> None:
    """In each codec they are decoded alone, with the times of the frames that they are.

    Where the container does not say when they are shown, every frame is decoded instead.
    """
    plain = next(kind for kind in MATRIX if kind.name == name)
    kind = replace(plain, name=f"{name} keyed", encode=(*plain.encode, "-g", "10"), n_frames=75)
    path = film_of(kind)
    with read_samples(probe(path), path, Sampling(0.8, "keyframes"), size_px=48) as samples:
        found = [(sample.time_s, read(sample.frame)) for sample in samples]
        assert (samples.mode == "exact") == (name in UNTIMED)
    assert found[0] == (0.0, 0)
    assert len(found) >= 3
    for time_s, number in found[1:]:
        shown_s = float(kind.time_s(number))
        end_s = shown_s + (0.04 if name in UNTIMED else 0)
        assert shown_s - 0.002 <= time_s <= end_s + 0.002
    if name not in UNTIMED:
        assert len(found) <= n_decoded_alone(path) <= 10, "of 75"


def n_decoded_alone(path: Path) -> int:
    """How many frames leave the decoder where key frames are asked for: VP9's once gave all."""
    reading = keyframes.reading(path, probe(path).video_codec)
    asked = [*reading, "-map", "0:V:0", "-fps_mode", "passthrough", "-f", "framecrc", "pipe:1"]
    lines = guard.run(asked, limit_s=60).output.splitlines()
    return sum(not line.startswith(b"#") for line in lines)
