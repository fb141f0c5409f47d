"""The README says nothing that does not work: its commands are run, its settings are real."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from aperturedb.Configuration import Configuration

from core import settings as core_settings
from core.encoders.weights import PUBLISHED
from tests.conftest import TINY_MODEL
from tests.embedded import embedded
from tests.films import Film, draw_film, scenes

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")
COMMANDS = [
    line
    for block in re.findall(r"^```sh\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    for line in block.splitlines()
]


def test_every_make_word_exists() -> None:
    """Each `make …` of the README and of CONTRIBUTING is a target that make accepts."""
    text = README + (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    words = set(re.findall(r"\bmake ([a-z]+)\b(?=`|$|  | ARGS)", text, re.MULTILINE))
    assert {"run", "test", "demo"} <= words
    for word in sorted(words):
        dry_run = ["make", "--dry-run", "--no-print-directory", word]
        done = subprocess.run(dry_run, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"make {word}: {done.stderr}"


def test_the_command_line_says_first_where_its_packages_are() -> None:
    """The environment that make makes, before the first command and by a file that venv makes."""
    section = README.partition("## On the command line\n")[2].partition("\n## ")[0]
    before = section.partition("```sh\n")[0]
    assert "`. .venv/bin/activate`" in before
    assert "\nVENV := .venv\n" in (ROOT / "Makefile").read_text("utf-8")
    assert " -m venv --clear $(VENV)\n" in (ROOT / "Makefile").read_text("utf-8")


def test_every_command_is_one_this_file_knows_how_to_check() -> None:
    """A new kind of command in the README needs a check here first."""
    known = ("make ", "python -m core ", "pip install -r requirements.txt", "streamlit run app.py")
    assert COMMANDS
    assert [line for line in COMMANDS if not line.startswith(known)] == []


def test_the_command_line_examples_work_in_their_order(tmp_path: Path) -> None:
    """`python -m core …` lines, run as they stand by a shell whose home holds two small films."""
    videos = tmp_path / "Videos"
    videos.mkdir()
    draw_film(Film("one", scenes("red star/black, blue ring/gray", seconds_each=3)), videos)
    draw_film(Film("two", scenes("pink circle/brown", seconds_each=3)), videos)
    lines = [line for line in COMMANDS if line.startswith("python -m core ")]
    assert {line.split()[3] for line in lines} >= {"add", "status", "search", "doctor"}
    _shell("\n".join(lines), tmp_path)
    found = json.loads(_shell('python -m core search "a red star" -k 1 --json', tmp_path))
    assert found[0]["name"].startswith("one")
    assert found[0]["start_s"] < 3
    (example,) = re.findall(r"^```python\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    shown = f'{example}print(response[1]["FindClip"]["returned"])'
    assert int(_shell(f"python -c {shlex.quote(shown)}", tmp_path)) > 0


def _shell(script: str, home: Path) -> str:
    done = subprocess.run(
        ["sh", "-e", "-c", script],
        cwd=ROOT, env=_sandbox(home), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _sandbox(home: Path) -> dict[str, str]:
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    ours = {"HOME": str(home), "PATH": path, "REELSEEK_MODEL": str(TINY_MODEL)}
    return {**embedded(os.environ), **ours}


def test_the_download_is_as_large_as_doctor_says() -> None:
    """In the same unit."""
    size_mib = PUBLISHED[core_settings.DEFAULT_MODEL].size_mib
    assert f"downloads CLIP's weights ({size_mib} MiB)" in README


def test_a_key_is_made_as_the_readme_says() -> None:
    """And read again by the client."""
    (made,) = re.findall(r"`(Configuration\(.*\)\.deflate\(\))`", README)
    key = eval(made, {"Configuration": Configuration})  # noqa: S307 - our own README
    read = Configuration.reinflate(key)
    assert (read.host, read.port) == ("db.example.org", 55555)
    assert (read.username, read.password) == ("admin", "PASSWORD")


def test_a_password_in_a_file_is_not_committed() -> None:
    """The README has it in .env, so git leaves that out."""
    assert "`APERTUREDB_JSON` in `.env`" in README
    assert ".env" in (ROOT / ".gitignore").read_text("utf-8").splitlines()


def test_what_the_printed_line_replaces_is_said_beside_it() -> None:
    """`--active --overwrite` takes the place of a configuration that somebody works with."""
    section = README.partition("## Use it as an ApertureDB\n")[2].partition("\n## ")[0]
    _, is_there, after = section.partition("--active --overwrite")
    assert is_there
    assert "active in its place" in after


def test_the_settings_table_is_complete() -> None:
    """Every variable that the settings read stands in the table, with its default, and no other."""
    in_table = set(re.findall(r"`((?:REELSEEK|APERTUREDB)_[A-Z_]+)`(?=[^\n]*\|)", README))
    source = Path(core_settings.__file__).read_text("utf-8")
    in_code = set(re.findall(r'"((?:REELSEEK|APERTUREDB)_[A-Z_]+)"', source))
    assert in_table == in_code
    defaults = core_settings.from_environment({})
    assert (defaults.model, defaults.framing) == (None, None), (
        "those of the library, or of a new one:"
    )
    for value in (
        core_settings.DEFAULT_MODEL,
        core_settings.DEFAULT_FRAMING,
        f"{defaults.every_s:g}",
    ):
        assert f"| `{value}` |" in README


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "docs/architecture.md"])
def test_every_link_to_a_file_leads_somewhere(name: str) -> None:
    """Pictures and documents that are linked to exist."""
    text = (ROOT / name).read_text("utf-8")
    targets = re.findall(r"\]\((?!https?:)([^)#]+)", text)
    missing = [target for target in targets if not (ROOT / name).parent.joinpath(target).exists()]
    assert missing == []
