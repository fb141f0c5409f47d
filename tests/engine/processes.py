"""Engines in other processes, for tests of what several on one folder do."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from core.engine.engine import Engine

COUNT = [{"FindEntity": {"with_class": "A", "results": {"count": True}}}]
OPEN = """
import sys
from pathlib import Path
from core.engine.engine import Engine
from core.model import VideoFacts
facts = VideoFacts(1.0, 16, 16, 10.0, "h264", None, "mp4", "yuv420p", 0, 1)
engine = Engine(Path(sys.argv[1]), probe_video=lambda _: facts)
"""


def run_script(text: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", OPEN + text, str(folder)],
        capture_output=True, text=True, check=False, timeout=60,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )  # fmt: skip


def count(engine: Engine) -> int:
    answer, _ = engine.query(COUNT)
    assert isinstance(answer, list)
    return int(answer[0]["FindEntity"]["count"])
