"""What `add` says before it begins: files, hours, time and disk, and what will not go well."""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from core.cli.preflight import sentence, warnings
from core.ingest.preflight import Preflight
from tests.ingest import imports
from tests.ingest.conftest import draw
from tests.ingest.servers import a_free_port, client_of, serving
from tests.ingest.test_preflight import padded
from tests.test_cli import Run, films, run  # noqa: F401 - fixtures


def figures(line: str) -> Sequence[str]:
    """The numbers in a sentence, in order."""
    return re.findall(r"\d+(?:\.\d+)?", line)


def test_the_sentence_has_files_hours_time_and_disk() -> None:
    """In words; what is estimated says so."""
    found = Preflight(
        n_files=900, n_new=800, n_probed=62, n_bad=3, hours=500.0, speed=25.0, is_speed_known=True,
        needed_bytes=40_000_000_000, free_bytes=30_000_000_000,
    )  # fmt: skip
    assert sentence(found) == (
        "900 files, 100 of them there already, 3 of the 62 looked at cannot be used: about 500.0 h "
        "of video to index, about 20.0 h at 25 times their speed (as the last videos here), and "
        "about 40.0 of 30.0 GB of disk."
    )
    (full,) = warnings(found)
    assert "30.0 GB free, which is not enough" in full


def test_what_is_small_is_said_in_megabytes() -> None:
    """In tenths, and never as nothing; free room may be small, too."""

    def disk(needed_bytes: int, free_bytes: int) -> str:
        found = Preflight(
            n_files=2, n_new=2, n_probed=2, n_bad=0, hours=1.0, speed=7.5, is_speed_known=True,
            needed_bytes=needed_bytes, free_bytes=free_bytes,
        )  # fmt: skip
        return sentence(found).rpartition("about ")[2]

    assert disk(1, 75_700_000_000) == "0.1 MB of 75.7 GB of disk."
    assert disk(12_300_000, 75_700_000_000) == "12.3 MB of 75.7 GB of disk."
    assert disk(100_000_000, 75_700_000_000) == "0.1 of 75.7 GB of disk."
    assert disk(0, 50_000_000) == "0.0 of 50.0 MB of disk."


def test_the_sentence_says_when_a_speed_is_a_bound() -> None:
    """Measured with another sampling: at most so long."""
    found = Preflight(
        n_files=2, n_new=2, n_probed=2, n_bad=0, hours=1.0, speed=7.5, is_speed_known=True,
        needed_bytes=0, free_bytes=10**9, is_sampling_other=True,
    )  # fmt: skip
    assert "about at most 8 min at 7.5 times their speed (or more: the last" in sentence(found)
    assert list(warnings(found)) == []


def test_many_files_are_estimated_by_some_of_them(
    run: Run,  # noqa: F811
    tmp_path: Path,
) -> None:
    """Of more than 64, some are opened and stand for all; all are added."""
    folder = tmp_path / "many"
    folder.mkdir()
    film = draw(folder / "00.mp4", "red", seconds_each=2)
    for n in range(1, 70):
        shutil.copy(film, folder / f"{n:02d}.mp4")
    ran = run("add", folder)
    assert ran.status == 0, ran.err
    (line,) = ran.err.splitlines()
    assert line.startswith("70 files: about 2 min of video to index, about 14 s at 10 times")
    *_, disk, free = figures(line)
    assert f"about {disk} MB of {free} GB of disk" in line
    assert 0 < float(disk) < 10
    assert float(free) == pytest.approx(shutil.disk_usage(folder).free / 1e9, rel=0.1)
    assert ran.out.splitlines() == ["00.mp4: added, 1 clip"], "the others are it, too"
    again = run("add", folder)
    assert again.err.startswith("70 files"), "only one of the paths is known"


def test_what_cannot_be_used_is_counted_before(
    run: Run,  # noqa: F811
    films: Path,  # noqa: F811
) -> None:
    """And named afterwards, as ever."""
    (films / "bad.mp4").write_text("no film")
    ran = run("add", "-r", films)
    counted, named = ran.err.splitlines()
    assert counted.startswith("3 files, 1 of them cannot be used: 4 s of video")
    assert named.startswith(f"{films / 'bad.mp4'}: ")


def test_files_above_the_servers_limit_are_foretold(tmp_path: Path) -> None:
    """Before anything is sent; each has its sentence then, and the others are added."""
    folder, port = tmp_path / "films", a_free_port()
    folder.mkdir()
    small = draw(folder / "small.mp4", "red")
    large = padded(small, folder / "large.mp4", 2 << 20)
    with serving(tmp_path / "server", port):
        adding = imports.start(
            tmp_path / "client", "add", "--yes", str(folder),
            APERTUREDB_JSON=client_of(port), ADB_LOG_FILE="", REELSEEK_MESSAGE_MB="1",
        )  # fmt: skip
        status, out, err = imports.finish(adding)
    assert status == 1
    assert out == "small.mp4: added, 1 clip\n"
    counted, warned, refused = err.splitlines()
    assert re.search(r"about 0\.\d MB of the server and 0\.\d MB of \d", counted), counted
    assert warned.startswith("1 will be refused, with more than the 1 MB that the server takes")
    assert "large.mp4" in warned
    assert refused.startswith(f"{large}: large.mp4 has 2 MB, and the database server takes 1 MB")
