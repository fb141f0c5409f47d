"""The arrows between the rooms, and what opening the app must not cost."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
# All that the command line needs to explain itself.
LIGHT = {"core.cli", "core.cli.main", "core.cli.arguments", "core.cli.terminal", "core.errors"}
# Importing one of these costs seconds, calls home, or belongs to the pages alone.
HEAVY = ("torch", "torchvision", "clip", "faiss", "aperturedb", "moviepy", "streamlit")


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_the_rooms_point_one_way() -> None:
    """import-linter finds every contract of pyproject.toml kept."""
    done = run(str(Path(sys.executable).with_name("lint-imports")), "--no-cache")
    assert done.returncode == 0, done.stdout + done.stderr


def test_putting_the_app_together_imports_nothing_heavy() -> None:
    """Neither importing bootstrap nor opening an app needs torch, FAISS or the server's client."""
    script = (
        "import sys, tempfile\n"
        "from pathlib import Path\n"
        "from core.bootstrap import open_app\n"
        "from core.settings import Settings\n"
        "with tempfile.TemporaryDirectory() as folder:\n"
        "    app = open_app(Settings(data=Path(folder)))\n"
        "    app.library.videos(), app.encoder.status(), app.searcher.search('red')\n"
        "    app.close()\n"
        f"print(*[name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = run(sys.executable, "-c", script)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == []


def test_help_answers_at_once() -> None:
    """`python -m core --help` imports no room, and nothing that does not come with Python."""
    done = run(sys.executable, "-X", "importtime", "-m", "core", "--help")
    assert done.returncode == 0, done.stderr
    assert "add videos" in done.stdout
    names = [line.rpartition("|")[2].strip() for line in done.stderr.splitlines()]
    assert {name for name in names if name.count(".") and name.startswith("core.")} <= LIGHT
    assert not {name.partition(".")[0] for name in names} & {*HEAVY, "numpy", "sqlite3", "asyncio"}


def test_no_file_of_core_is_longer_than_250_lines() -> None:
    """A longer one holds two things."""
    lines = {path: len(path.read_text("utf-8").splitlines()) for path in ROOT.glob("core/**/*.py")}
    assert {str(path): n for path, n in lines.items() if n > 250} == {}
