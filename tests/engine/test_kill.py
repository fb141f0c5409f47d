"""Writers are killed at random points, round after round, and the database must not notice.

`KILL_ROUNDS=200` for the long run, `KILL_SEED` for another one; `make fuzz` does both.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROUNDS = int(os.environ.get("KILL_ROUNDS", "24"))
SEED = int(os.environ.get("KILL_SEED", "1"))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the writers are forked")
@pytest.mark.timeout(60 + 5 * ROUNDS)
def test_killed_writers_leave_whole_queries(tmp_path: Path) -> None:
    """Reopened, what was answered is there, what was not is whole or absent, no file is left."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.engine.kill_rounds", str(tmp_path), str(ROUNDS), str(SEED)],
        capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2],
        env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
