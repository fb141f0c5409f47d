"""Random queries to the engine and to its naive twin, episode after episode, as fast as it goes."""

from __future__ import annotations

import random
import time

from tests.property.pair import Pair

N_PER_EPISODE = 30


def run(seconds: float, seed: int) -> int:
    """Ask for so long and give the number of queries.

    Raises:
        AssertionError: engine and twin disagree; with the number of the episode.
    """
    ends_s = time.monotonic() + seconds
    n, episode = 0, 0
    while time.monotonic() < ends_s:
        try:
            n += run_episode(seed, episode)
        except AssertionError as error:
            raise AssertionError(f"episode {episode} of seed {seed}: {error}") from error
        episode += 1
    return n


def run_episode(seed: int, episode: int) -> int:
    """Ask an empty database's first queries; give how many."""
    rng = random.Random(f"{seed} {episode}")
    pair = Pair()
    try:
        for _ in range(N_PER_EPISODE):
            pair.ask_anything(rng.choice(["first", "second"]), seed + episode, rng.randint(1, 4))
            pair.compare()
            if rng.random() < 0.1:
                pair.reopen(rng.choice(["first", "second"]))
        return pair.n_asked
    finally:
        pair.close()
