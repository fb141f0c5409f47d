"""Rounds of SIGKILL: `python -m tests.engine.kill_rounds FOLDER ROUNDS SEED`.

A process of its own, warmed once, that forks the writers and, after they are dead, the one that
checks; it never opens a database itself. It ends with 0, or with the reason of the first failure.
"""

from __future__ import annotations

import faulthandler
import os
import random
import signal
import sys
import time
import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path

import faiss  # noqa: F401 - warmed here, so that no child has to import it

from core.engine.vectors import cache, graphs, rows_file
from tests.engine import kill_checks, kill_load

MOST_WRITERS = 3
ROUNDS_A_FOLDER = 8  # what they leave is still there in the next round
LATEST_S = 30.0


def fork(work: Callable[[], None]) -> int:
    """Run a function in a child of its own; it ends with 1 and the reason when that raises."""
    pid = os.fork()
    if pid:
        return pid
    try:
        work()
    except BaseException:  # noqa: BLE001 - the child must not run on as a second parent
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(1)
    os._exit(0)


def make_few_many() -> None:
    """Let few vectors be as many as it takes for files of vectors and graphs."""
    cache.FLUSH_BYTES = rows_file._SPARE_BYTES = 40 * 4 * kill_load.DIMENSIONS
    graphs.LEAST_ROWS, graphs._EXTEND_ROWS, graphs._ADD_ROWS, graphs._SAVE_ROWS = 100, 30, 20, 40


def dawdle(rng: random.Random) -> None:
    """Make what a process does with files slow now and then, so that it is killed in there, too."""
    for name in ("fsync", "rename", "replace", "unlink", "truncate"):
        setattr(os, name, partial(_slowly, rng, getattr(os, name)))


def _slowly(
    rng: random.Random, what: Callable[..., object], *args: object, **more: object
) -> object:
    if rng.random() < 0.5:
        time.sleep(rng.uniform(0, 0.005))
    done = what(*args, **more)
    if rng.random() < 0.5:
        time.sleep(rng.uniform(0, 0.005))
    return done


def _write(folder: Path, journal: Path, seed: str) -> None:
    faulthandler.register(signal.SIGUSR1, all_threads=True)
    dawdle(random.Random(seed))
    kill_load.write(folder, journal, seed)


def _n_lines(journals: list[Path]) -> int:
    return sum(path.read_bytes().count(b"\n") for path in journals if path.exists())


def _wait_for(journals: list[Path], n_lines: int, pids: list[int]) -> None:
    give_up = time.monotonic() + LATEST_S
    while _n_lines(journals) < n_lines:
        if time.monotonic() > give_up:
            for pid in pids:
                os.kill(pid, signal.SIGUSR1)  # shows where it hangs
            time.sleep(1)
            raise AssertionError(f"{journals} stay below {n_lines} lines")
        time.sleep(0.0005)


def kill_round(folder: Path, journals: list[Path], rng: random.Random) -> None:
    """Let writers work, kill some of them at a random point, and let the others go on and end."""
    pids = [fork(partial(_write, folder, path, str(rng.random()))) for path in journals]
    _wait_for(journals, rng.randrange(12 * len(journals)), pids)
    time.sleep(rng.uniform(0, 0.02))  # into the middle of whatever they do then
    n_killed = rng.randint(1, len(pids))
    for pid in pids[:n_killed]:
        os.kill(pid, signal.SIGKILL)
    living = journals[n_killed:]
    _wait_for(living, _n_lines(living) + 6 * len(living), pids[n_killed:])
    for pid in pids[n_killed:]:
        os.kill(pid, signal.SIGTERM)
    ends = [os.waitpid(pid, 0)[1] for pid in pids]
    assert all(os.WIFSIGNALED(end) for end in ends[:n_killed]), ends
    assert all(end == 0 for end in ends[n_killed:]), ends


def main(base: Path, n_rounds: int, seed: int) -> None:
    """Do the rounds."""
    make_few_many()
    rng = random.Random(seed)
    journals: list[Path] = []
    for n in range(n_rounds):
        folder = base / str(n // ROUNDS_A_FOLDER)
        folder.mkdir(parents=True, exist_ok=True)
        journals = [path for path in journals if path.parent == folder]
        new = [folder / f"w{n}x{i}.journal" for i in range(rng.randint(1, MOST_WRITERS))]
        kill_round(folder / "db", new, rng)
        journals += new
        there = [path for path in journals if path.exists()]
        _, end = os.waitpid(fork(partial(kill_checks.check, folder / "db", there)), 0)
        assert end == 0, f"round {n} of seed {seed} in {folder}"
    sys.stdout.write(f"{n_rounds} rounds, {_n_lines(list(base.glob('*/*.journal')))} lines\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
