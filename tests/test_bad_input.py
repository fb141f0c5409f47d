"""Bad input through the whole intake and the command line: one clear sentence, and no traces."""

from __future__ import annotations

import hashlib
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from core.bootstrap import App, connect, open_app
from core.errors import MediaError, NoPictureError, NotAVideoError
from core.model import IndexState
from core.settings import Settings
from tests import bad_files
from tests.bad_files import BAD
from tests.conftest import TINY_MODEL
from tests.films import Film, draw_film, scenes
from tests.media.mutations import draw_seeds, mutated

ROOT = Path(__file__).parent.parent
GOOD = Film("good", scenes("red star/black", seconds_each=2), size_px=(320, 180))
ODD_NAMES = {
    "quotes": "\"double\" 'single' `back`.mp4",
    "emoji": "🎬 café 猫 \N{RIGHT-TO-LEFT MARK}.mp4",
    "slashes": "../../etc/../a\\b/c.mp4",
    "300 characters": "x" * 296 + ".mp4",
    "control characters": "a\nb\tc\x00d\x1b[31m.mp4",
    "nothing": "",
    "markup": "<script>alert(1)</script> **bold** $x$ {{y}}.mp4",
}


@pytest.fixture
def app(settings: Settings) -> Iterator[App]:
    app = open_app(settings)
    yield app
    app.close()


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A film that nobody has anything against."""
    return draw_film(GOOD, tmp_path_factory.mktemp("good"))


def traces(app: App) -> dict[str, Any]:
    """Everything that an addition could leave behind: what the database counts, and the files."""
    client = connect(app.settings)
    kinds = ("FindVideo", "FindClip", "FindImage", "FindEntity", "FindConnection")
    counts, _ = client.query([{kind: {"results": {"count": True}}} for kind in kinds])
    client.close()
    left = (path for path in app.settings.data.rglob("*") if path.is_file())
    files = [str(path) for path in left if not path.name.startswith("aperture.sqlite3")]
    return {"counts": counts, "files": sorted(files)}


def is_one_clear_sentence(error: Exception) -> bool:
    """Short, on one line, ends as a sentence does, and holds no program's own words."""
    said = str(error)
    jargon = ("Traceback", "Errno", "moov", "Invalid data", "0x", "ffmpeg version", "[in#")
    is_clean = not any(word in said for word in jargon) and "\n" not in said
    return is_clean and 20 < len(said) < 300 and said.endswith(".")


def upload(app: App, source: Path, name: str) -> Any:
    """What the upload route does once the bytes are here."""
    data = source.read_bytes()
    app.settings.incoming_folder.mkdir(parents=True, exist_ok=True)
    part = app.settings.incoming_folder / "upload.part"
    part.write_bytes(data)
    return app.intake.adopt_upload(part, name=name, content_sha256=hashlib.sha256(data).hexdigest())


@pytest.mark.parametrize("make", BAD.values(), ids=BAD)
def test_a_bad_file_leaves_a_sentence_and_no_trace(
    app: App, good: Path, tmp_path: Path, make: Callable[[Path], Path]
) -> None:
    """Refused by path and as an upload, in words; nothing is half-stored; the next file works."""
    bad = make(tmp_path)
    before = traces(app)
    with pytest.raises(MediaError) as refusal:
        app.intake.add_file(bad)
    assert is_one_clear_sentence(refusal.value), refusal.value
    with pytest.raises(MediaError) as refusal:
        upload(app, bad, bad.name)
    assert is_one_clear_sentence(refusal.value), refusal.value
    assert traces(app) == before
    assert bad.exists(), "a file that somebody named by path is theirs"
    _becomes_searchable(app, app.intake.add_file(good).video.video_id)
    assert traces(app) != before, "what compares traces has to see one"


def test_the_kind_of_fault_is_told_apart(app: App, tmp_path: Path) -> None:
    """A film without a picture is not called damaged, and text is not called unfinished."""
    with pytest.raises(NoPictureError):
        app.intake.add_file(bad_files.sound_only(tmp_path))
    for make in (bad_files.text, bad_files.noise, BAD["playlist of a local file"]):
        with pytest.raises(NotAVideoError) as refusal:
            app.intake.add_file(make(tmp_path))
        assert "breaks off" not in str(refusal.value)


@pytest.mark.parametrize("make", [bad_files.playlist, bad_files.concat_list])
def test_a_playlist_is_refused_without_being_followed(
    app: App, tmp_path: Path, make: Callable[[Path, str], Path]
) -> None:
    """A playlist under a film's name that points at a server makes no connection to it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}/film.ts"
        bad = make(tmp_path, address)
        with pytest.raises(NotAVideoError):
            app.intake.add_file(bad)
        with pytest.raises(NotAVideoError):
            upload(app, bad, bad.name)
        listener.setblocking(False)
        with pytest.raises(BlockingIOError):
            listener.accept()


@pytest.mark.parametrize(
    "make",
    [
        bad_files.one_frame,
        bad_files.one_pixel,
        bad_files.rate_of_zero,
        bad_files.second_half_cut_off,
    ],
)
def test_a_strange_film_that_can_be_shown_is_taken(
    app: App, tmp_path: Path, make: Callable[[Path], Path]
) -> None:
    """One frame, one pixel, no frame rate, half the bytes: what is there becomes searchable."""
    added = app.intake.add_file(make(tmp_path))
    _becomes_searchable(app, added.video.video_id)
    video = app.library.video(added.video.video_id)
    clips = app.library.clips(video.video_id)
    assert clips[0].span.start_s == 0
    assert all(clip.span.start_s <= clip.best_s < clip.span.end_s for clip in clips)
    assert clips[-1].best_s < video.facts.duration_s + 0.001


@pytest.mark.parametrize("name", ODD_NAMES.values(), ids=ODD_NAMES)
def test_an_upload_may_have_any_name(app: App, good: Path, name: str) -> None:
    """A name is shown, never used as a path: the file lies in its folder under an id of ours."""
    video = upload(app, good, name).video
    assert video.path is not None
    stored = Path(video.path)
    assert stored.parent == app.settings.videos_folder
    assert stored.stem == video.video_id
    assert 0 < len(app.library.video(video.video_id).name) <= 255
    assert video.name.isprintable() or "\N{RIGHT-TO-LEFT MARK}" in video.name
    app.intake.delete(video.video_id)
    assert list(app.settings.videos_folder.iterdir()) == []


@pytest.mark.parametrize("name", ["\"q\" 'q' `q`.mp4", "🎬 %d %03d [0].mp4", "-i.mp4", "a:b?.mp4"])
def test_a_file_on_disk_may_have_any_name(app: App, good: Path, tmp_path: Path, name: str) -> None:
    """No name is taken for an option, a pattern or a protocol."""
    path = tmp_path / name
    path.write_bytes(good.read_bytes())
    video_id = app.intake.add_file(path).video.video_id
    _becomes_searchable(app, video_id)
    assert app.library.video(video_id).name == name


def test_the_command_line_names_each_bad_file_and_adds_the_rest(
    settings: Settings, good: Path, tmp_path: Path
) -> None:
    """`add` of a folder: exit status 1, one line for each bad file, the good one searchable."""
    folder = tmp_path / "mixed"
    folder.mkdir()
    bad = [bad_files.zero_bytes(folder), bad_files.text(folder), bad_files.sound_only(folder)]
    (folder / "last.mp4").write_bytes(good.read_bytes())
    done = subprocess.run(
        [sys.executable, "-m", "core", "add", str(folder)],
        cwd=ROOT, env=_environment(settings), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    _what_it_takes, *complaints = done.stderr.strip().splitlines()
    assert len(complaints) == len(bad), done.stderr
    for path in bad:
        assert sum(line.startswith(str(path)) for line in complaints) == 1, done.stderr
    app = open_app(settings)
    assert [video.state for video in app.library.videos()] == [IndexState.READY]
    app.close()


def test_damaged_files_on_the_command_line_end_in_sentences(
    settings: Settings, tmp_path: Path
) -> None:
    """`add` of twenty damaged videos: each is searchable or has its sentence, and no traceback.

    tests/media/test_hostile.py puts five hundred through probing, decoding and copying.
    """
    drawn, folder = tmp_path / "seeds", tmp_path / "damaged"
    drawn.mkdir()
    folder.mkdir()
    seeds = draw_seeds(drawn)
    paths = []
    for number in range(0, 500, 25):
        name, data = mutated(number, seeds)
        paths.append(folder / name)
        paths[-1].write_bytes(data)
    done = subprocess.run(
        [sys.executable, "-m", "core", "add", "--yes", *map(str, paths)],
        cwd=ROOT, env=_environment(settings), capture_output=True, text=True, check=False,
        timeout=300,
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    _what_it_takes, *complaints = done.stderr.strip().splitlines()
    for path in paths:
        lines = [line for line in complaints if f"{path.name}: " in line]
        taken = [line for line in done.stdout.splitlines() if line.startswith(f"{path.name}: ")]
        assert len(lines) + len(taken) == 1, (path, done.stdout, done.stderr)
        assert all(is_one_clear_sentence(Exception(line.partition(": ")[2])) for line in lines)
    copies = [line for line in complaints if "no copy yet that browsers can play" in line]
    assert len(copies) <= 1
    assert len(complaints) - len(copies) + len(done.stdout.splitlines()) == len(paths)
    assert {path.name for path in tmp_path.iterdir()} == {"seeds", "damaged", settings.data.name}


def _environment(settings: Settings) -> dict[str, str]:
    return {
        **os.environ, "REELSEEK_DATA": str(settings.data), "REELSEEK_MODEL": str(TINY_MODEL),
    }  # fmt: skip


def _becomes_searchable(app: App, video_id: str) -> None:
    app.worker().drain([video_id])
    video = app.library.video(video_id)
    assert (video.state, video.error) == (IndexState.READY, None)
    assert video.n_clips > 0
