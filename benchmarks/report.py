"""How every benchmark says what it found: a line for each number, or all of them as JSON.

A number is compared with its goal; the machine may be busy, so goals are ratios within one run or
generous limits. The program's exit status says whether all were met.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class Line:
    """One number: what it is, what it was, what it should be, and whether it is."""

    name: str
    value: float
    goal: str | None
    ok: bool


@dataclass
class Report:
    """Lines in the order they were found; printed as they come unless JSON is wanted."""

    as_json: bool = False
    lines: list[Line] = field(default_factory=list)

    def add(
        self, name: str, value: float,
        at: Literal["most", "least"] = "most", limit: float | None = None,
    ) -> None:  # fmt: skip
        """Add a number, with the limit it should keep; without one it is told, not judged."""
        ok = limit is None or (value <= limit if at == "most" else value >= limit)
        goal = None if limit is None else f"{'<=' if at == 'most' else '>='} {limit:g}"
        self._tell(Line(name, round(value, 4), goal, bool(ok)))

    def add_within(self, name: str, value: float, least: float, most: float) -> None:
        """Add a number that cannot rightly be below `least`: there, the measurement is invalid."""
        if value < least:
            self.note(f"            invalid: {value:.3f} is below what is possible; measure again")
        ok = least <= value <= most
        self._tell(Line(name, round(value, 4), f"{least:g} to {most:g}", ok))

    def add_same(self, name: str, value: float, wanted: float) -> None:
        """Add a number that should be this one; both are taken from the same short list."""
        self._tell(Line(name, round(value, 4), f"= {wanted:g}", abs(value - wanted) < 1e-9))

    def _tell(self, line: Line) -> None:
        self.lines.append(line)
        if not self.as_json:
            verdict = "" if line.goal is None else f"  ({line.goal}: {'yes' if line.ok else 'NO'})"
            print(f"{line.value:10.3f}  {line.name}{verdict}", flush=True)

    def note(self, text: str) -> None:
        """Say something that is no number."""
        if not self.as_json:
            print(text, flush=True)

    def finish(self) -> int:
        """Print the JSON if that is wanted; give the exit status."""
        if self.as_json:
            print(json.dumps([asdict(line) for line in self.lines], indent=1))
        return 0 if all(line.ok for line in self.lines) else 1
