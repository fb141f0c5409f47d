"""`python -m tests.fuzz --minutes 10 [--seed 1]`: the language, the engine's twin, the wire.

The language twice: by Python's chance, which meets much at once, and by hypothesis, which finds the
edges of values and shrinks what fails.
"""

from __future__ import annotations

import argparse
import faulthandler
import random
import sys
import time

from tests.fuzz import episodes, language, twin, wire

HANG_S = 300.0  # within one input: then the stacks are written and the process ends


def main() -> None:
    """Spend a quarter of the time on each; a failure ends it with the input and the seed."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=random.randrange(2**32))
    said = parser.parse_args()
    sys.stdout.write(f"seed {said.seed}\n")
    seconds = said.minutes * 15
    for name, run in (
        ("language", language.run), ("hypothesis", episodes.run), ("twin", twin.run),
        ("wire", wire.run),
    ):  # fmt: skip
        faulthandler.dump_traceback_later(seconds + HANG_S, exit=True)
        start_s = time.monotonic()
        n = run(seconds, said.seed)
        sys.stdout.write(f"{name}: {n} inputs in {time.monotonic() - start_s:.0f} s\n")
        faulthandler.cancel_dump_traceback_later()


if __name__ == "__main__":
    main()
