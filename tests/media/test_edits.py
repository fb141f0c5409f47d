"""Pictures by number and files made of a video, by the number that each picture bears."""

from __future__ import annotations

import resource
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.editing import Crop, Interval, Resize, Threshold, VideoEdit, VideoOperation
from core.errors import MediaError, MediaLimitError
from core.media import edits, filters
from core.media.probe import probe
from core.media.timetable import frame_times_s
from tests.media.counter import AAC, LONG_SOUND, MORE, SIX, X264_B, Kind, draw, ffmpeg, read

KINDS = {kind.name: kind for kind in (*SIX, *MORE)}


@pytest.fixture(params=list(KINDS))
def kind(request: pytest.FixtureRequest) -> Kind:
    return KINDS[request.param]


def _numbers(path: Path, wanted: list[int]) -> list[int]:
    return [read(rgb) for rgb in edits.pictures(path, wanted)]


@pytest.mark.parametrize("seek_from", [250, 3])
def test_pictures_by_their_number(
    kind: Kind, seek_from: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In every kind of file, with and without seeking, picture n is the one that says n."""
    monkeypatch.setattr(edits, "SEEK_FROM", seek_from)
    path = draw(kind, tmp_path)
    for wanted in ([0, 1, 2], [7, 19, 31], [40, 41, 45, 60], [kind.n_frames - 1]):
        assert _numbers(path, wanted) == wanted


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".ts"])
@pytest.mark.parametrize("seek_from", [250, 3])
def test_the_last_picture_stands_in(
    suffix: str, seek_from: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is one picture for each number, and no worse one before the end for what is beyond."""
    monkeypatch.setattr(edits, "SEEK_FROM", seek_from)
    path = draw(replace(LONG_SOUND, suffix=suffix, encode=X264_B), tmp_path)
    for wanted in ([85], [10, 85], [10, 20, 30, 85], [59, 60, 61], list(range(0, 89, 11))):
        assert _numbers(path, wanted) == [min(number, 59) for number in wanted]
    (rgb,) = edits.pictures(path, [85], [Resize(width_px=96)])
    assert (rgb.shape, read(rgb)) == ((72, 96, 3), 59)


@pytest.mark.parametrize("seek_from", [250, 15, 3])
def test_a_damaged_end_has_a_last_picture(
    seek_from: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the last packets hold nothing, the last picture that can be decoded stands in."""
    monkeypatch.setattr(edits, "SEEK_FROM", seek_from)
    path, good = tmp_path / "damaged.mp4", draw(KINDS["25 fps"], tmp_path)
    noise = r"noise=amount=if(gte(n\,70)\,1\,0)"  # each byte of the packets from there
    ffmpeg("-i", str(good), "-c", "copy", "-bsf:v", noise, str(path))
    assert _numbers(path, [200]) == [69]
    assert _numbers(path, [10, 60, 75]) == [10, 60, 69]


def test_what_comes_after_the_last_picture_is_not_decoded(tmp_path: Path) -> None:
    """Pictures near the beginning cost a part of what the whole film does, not as much."""
    path = tmp_path / "film.mp4"
    film = ("-f", "lavfi", "-i", "testsrc2=s=1280x720:d=40")  # 1000 pictures
    ffmpeg(*film, "-preset", "ultrafast", "-pix_fmt", "yuv420p", str(path))
    near = [_cpu_s(path, wanted) for wanted in ([0], [10, 11, 30])]
    assert max(near) < _cpu_s(path, [0, 999]) / 2


def _cpu_s(path: Path, wanted: list[int]) -> float:
    """Measure what ffmpeg takes to make these pictures."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert len(list(edits.pictures(path, wanted, [Resize(width_px=64)]))) == len(wanted)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def test_the_timetable(kind: Kind, tmp_path: Path) -> None:
    """Every picture has its time, and at it, and until the next one, it is the one shown."""
    path = draw(kind, tmp_path)
    times_s = frame_times_s(path)
    assert len(times_s) == kind.n_frames
    begin_s = times_s[0] - kind.time_s(0)
    assert all(abs(time_s - begin_s - kind.time_s(n)) < 0.0011 for n, time_s in enumerate(times_s))
    at = [float(times_s[n]) for n in (0, 9, 33)] + [float(times_s[10]) - 0.002]
    assert edits.numbers_at(path, at) == [0, 9, 33, 9]


def test_a_clip_holds_its_pictures(kind: Kind, tmp_path: Path) -> None:
    """A clip cut out exactly begins and ends with the pictures that were asked for."""
    path = draw(kind, tmp_path)
    for first, n in ((0, 5), (13, 30), (kind.n_frames - 4, 4)):
        target = tmp_path / "clip"
        edits.render(path, target, VideoEdit(first_frame=first, n_frames=n))
        times_s = frame_times_s(target)
        assert len(times_s) == n
        assert _numbers(target, list(range(n))) == list(range(first, first + n))


def test_a_fast_clip_is_copied_from_a_key_frame(tmp_path: Path) -> None:
    """A fast cut holds what was asked for and begins at a key frame before, not decoded anew."""
    path = draw(KINDS["B-frames"], tmp_path)
    target = tmp_path / "clip"
    edits.render(path, target, VideoEdit(first_frame=65, n_frames=10, is_fast=True))
    assert probe(target).video_codec == "h264"
    shown = _numbers(target, list(range(len(frame_times_s(target)))))
    assert set(range(65, 75)) <= set(shown)
    assert shown[0] in (60, 65)  # the key frame; players pass over it by the edit list


@pytest.mark.parametrize("container", ["mp4", "mov", "avi"])
@pytest.mark.parametrize("codec", ["h264", "xvid", "h263"])
def test_codecs_and_containers(codec: str, container: str, tmp_path: Path) -> None:
    """Each codec goes into each container that takes it, sound along, and every picture stays."""
    path = draw(KINDS["transport stream"], tmp_path)
    target = tmp_path / "other"
    if (codec, container) == ("h263", "mp4"):  # MP4 has no name for it; the engine says so
        with pytest.raises(MediaError, match=r"\(Could not find tag .* not currently supported"):
            edits.render(path, target, VideoEdit(codec=codec, container=container))
        return
    edits.render(path, target, VideoEdit(codec=codec, container=container))
    facts = probe(target)
    assert facts.video_codec == {"h264": "h264", "xvid": "mpeg4", "h263": "h263"}[codec]
    assert container in facts.container.replace("mov,mp4", "mov mp4").replace(" ", ",")
    assert facts.audio_codec is not None
    assert {5, 40, 79} <= set(_numbers(target, list(range(90))))


def test_the_same_bytes_in_another_container(tmp_path: Path) -> None:
    """Only the container asked for: the pictures are copied, not encoded again."""
    path = draw(KINDS["HEVC"], tmp_path)
    edits.render(path, tmp_path / "other", VideoEdit(container="mov"))
    assert probe(tmp_path / "other").video_codec == "hevc"


FORMS = [
    (VideoEdit(), "h263", "mov"),
    (VideoEdit(first_frame=5, n_frames=10), "h263", "mov"),
    (VideoEdit(first_frame=5, n_frames=10, is_fast=True), "h263", "mov"),
    (VideoEdit(container="mp4"), "h264", "mp4"),
    (VideoEdit(first_frame=5, n_frames=10, is_fast=True, container="mp4"), "h264", "mp4"),
    (VideoEdit(container="avi"), "h263", "avi"),
    (VideoEdit(codec="h264"), "h264", "mp4"),
]


@pytest.mark.parametrize(("edit", "codec", "container"), FORMS)
def test_what_becomes_of_h263(edit: VideoEdit, codec: str, container: str, tmp_path: Path) -> None:
    """It stays what it is in MOV and AVI, and is encoded anew where MP4 is asked for."""
    kind = Kind("H.263", suffix=".mov", encode=("-c:v", "h263p", "-q:v", "3"), sound=AAC)
    path, target = draw(kind, tmp_path), tmp_path / "other"
    edits.render(path, target, edit)
    beginning = {"mov": b"ftypqt  ", "mp4": b"ftypisom", "avi": b"AVI LIST"}[container]
    assert beginning in target.read_bytes()[4:16]
    assert probe(target).video_codec == codec
    assert _numbers(target, [7])[0] in (7 + edit.first_frame, 7)  # fast: from the key frame


@pytest.mark.parametrize("container", ["mp4", "mov", "avi"])
def test_what_a_container_does_not_take_is_encoded(container: str, tmp_path: Path) -> None:
    """VP8 fits in none of them: whole, or cut fast, it becomes H.264."""
    path, target = draw(KINDS["VP8"], tmp_path), tmp_path / "other"
    for edit in (VideoEdit(container=container), VideoEdit(5, 10, (), None, container, True)):
        edits.render(path, target, edit)
        assert probe(target).video_codec == "h264"
        assert _numbers(target, [3]) == [3 + edit.first_frame]


def test_operations_in_their_order(tmp_path: Path) -> None:
    """Sizes follow from one operation to the next; a threshold blackens what is below."""
    path = draw(KINDS["25 fps"], tmp_path)
    crop = Crop(0, 0, 96, 48)
    operations: tuple[VideoOperation, ...] = (crop, Resize(width_px=48), Threshold(128))
    (rgb,) = edits.pictures(path, [1], operations)
    assert rgb.shape == (24, 48, 3)
    assert (rgb[4:20, 4:20] > 200).all()  # frame 1: the first block is white, the second is black
    assert (rgb[4:20, 28:44] == 0).all()
    edits.render(path, tmp_path / "small", VideoEdit(operations=(Resize(60, 90),)))
    assert (probe(tmp_path / "small").width_px, probe(tmp_path / "small").height_px) == (60, 90)


def test_an_interval(tmp_path: Path) -> None:
    """Every fifth picture from 10 to 30, both included, at the video's own rate."""
    path = draw(KINDS["25 fps"], tmp_path)
    edits.render(path, tmp_path / "some", VideoEdit(operations=(Interval(10, 30, 5),)))
    assert _numbers(tmp_path / "some", [0, 1, 2, 3, 4]) == [10, 15, 20, 25, 30]
    assert probe(tmp_path / "some").duration_s == pytest.approx(0.2, abs=0.001)


def test_what_cannot_be(tmp_path: Path) -> None:
    """A crop outside, a giant, an interval behind the end: each a sentence, not a crash."""
    path = draw(KINDS["25 fps"], tmp_path)
    with pytest.raises(MediaLimitError, match="leaves the picture"):
        list(edits.pictures(path, [0], [Crop(100, 0, 100, 10)]))
    with pytest.raises(MediaLimitError, match="smaller"):
        list(edits.pictures(path, [0], [Resize(width_px=100_000, height_px=100_000)]))
    with pytest.raises(MediaError, match="earlier"):
        edits.render(path, tmp_path / "x", VideoEdit(operations=(Interval(500, 510),)))
    with pytest.raises(MediaError, match=r"\(H.263 does not") as refusal:
        edits.render(
            path, tmp_path / "x", VideoEdit(codec="h263", operations=(Resize(4096, 4096),))
        )
    assert str(tmp_path) not in str(refusal.value)


def test_a_clip_behind_the_end_is_the_last_picture(tmp_path: Path) -> None:
    """Exactly or fast, whether or not there is sound."""
    for kind in (KINDS["25 fps"], LONG_SOUND, KINDS["transport stream"]):
        path, last = draw(kind, tmp_path), kind.n_frames - 1
        for edit in (VideoEdit(first_frame=500, n_frames=30), VideoEdit(last + 1, 1)):
            edits.render(path, tmp_path / "clip", edit)
            assert _numbers(tmp_path / "clip", [0]) == [last]


def test_steps() -> None:
    """A progression has a step, one number alone has 1, others have none."""
    assert filters.step_of([3, 6, 9]) == 3
    assert filters.step_of([5]) == 1
    assert filters.step_of([1, 2, 4]) is None
    assert np.ndim(filters.size_after([Resize(height_px=10)], (40, 20))) == 1
    assert filters.size_after([Resize(height_px=10)], (40, 20)) == (20, 10)
