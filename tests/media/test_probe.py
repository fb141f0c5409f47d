"""What probe says of good, strange and bad files: the truth, or one sentence why not."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from imageio_ffmpeg import get_ffmpeg_exe

from core.errors import MediaError, NoPictureError, NotAVideoError
from core.media import proxy
from core.media.probe import probe
from tests import bad_files
from tests.bad_files import BAD
from tests.media.counter import LONG_SOUND, MORE, SIX, X264, X264_B, Kind, draw, ffmpeg, read
from tests.media.exact import frames

FilmOf = Callable[[Kind], Path]
KINDS = {kind.name: kind for kind in (*SIX, *MORE)}


def moving(seconds: float, size: str = "64x48", fps: float = 10) -> list[str]:
    """Ffmpeg's arguments for a moving picture."""
    return ["-f", "lavfi", "-i", f"testsrc=duration={seconds}:size={size}:rate={fps}"]


@pytest.mark.parametrize("make", BAD.values(), ids=BAD)
def test_a_bad_file_is_refused(tmp_path: Path, make: Callable[[Path], Path]) -> None:
    """A sentence without ffmpeg's own words."""
    with pytest.raises(MediaError) as refusal:
        probe(make(tmp_path))
    assert str(refusal.value).endswith(".")
    assert not any(word in str(refusal.value) for word in ("0x", "Invalid", "ffmpeg", "\n"))


@pytest.mark.parametrize(
    ("name", "error", "words"),
    [
        ("zero bytes", NotAVideoError, "empty"),
        ("text", NotAVideoError, "of another kind than its name says"),
        ("noise", NotAVideoError, "of another kind than its name says"),
        ("index cut off", NotAVideoError, "breaks off"),
        ("sound only", NoPictureError, "only sound"),
        ("playlist of a bare path", NotAVideoError, "playlist"),
        ("concat list", NotAVideoError, "playlist"),
    ],
)
def test_the_sentence_says_which_fault(
    tmp_path: Path, name: str, error: type[MediaError], words: str
) -> None:
    """Each kind of fault has its own words."""
    with pytest.raises(error, match=words):
        probe(BAD[name](tmp_path))


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    """A folder, and a file that is not there."""
    with pytest.raises(NotAVideoError, match="folder"):
        probe(tmp_path)
    with pytest.raises(MediaError, match="cannot be read"):
        probe(tmp_path / "gone.mp4")


def test_a_cover_is_no_film(tmp_path: Path) -> None:
    """A song with a picture on its sleeve is a song."""
    cover, song = tmp_path / "cover.png", tmp_path / "song.mp3"
    ffmpeg(*moving(0.1), "-frames:v", "1", str(cover))
    tone = ["-f", "lavfi", "-i", "sine=duration=1"]
    ffmpeg(*tone, "-i", str(cover), "-map", "0", "-map", "1", "-c:v", "copy",
           "-disposition:v", "attached_pic", str(song))  # fmt: skip
    with pytest.raises(NoPictureError, match="only sound"):
        probe(song)


def test_a_film_with_a_cover_is_a_film(film_of: FilmOf, tmp_path: Path) -> None:
    """The cover is passed over, even where it is the first stream."""
    cover, film = tmp_path / "cover.png", tmp_path / "film.mp4"
    ffmpeg(*moving(0.1, "300x200"), "-frames:v", "1", str(cover))
    ffmpeg("-i", str(cover), "-i", str(film_of(SIX[0])), "-map", "0", "-map", "1", "-c", "copy",
           "-disposition:v:0", "attached_pic", str(film))  # fmt: skip
    facts = probe(film)
    assert (facts.video_codec, facts.width_px, facts.height_px) == ("h264", 192, 144)
    assert [read(frame.rgb) for frame in frames(film, facts)] == [0, 25, 50, 75]


def test_a_header_without_frames_has_no_picture(tmp_path: Path) -> None:
    """A recording that was cut before its first frame."""
    whole, path = tmp_path / "whole.mp4", tmp_path / "header.mp4"
    ffmpeg(*moving(1), *X264, "-movflags", "empty_moov+frag_keyframe", str(whole))
    data = whole.read_bytes()
    path.write_bytes(data[: data.index(b"moof") - 4])  # the first fragment
    with pytest.raises(NoPictureError, match="picture"):
        probe(path)


def test_one_frame_is_enough(tmp_path: Path) -> None:
    """A film of one frame has a length, and one sample."""
    path = bad_files.one_frame(tmp_path)
    facts = probe(path)
    assert facts.duration_s == pytest.approx(0.1)
    assert facts.n_frames == 1
    assert [frame.time_s for frame in frames(path, facts)] == [0.0]


def test_one_pixel_is_enough(tmp_path: Path) -> None:
    """It is enlarged for those who look at it, and its copy has a size that decoders take."""
    path, copy = bad_files.one_pixel(tmp_path), tmp_path / "copy.mp4"
    facts = probe(path)
    assert (facts.width_px, facts.height_px) == (1, 1)
    assert [frame.rgb.shape for frame in frames(path, facts)] == [(224, 224, 3)]
    proxy.make(path, facts, copy, on_progress=lambda _: None, cancelled=lambda: False)
    copied = probe(copy)
    assert copied.width_px == copied.height_px == 16


@pytest.mark.parametrize("name", [name for name in KINDS if name != "transport stream"])
def test_pictures_are_counted_as_long_as_they_last(film_of: FilmOf, name: str) -> None:
    """Neither sound that goes on after them nor a late first one adds to their number."""
    assert probe(film_of(KINDS[name])).n_frames == KINDS[name].n_frames


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
@pytest.mark.parametrize("sound_after_s", [1, 20])
def test_sound_after_the_pictures(suffix: str, sound_after_s: int, tmp_path: Path) -> None:
    """It counts for the duration; an index leads to the last picture, however far before."""
    facts = probe(draw(replace(LONG_SOUND, suffix=suffix, sound_after_s=sound_after_s), tmp_path))
    assert facts.duration_s == pytest.approx(2 + sound_after_s, abs=0.05)
    assert facts.n_frames == 60


def test_sound_far_after_the_pictures_without_an_index(tmp_path: Path) -> None:
    """Nobody reads the whole file to count them: they are as many as would fit."""
    kind = replace(LONG_SOUND, suffix=".ts", encode=X264_B, sound_after_s=20)
    facts = probe(draw(kind, tmp_path))
    assert facts.pictures_s is None
    assert facts.n_frames == round(facts.duration_s * 30)


def test_a_rate_of_zero_is_counted_instead(tmp_path: Path) -> None:
    """Without a rate in the header, the frames still have times and the film an end."""
    path = bad_files.rate_of_zero(tmp_path)
    facts = probe(path)
    assert facts.fps > 0
    assert facts.n_frames == 20
    assert len(list(frames(path, facts, every_s=0.1))) == round(facts.duration_s / 0.1)


def test_half_a_film_ends_where_it_breaks_off(tmp_path: Path) -> None:
    """It promises eight seconds; what is there is taken, and played as a copy of that length."""
    path, copy = bad_files.second_half_cut_off(tmp_path), tmp_path / "copy.mp4"
    facts = probe(path)
    assert 2 < facts.duration_s < 6
    samples = list(frames(path, facts, every_s=0.5))
    assert samples[-1].time_s >= facts.duration_s - 1
    assert proxy.needed(facts) != "direct"
    proxy.make(path, facts, copy, on_progress=lambda _: None, cancelled=lambda: False)
    assert probe(copy).duration_s == pytest.approx(facts.duration_s, abs=0.25)


def test_a_live_recording_without_a_length_is_measured(film_of: FilmOf, tmp_path: Path) -> None:
    """Browsers record WebM without a length, which players cannot seek: it is copied."""
    path = tmp_path / "recorded.webm"
    command = [get_ffmpeg_exe(), "-v", "error", "-i", str(film_of(KINDS["VP8"])), "-c", "copy",
               "-f", "webm", "-live", "1", "pipe:1"]  # fmt: skip
    path.write_bytes(subprocess.run(command, capture_output=True, check=True).stdout)
    facts = probe(path)
    assert facts.duration_s == pytest.approx(3.2, abs=0.03)
    assert facts.fps == pytest.approx(25, abs=0.1)
    assert facts.container == "webm"
    assert proxy.needed(facts) == "transcode"


@pytest.mark.parametrize(
    ("name", "size", "rotation_deg"),
    [
        ("25 fps", (192, 144), 0),
        ("turned", (144, 192), 270),
        ("turned right", (144, 192), 90),
        ("upside down", (192, 144), 180),
        ("wide pixels", (256, 144), 0),
    ],
)
def test_the_size_is_that_of_the_picture_as_shown(
    film_of: FilmOf, name: str, size: tuple[int, int], rotation_deg: int
) -> None:
    """Turned upright, with square pixels; and so are the samples."""
    path = film_of(KINDS[name])
    facts = probe(path)
    assert (facts.width_px, facts.height_px) == size
    assert facts.rotation_deg == rotation_deg
    rgb = next(frames(path, facts, short_side_px=72)).rgb
    assert rgb.shape == (round(72 * size[1] / min(size)), round(72 * size[0] / min(size)), 3)


def test_the_facts_of_a_usual_film(film_of: FilmOf) -> None:
    """Codecs by their short names, the rate exact where it is one of television's."""
    path = film_of(KINDS["29.97 fps"])
    facts = probe(path)
    assert facts.fps == pytest.approx(float(Fraction(30000, 1001)), abs=1e-9)
    assert (facts.video_codec, facts.audio_codec) == ("h264", None)
    assert facts.pixel_format == "yuv420p"
    assert "mp4" in facts.container.split(",")
    assert facts.size_bytes == path.stat().st_size
    assert probe(film_of(KINDS["VP8"])).audio_codec == "opus"
    assert probe(film_of(KINDS["late start"])).container == "matroska"
