"""Hypothesis asks a small database a few queries, and shrinks those that break something.

What must hold is in `language`; what is asked is in `strategies`.
"""

from __future__ import annotations

import struct
import tempfile
import time
from pathlib import Path

from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from tests.fuzz import language
from tests.fuzz.strategies import Query, query

N_PER_ROUND = 25  # episodes; between rounds the time is looked at
FILLED = [
    *[{"AddEntity": {"class": one, "properties": {"n": n, "name": "a"}}}
      for n, one in enumerate("AAB")],
    {"AddVideo": {"_ref": 1}},
    {"AddClip": {"_ref": 2, "video_ref": 1, "frame_number_range": {"start": 0, "stop": 9}}},
    {"AddFrame": {"video_ref": 1, "frame_number": 3}},
    *[{"AddDescriptor": {"set": "s", "connect": {"ref": 2}, "properties": {"n": n}}}
      for n in range(3)],
]  # fmt: skip
BLOBS = [b"film", *(struct.pack("<2f", 1, n) for n in range(3))]


def run(seconds: float, of_seed: int) -> int:
    """Try episodes for so long and give how many queries were asked.

    Raises:
        AssertionError: what must not happen, with the least episode that shows it.
    """
    ends_s = time.monotonic() + seconds
    n_asked, n_rounds = 0, 0

    def ask(asked: list[Query]) -> None:
        nonlocal n_asked
        n_asked += len(asked)
        try_episode(asked)

    while time.monotonic() < ends_s:
        rounds = settings(
            max_examples=N_PER_ROUND, deadline=None, database=None,
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        seed(f"{of_seed} {n_rounds}")(rounds(given(st.lists(query(), max_size=4))(ask)))()
        n_rounds += 1
    return n_asked


def try_episode(asked: list[Query]) -> None:
    """Ask a small database these queries, one after the other."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        engine = language.open_engine(folder)
        try:
            engine.query(language.SETS)
            filled, _ = engine.query(FILLED, BLOBS)
            assert isinstance(filled, list), filled
            for one in asked:
                language.try_query(engine, folder, one, f"{language.shown(one)} of an episode")
            language.compare(engine, folder, "an episode")
        finally:
            engine.close()
