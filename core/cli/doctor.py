"""`doctor`: checks what Reelseek needs, one line each; a bad line says what to do.

A check that fails never keeps the others from running.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.metadata
import platform
import shutil
import sys
from collections.abc import Callable

from core.bootstrap import App, open_app
from core.cli.terminal import many, say
from core.errors import DatabaseError, LibraryError, ReelseekError, SettingsError, ToolError
from core.media.guard import ffmpeg_version
from core.settings import Settings, from_environment

LEAST_PYTHON = (3, 11)
LEAST_ROOM_BYTES = 1 << 30
GIB = 1 << 30
_WITHOUT_A_NETWORK = (
    "Where there is no network, bring the file and set REELSEEK_MODEL to where it lies."
)


def run(asked: argparse.Namespace) -> int:
    """Print the checks; 1 if one is bad."""
    del asked
    settings = from_environment()
    checks: tuple[tuple[str, Callable[[], str]], ...] = (
        ("Python", _python),
        ("torch", _torch),
        ("ffmpeg", ffmpeg_version),
        ("disk", lambda: _disk(settings)),
        ("database", lambda: _with_app(settings, _database)),
        ("model", lambda: _model_beside(settings)),
    )
    n_good = sum(_check(name, check) for name, check in checks)
    return 0 if n_good == len(checks) else 1


def _check(name: str, check: Callable[[], str]) -> bool:
    try:
        sentence, is_good = check(), True
    except ReelseekError as error:
        sentence, is_good = str(error), False
    say(f"{'ok' if is_good else 'BAD':<4} {name:<9} {sentence}")
    return is_good


def _python() -> str:
    if sys.version_info < LEAST_PYTHON:
        raise ToolError(f"{platform.python_version()} is too old. Install Python 3.11 or newer.")
    return f"{platform.python_version()} in {sys.prefix}"


def _torch() -> str:
    try:
        torch = importlib.import_module("torch")
    except (ImportError, OSError) as error:
        raise ToolError(
            f"torch cannot be imported ({error}). Install it with `pip install -r "
            "requirements.txt`."
        ) from error
    on = torch.cuda.get_device_name() if torch.cuda.is_available() else "the CPU"
    return f"{importlib.metadata.version('torch')}, on {on}"


def _disk(settings: Settings) -> str:
    folder = settings.data
    while not folder.exists():
        folder = folder.parent
    free_bytes = shutil.disk_usage(folder).free
    sentence = f"{free_bytes / GIB:.1f} GiB free for {settings.data}"
    if free_bytes < LEAST_ROOM_BYTES:
        raise LibraryError(f"{sentence}. Free some, or set REELSEEK_DATA to a larger disk.")
    return sentence


def _with_app(settings: Settings, check: Callable[[App], str]) -> str:
    app = open_app(settings)
    try:
        return check(app)
    finally:
        app.close()


def _database(app: App) -> str:
    n_videos, n_clips = app.library.counts()
    return (
        f"{app.database_name()}: {app.database_version()}, "
        f"{many(n_videos, 'searchable video')}, {many(n_clips, 'clip')}"
    )


def _model_beside(settings: Settings) -> str:
    """Check the model beside the library; that this cannot be opened has been said by then."""
    try:
        return _with_app(settings, _model)
    except (DatabaseError, SettingsError) as error:
        raise ToolError(
            "It is compared with what the database holds, so it is checked when that answers."
        ) from error


def _model(app: App) -> str:
    """Load the model if it is on this machine; a download is not a check's to start."""
    status = app.encoder.status()
    if status.comes_by_itself or status.state == "downloading":
        return f"{status.sentence} {_WITHOUT_A_NETWORK}"
    if status.state not in ("ready", "loading"):
        raise ToolError(status.sentence)
    app.encoder.load()
    app.library.check_index(app.encoder.info())
    return app.encoder.status().sentence
