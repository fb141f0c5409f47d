"""Pictures that are not plain: high dynamic range, fields, odd and huge sizes, several streams."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from core.editing import Crop, Resize, Threshold, VideoEdit
from core.media import edits, guard, proxy
from core.media.frames import Sampling, read_samples
from core.media.probe import probe
from tests.media.counter import SIX, X264, Kind, ffmpeg, read
from tests.media.exact import frames
from tests.media.formats import AS_BT709, to_hdr

FilmOf = Callable[[Kind], Path]
PLAIN = SIX[0]
PLAIN_720 = "testsrc2=size=320x180:rate=25:duration=1"
TRANSFERS = {"PQ": "smpte2084", "HLG": "arib-std-b67"}


def copy_of(path: Path) -> Path:
    """The copy that browsers play."""
    copy = path.with_name("copy.mp4")
    proxy.make(path, probe(path), copy, on_progress=lambda _: None, cancelled=lambda: False)
    return copy


def first(path: Path) -> np.ndarray:
    """The first sample, as signed numbers."""
    return next(frames(path, probe(path), short_side_px=96)).rgb.astype(int)


@pytest.mark.parametrize("name", TRANSFERS)
def test_high_dynamic_range_looks_as_it_should(tmp_path: Path, name: str) -> None:
    """Samples and the copy have the contrast and the colours of the same picture in BT.709."""
    usual, high = tmp_path / "usual.mp4", tmp_path / "high.mp4"
    source = ("-f", "lavfi", "-i", "smptebars=size=192x108:rate=10:duration=0.5")
    ffmpeg(*source, "-vf", "format=yuv420p,setparams=colorspace=bt709:color_trc=bt709:"
           "color_primaries=bt709", *X264, str(usual))  # fmt: skip
    ffmpeg("-i", str(usual), *to_hdr(TRANSFERS[name]), str(high))
    wanted = first(usual)
    decode = [*guard.reading(high), "-frames:v", "1", "-vf", "scale=171:96,format=rgb24"]
    raw = guard.run([*decode, "-f", "rawvideo", "pipe:1"], limit_s=60)
    untouched = np.frombuffer(raw.output, np.uint8).reshape(wanted.shape).astype(int)
    far = np.abs(untouched - wanted).mean()
    assert far > 20, "else this test shows nothing"
    assert np.abs(first(high) - wanted).mean() < far / 2.5
    assert np.abs(first(copy_of(high)) - wanted).mean() < far / 2.5


def test_ten_bits_of_the_usual_range_stay_as_they_are(tmp_path: Path) -> None:
    """More bits alone are no high dynamic range."""
    usual, fine = tmp_path / "usual.mp4", tmp_path / "fine.mp4"
    ffmpeg("-f", "lavfi", "-i", PLAIN_720, *X264, str(usual))
    ffmpeg("-f", "lavfi", "-i", PLAIN_720, *X264[:-1], "yuv420p10le", str(fine))
    assert np.abs(first(fine) - first(usual)).mean() < 4


def test_fields_become_whole_pictures(tmp_path: Path) -> None:
    """In the copy of an interlaced video, moving edges have no combs, and frames keep times."""
    path = tmp_path / "fields.ts"
    ffmpeg("-f", "lavfi", "-i", "testsrc2=size=320x240:rate=50:duration=1",
           "-vf", "interlace=scan=tff:lowpass=off", "-c:v", "mpeg2video", "-q:v", "2",
           "-flags", "+ildct+ilme", str(path))  # fmt: skip
    copy = copy_of(path)
    assert combed(copy) < combed(path) / 2
    assert probe(copy).duration_s == pytest.approx(probe(path).duration_s, abs=0.05)


def combed(path: Path) -> float:
    """How much neighbouring lines differ beyond what lines two apart do."""
    facts = probe(path)
    with read_samples(facts, path, Sampling(0.2, "exact"), size_px=(320, 240)) as samples:
        lines = np.stack([sample.frame.astype(float).mean(axis=2) for sample in samples])
    middle = np.abs(lines[:, 1:-1] - (lines[:, :-2] + lines[:, 2:]) / 2).mean()
    return float(middle - np.abs(lines[:, 2:] - lines[:, :-2]).mean() / 2)


@pytest.mark.parametrize("size", ["191x143", "17x301", "3x3", "641x1"])
def test_odd_sizes(tmp_path: Path, size: str) -> None:
    """Any size is sampled, and copied at one that decoders take."""
    path = tmp_path / "odd.mkv"
    source = "color=red:size=8x8:rate=10:duration=1,format=rgb24"
    filters = f"scale={size.replace('x', ':')},setsar=1"
    ffmpeg("-f", "lavfi", "-i", source, "-vf", filters, "-c:v", "ffv1", str(path))
    facts = probe(path)
    assert f"{facts.width_px}x{facts.height_px}" == size
    assert len(list(frames(path, facts, every_s=0.5))) == 2
    copied = probe(copy_of(path))
    assert copied.width_px % 2 == copied.height_px % 2 == 0


def test_eight_thousand_pixels_across(tmp_path: Path) -> None:
    """One picture of 7680 × 4320 is sampled, and copied at a size that browsers play."""
    path = tmp_path / "8k.mp4"
    ffmpeg("-f", "lavfi", "-i", "color=red:size=7680x4320:rate=1:duration=1", *X264, str(path))
    facts = probe(path)
    assert (facts.width_px, facts.height_px) == (7680, 4320)
    sample = next(frames(path, facts)).rgb
    assert sample.shape == (224, 398, 3)
    assert sample[100, 100, 0] > 200
    copied = probe(copy_of(path)) if proxy.needed(facts) != "direct" else facts
    assert copied.duration_s == pytest.approx(1, abs=0.1)


FIELDS = (*X264, "-flags", "+ildct+ilme", "-x264-params", "tff=1")
SIZES = ("scale=192:144", "scale=320:240", "scale=96:72,setsar=4/3")


@pytest.mark.parametrize("suffix", [".ts", ".mkv"])
@pytest.mark.parametrize("encode", [X264, FIELDS], ids=["frames", "fields"])
def test_a_size_that_changes_half_way(
    film_of: FilmOf, tmp_path: Path, suffix: str, encode: tuple[str, ...]
) -> None:
    """Television and calls do that: times go on, all samples have one size, and so has a copy."""
    kind = Kind("six seconds", n_frames=150)
    parts, path = tmp_path / "parts", tmp_path / f"changing{suffix}"
    with parts.open("wb") as joined:
        for number, scale in enumerate(SIZES):
            part = tmp_path / f"{number}"
            ffmpeg("-ss", str(2 * number), "-i", str(film_of(kind)), "-t", "2", "-vf", scale,
                   *encode, "-f", "h264", str(part))  # fmt: skip
            joined.write(part.read_bytes())
    ffmpeg("-r", "25", "-f", "h264", "-i", str(parts), "-c", "copy", str(path))
    facts = probe(path)
    with read_samples(facts, path, Sampling(0.4, "exact"), size_px=48) as samples:
        sampled = [read(sample.frame) for sample in samples]
    assert sampled == list(range(0, 150, 10))
    for known in (facts, replace(facts, video_codec="mpeg2video")):  # copied, and encoded again
        copy = tmp_path / "copy.mp4"
        proxy.make(path, known, copy, on_progress=lambda _: None, cancelled=lambda: False)
        with read_samples(probe(copy), copy, Sampling(0.4, "exact"), size_px=48) as samples:
            assert [read(sample.frame) for sample in samples] == sampled


def test_of_several_pictures_the_default_one_is_taken(film_of: FilmOf, tmp_path: Path) -> None:
    """A second video stream (another angle, a preview) changes nothing."""
    other, path = tmp_path / "other.mp4", tmp_path / "two.mkv"
    ffmpeg("-f", "lavfi", "-i", "color=blue:size=64x48:rate=5:duration=4", *X264, str(other))
    ffmpeg("-i", str(film_of(PLAIN)), "-i", str(other), "-map", "0:v", "-map", "1:v", "-c", "copy",
           str(path))  # fmt: skip
    facts = probe(path)
    assert (facts.width_px, facts.height_px, facts.fps) == (192, 144, Fraction(25))
    assert [read(frame.rgb) for frame in frames(path, facts)] == [0, 25, 50, 75]
    copied = probe(copy_of(path))
    assert (copied.width_px, copied.duration_s) == (192, pytest.approx(3.2))


@pytest.mark.parametrize("name", TRANSFERS)
@pytest.mark.parametrize("codec", [None, "h264", "xvid"])
def test_what_is_cut_out_of_high_dynamic_range(
    tmp_path: Path, name: str, codec: str | None
) -> None:
    """A clip has the colours of the samples and of the copy, and says that they are BT.709."""
    high, clip = tmp_path / "high.mp4", tmp_path / "clip.mp4"
    bars = ("-f", "lavfi", "-i", "smptebars=size=192x108:rate=10:duration=1")
    ffmpeg(*bars, *to_hdr(TRANSFERS[name], AS_BT709), str(high))
    edits.render(high, clip, VideoEdit(first_frame=3, n_frames=4, codec=codec))
    assert np.abs(first(clip) - first(high)).mean() < 3
    assert np.abs(first(clip) - first(copy_of(high))).mean() < 3
    said = guard.run([*guard.reading(clip), "-f", "null", "-"], limit_s=60).said
    if codec != "xvid":  # MPEG-4 part 2 has no room for it in this container
        assert "yuv420p(tv, bt709" in said
    assert "bt2020" not in said


@pytest.mark.parametrize("name", TRANSFERS)
def test_pictures_of_high_dynamic_range(tmp_path: Path, name: str) -> None:
    """Those that are picked by number, as for exact edges, look as the samples do."""
    high = tmp_path / "high.mp4"
    bars = ("-f", "lavfi", "-i", "smptebars=size=192x108:rate=10:duration=1")
    ffmpeg(*bars, *to_hdr(TRANSFERS[name], AS_BT709), str(high))
    wanted = first(high)
    (rgb,) = edits.pictures(high, [0], [Resize(wanted.shape[1], wanted.shape[0])])
    assert np.abs(rgb.astype(int) - wanted).mean() < 2
    (dark,) = edits.pictures(high, [0], [Resize(width_px=96), Threshold(120), Crop(0, 0, 90, 50)])
    assert set(np.unique(dark[10:40, 4:8])) <= {0, *range(120, 256)}


def test_a_fast_clip_keeps_its_range(tmp_path: Path) -> None:
    """What is copied, not encoded, stays in high dynamic range, and says so."""
    high, clip = tmp_path / "high.mp4", tmp_path / "clip.mp4"
    bars = ("-f", "lavfi", "-i", "smptebars=size=192x108:rate=10:duration=1")
    ffmpeg(*bars, *to_hdr("smpte2084", AS_BT709), str(high))
    edits.render(high, clip, VideoEdit(container="mov"))
    said = guard.run([*guard.reading(clip), "-f", "null", "-"], limit_s=60).said
    assert "bt2020nc/bt2020/smpte2084" in said
