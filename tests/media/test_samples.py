"""Samples and cuts from one pass: exact times, key frames alone, bounded memory, nothing left."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from core.media.frames import Mode, Sampling, read_samples
from core.media.probe import probe
from tests.media.counter import MORE, SIX, Kind, ffmpeg, read
from tests.media.field_pairs import draw_field_pairs

FilmOf = Callable[[Kind], Path]
KINDS = {kind.name: kind for kind in (*SIX, *MORE)}


@pytest.mark.parametrize("wants_shots", [True, False])
@pytest.mark.parametrize("name", KINDS)
def test_a_sample_is_the_frame_shown_at_its_time(
    film_of: FilmOf, name: str, *, wants_shots: bool
) -> None:
    """With and without the search for shots beside it."""
    path = film_of(KINDS[name])
    sampling = Sampling(0.3, "exact", wants_shots=wants_shots)
    with read_samples(probe(path), path, sampling, size_px=(64, 48)) as samples:
        seen = [(sample.time_s, read(sample.frame)) for sample in samples]
        assert samples.mode == "exact"
    assert [time_s for time_s, _ in seen] == [k * 0.3 for k in range(len(seen))]
    assert [number for _, number in seen] == [KINDS[name].frame_at(time_s) for time_s, _ in seen]


KEYED = Kind(
    "a key frame every half second",
    n_frames=120,
    encode=("-c:v", "libx264", "-preset", "veryfast", "-bf", "2", "-g", "12", "-keyint_min", "12",
            "-sc_threshold", "0", "-pix_fmt", "yuv420p"),
)  # fmt: skip

OPEN = Kind(
    "open groups of pictures",
    n_frames=120,
    encode=("-c:v", "libx264", "-preset", "veryfast", "-bf", "2", "-g", "25", "-keyint_min", "25",
            "-sc_threshold", "0", "-x264-params", "open-gop=1", "-pix_fmt", "yuv420p"),
)  # fmt: skip


def test_key_frames_alone_have_their_own_times(film_of: FilmOf) -> None:
    """Where they come as often as samples, nothing else is decoded; the times stay exact."""
    path = film_of(KEYED)
    with read_samples(probe(path), path, Sampling(1.0), size_px=48) as samples:
        assert samples.mode == "keyframes"
        seen = [(sample.time_s, read(sample.frame)) for sample in samples]
    assert [number % 12 for _, number in seen] == [0] * len(seen)
    assert [time_s for time_s, _ in seen] == pytest.approx([n / 25 for _, n in seen])
    assert [int(time_s) for time_s, _ in seen] == [0, 1, 2, 3, 4]


def test_key_frames_too_far_apart_are_not_enough(film_of: FilmOf) -> None:
    """Then every frame is decoded, unless the fast mode is asked for."""
    path = film_of(KEYED)
    facts = probe(path)
    with read_samples(facts, path, Sampling(0.3), size_px=48) as samples:
        assert samples.mode == "exact"
    with read_samples(facts, path, Sampling(0.3, "keyframes"), size_px=48) as samples:
        seen = [(sample.time_s, read(sample.frame)) for sample in samples]
    assert [number for _, number in seen] == list(range(0, 120, 12))
    assert [time_s for time_s, _ in seen] == pytest.approx([n / 25 for _, n in seen])


@pytest.mark.parametrize("mode", ["auto", "keyframes"])
def test_open_groups_of_pictures_are_decoded_whole(film_of: FilmOf, mode: Mode) -> None:
    """Broadcasts and camcorders: of their key frames ffmpeg gives only the first alone."""
    path = film_of(OPEN)
    with read_samples(probe(path), path, Sampling(1.0, mode), size_px=48) as samples:
        seen = [read(sample.frame) for sample in samples]
    assert seen == [0, 25, 50, 75, 100]


@pytest.mark.parametrize("suffix", [".mp4", ".ts"])
def test_key_frames_of_two_fields_are_whole(tmp_path: Path, suffix: str) -> None:
    """Of the packets of such a frame, only the first says that it is a key; some come late."""
    path = draw_field_pairs(tmp_path / f"pairs{suffix}", seconds=40, pairs_from_s=13)
    with read_samples(probe(path), path, Sampling(1.0), size_px=64) as samples:
        found = list(samples)
        assert samples.mode == "keyframes"
    greys = [float(sample.frame.mean()) for sample in found]
    assert len(greys) == 40
    assert greys == sorted(set(greys)), "each is brighter than the one before"
    assert all(float(sample.frame.std()) < 1 for sample in found), "both fields are there"


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".ts"])
def test_closed_groups_are_not(tmp_path: Path, suffix: str) -> None:
    """Where a stretch ends at a key frame and B-frames are about, all are counted right."""
    path = tmp_path / f"long{suffix}"
    ffmpeg("-f", "lavfi", "-i", "testsrc2=size=160x90:rate=25:duration=40", *KEYED.encode, "-g",
           "25", "-keyint_min", "25", str(path))  # fmt: skip
    with read_samples(probe(path), path, Sampling(1.0), size_px=48) as samples:
        assert samples.mode == "keyframes"
        assert len(list(samples)) == 40
