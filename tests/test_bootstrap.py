"""Opening the app: on what the environment asks for, quickly, and again after closing."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from aperturedb.Connector import Connector

from core import bootstrap, shared
from core.errors import DatabaseAwayError, SettingsError
from core.model import PlayState
from core.query import Wanted
from core.settings import Settings, from_environment
from tests.fakes import ColourEncoder
from tests.ingest.conftest import draw


@pytest.fixture
def data(monkeypatch: pytest.MonkeyPatch, data_folder: Path) -> Path:
    """A process that has not opened anything yet, with a data folder of its own."""
    monkeypatch.setenv("REELSEEK_DATA", str(data_folder))
    monkeypatch.setattr(shared, "_shared", shared._Shared(shared._shared._open))
    return data_folder


def test_the_shared_app_is_one_for_all_threads(data: Path) -> None:
    """Eight pages that open at once get the same app, of the folder that the environment names."""
    with ThreadPoolExecutor(8) as threads:
        apps = list(threads.map(lambda _: shared.shared_app(), range(8)))
    assert len(set(map(id, apps))) == 1
    assert apps[0].settings.data == data
    apps[0].close()


def test_a_closed_shared_app_is_opened_again(data: Path) -> None:
    """Closing is harmless to repeat; whoever asks later gets one that answers."""
    first = shared.shared_app()
    first.close()
    first.close()
    second = shared.shared_app()
    assert second is not first
    assert second.library.videos() == []
    second.close()


def test_what_is_stored_is_there_after_reopening(settings: Settings, tmp_path: Path) -> None:
    """A film indexed in one life is found in the next."""
    for _ in range(2):
        app = bootstrap.open_app(settings, encoder=ColourEncoder())
        video = app.intake.add_file(_film(tmp_path)).video
        app.worker().drain([video.video_id])
        assert app.searcher.search("blue", wanted=Wanted(floor=0.0)).moments[0].span.start_s == 1
        app.close()


def _film(folder: Path) -> Path:
    path = folder / "a.mp4"
    return path if path.exists() else draw(path, "red blue")


def test_a_folder_that_cannot_be_opened_is_said(tmp_path: Path) -> None:
    """A file where the data folder belongs."""
    (tmp_path / "taken").touch()
    with pytest.raises(DatabaseAwayError, match="cannot be opened"):
        bootstrap.open_app(Settings(data=tmp_path / "taken"))


def test_a_bad_setting_is_said(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once it is mended, the shared app opens."""
    monkeypatch.setenv("REELSEEK_FRAMING", "sideways")
    with pytest.raises(SettingsError, match="REELSEEK_FRAMING is 'sideways'"):
        shared.shared_app()
    monkeypatch.delenv("REELSEEK_FRAMING")
    shared.shared_app().close()


@pytest.mark.parametrize("variable", ["MESSAGE_MB", "CACHE_GB", "EVERY_S"])
@pytest.mark.parametrize("value", ["nan", "inf", "-inf", "1e999", "much", "0", "-1"])
def test_a_number_that_is_none_is_said(variable: str, value: str) -> None:
    """With the variable and the value, whichever of the two checks finds it."""
    with pytest.raises(SettingsError, match=rf"REELSEEK_{variable} is '?{value}'?; use "):
        from_environment({f"REELSEEK_{variable}": value})


@pytest.mark.parametrize("value", ["0.09", "10.1"])
def test_samples_too_close_or_too_far_apart_are_refused(value: str) -> None:
    """From ten frames a second to one in ten seconds is taken."""
    with pytest.raises(SettingsError, match=f"REELSEEK_EVERY_S is {value}; use a number of"):
        from_environment({"REELSEEK_EVERY_S": value})
    assert [from_environment({"REELSEEK_EVERY_S": s}).every_s for s in ("0.1", "10")] == [0.1, 10]


@pytest.mark.parametrize("variable", ["REELSEEK_DATA", "REELSEEK_MODEL"])
def test_the_home_of_nobody_is_said(variable: str) -> None:
    """In a sentence with the variable; the home folder of who asks is known."""
    with pytest.raises(SettingsError, match=f"{variable} is '~no-one/x'. There is no user 'no-one"):
        from_environment({variable: "~no-one/x"})
    assert from_environment({variable: "~/x"})


def test_a_sampling_that_is_none_is_said() -> None:
    """With those that there are."""
    with pytest.raises(SettingsError, match="REELSEEK_SAMPLING is 'fast'; use one of auto, exact"):
        from_environment({"REELSEEK_SAMPLING": "fast"})


@pytest.mark.parametrize("content", [[], ["team"], "team", 3, {"active": ["team"]}])
def test_a_configuration_that_is_none_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: object
) -> None:
    """Whatever lies in adb.json, the sentence names the file."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".aperturedb").mkdir()
    (tmp_path / ".aperturedb" / "adb.json").write_text(json.dumps(content))
    with pytest.raises(SettingsError, match=r"adb\.json is no configuration"):
        from_environment({})


def test_the_connector_is_aperturedbs_own_on_the_same_data(
    settings: Settings, tmp_path: Path
) -> None:
    """connect() gives the client's class; what the app stored, it finds, and the reverse."""
    app = bootstrap.open_app(settings, encoder=ColourEncoder())
    client = bootstrap.connect(settings)
    assert isinstance(client, Connector)
    video = app.intake.add_file(_film(tmp_path)).video
    app.worker().drain([video.video_id])
    response, _ = client.query([{"FindVideo": {"results": {"list": ["video_id"]}}}])
    assert response[0]["FindVideo"]["entities"] == [{"video_id": video.video_id}]
    rename = {"constraints": {"name": ["==", "a.mp4"]}, "properties": {"name": "from outside"}}
    client.query([{"UpdateVideo": rename}])
    assert app.library.video(video.video_id).name == "from outside"
    client.close()
    app.close()


def test_what_can_be_played(settings: Settings, tmp_path: Path) -> None:
    """The file itself, its copy once that is made, and nothing when neither is there."""
    app = bootstrap.open_app(settings, encoder=ColourEncoder())
    direct = app.intake.add_file(_film(tmp_path)).video
    wanted = app.intake.add_file(draw(tmp_path / "b.mkv", "green")).video
    assert app.playable(direct) == tmp_path / "a.mp4"
    assert app.playable(wanted) is None
    app.library.claim_play("w", lease_s=60)
    app.library.finish_play(wanted.video_id, "w")
    ready = app.library.video(wanted.video_id)
    assert ready.play_state is PlayState.READY
    assert app.playable(ready) is None, "recorded, but the file is gone"
    app.intake.proxy_of(wanted).parent.mkdir()
    app.intake.proxy_of(wanted).touch()
    assert app.playable(ready) == app.intake.proxy_of(wanted)
    (tmp_path / "a.mp4").unlink()
    assert app.playable(direct) is None
    app.close()


def test_the_database_is_named_without_secrets(settings: Settings) -> None:
    """The folder when embedded; else the variable, never what it holds."""
    app = bootstrap.open_app(settings)
    assert str(settings.database_folder) in app.database_name()
    app.close()
