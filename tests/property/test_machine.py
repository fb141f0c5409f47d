"""Random queries to the engine and to its naive twin: the answers must be the same.

`HYPOTHESIS_EXAMPLES=2000` runs longer than the few seconds that every build has.
"""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from tests.property.pair import Pair

EXAMPLES = int(os.environ.get("HYPOTHESIS_EXAMPLES", "25"))
STEPS = 12
WHO = st.sampled_from(["first", "second"])


class Machine(RuleBasedStateMachine):
    """Two engines on one folder, and the twin."""

    def __init__(self) -> None:
        super().__init__()
        self.pair = Pair()

    @rule(who=WHO, seed=st.integers(0, 2**64), n_commands=st.integers(1, 4))
    def ask(self, who: str, seed: int, n_commands: int) -> None:
        """A query of chance, made from a seed, as hypothesis likes small things too much."""
        self.pair.ask_anything(who, seed, n_commands)

    @rule(who=WHO)
    def reopen(self, who: str) -> None:
        """A process ends and another comes."""
        self.pair.reopen(who)

    @invariant()
    def both_have_everything(self) -> None:
        """Whatever was asked, both engines hold what the twin holds."""
        self.pair.compare()

    def teardown(self) -> None:
        self.pair.close()


TestMachine = pytest.mark.timeout(600)(Machine.TestCase)
TestMachine.settings = settings(
    max_examples=EXAMPLES, stateful_step_count=STEPS, deadline=None,
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
