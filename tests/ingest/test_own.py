"""Ids that somebody else wrote into a shared database never lead out of our folders."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from core.bootstrap import App
from core.cli.mcp import Tools
from core.ingest.journal import Journal, Note
from core.ingest.names import file_name_of
from core.ingest.own import OwnFiles
from tests.ingest.conftest import draw

EVIL = ["../../evil", "/etc/evil", "*", "a/b", "..", ".", "", "a\0b", "\ud800", "a" * 300, "é"]
GOOD = ["a", "0b9cd51af3d04b3e9ae4c2ff6ae7d0d3", "my-video_1", "12.345.0"]


def test_an_id_of_another_form_is_no_path(app: App, films: Path) -> None:
    """Neither of copies and uploads, nor of notes."""
    own = OwnFiles(films / "videos", films / "copies")
    video = app.intake.add_file(draw(films / "a.mp4", "red")).video
    journal = Journal(films / "videos")
    for video_id in EVIL:
        evil = replace(video, video_id=video_id, content_sha256="/../../x")
        assert own.proxy_of(evil).resolve().parent == (films / "copies").resolve()
        assert own.path(own.name_for(video_id, "a.mp4")).resolve().parent == films / "videos"
        with journal.noting(Note("delete", video_id, "")):
            assert [path.suffix for path in (films / "videos").iterdir()] == [".note"]
        assert list((films / "videos").iterdir()) == []


def test_copies_of_others_stay(tmp_path: Path) -> None:
    """A star in an id is no star."""
    own = OwnFiles(tmp_path, tmp_path)
    copies = [tmp_path / f"{file_name_of(name)}.0123.mp4" for name in ("a", "*")]
    for copy in copies:
        copy.touch()
    own.remove_copies("*")
    assert [copy.exists() for copy in copies] == [True, False]


@pytest.mark.parametrize("video_id", GOOD)
def test_ids_of_ours_and_of_databases_are_names_as_they_are(video_id: str) -> None:
    """So that files made before are found."""
    assert file_name_of(video_id) == video_id


def test_a_clip_for_an_assistant_stays_in_its_folder(app: App, films: Path) -> None:
    """Whatever id the video has."""
    video = app.intake.add_file(draw(films / "a.mp4", "red")).video
    told = {"constraints": {"video_id": ["==", video.video_id]}}
    told["properties"] = {"video_id": "../../evil"}  # type: ignore[dict-item]
    app._database.query([{"UpdateVideo": told}])
    found = Tools(app).get_clip("../../evil", 0.0, 0.5)
    assert Path(found["path"]).resolve().parent == (app.settings.data / "clips").resolve()
