"""What an hour of video takes, as measured, and what thousands need, as computed from that."""

from __future__ import annotations

import math
from dataclasses import dataclass

from benchmarks.lot_encoder import DIMENSIONS
from benchmarks.report import Report

_WEEK_H = 168


@dataclass(frozen=True, slots=True)
class Hour:
    """What an hour of video takes: CPU seconds, MB of each kind, clips; and how fast it went."""

    cpu_s: float
    speed: float  # seconds of video in a second, on this machine
    vectors_mb: float
    pictures_mb: float
    sheets_mb: float
    database_mb: float  # all of it
    clips: float

    def tell(self, report: Report, name: str) -> None:
        """Add its numbers to a report."""
        report.add(f"{name}: CPU seconds for an hour of video", self.cpu_s)
        report.add(f"{name}: seconds of video in a second", self.speed)
        report.add(f"{name}: clips for an hour", self.clips)
        for kind in ("vectors", "pictures", "sheets", "database"):
            report.add(f"{name}: MB of {kind} for an hour", getattr(self, f"{kind}_mb"))


@dataclass(frozen=True, slots=True)
class Need:
    """What many hours of video need, where each hour is like the one measured."""

    core_hours: float
    machine_hours: float
    machines_for_a_week: int
    disk_tb: float
    clips_m: float  # millions
    vectors_gb: float  # in memory, where they are searched


def need(hours: float, one: Hour, *, model_cpu_s: float, n_cores: int) -> Need:
    """Compute what so many hours need.

    Args:
        hours: of video.
        one: what one hour took without the model.
        model_cpu_s: of the model, for a picture.
        n_cores: of one machine; indexing keeps all of them busy.
    """
    core_hours = hours * (one.cpu_s + one.clips * model_cpu_s) / 3600
    return Need(
        core_hours=core_hours, machine_hours=core_hours / n_cores,
        machines_for_a_week=math.ceil(core_hours / n_cores / _WEEK_H),
        disk_tb=hours * one.database_mb / 1e6, clips_m=hours * one.clips / 1e6,
        vectors_gb=hours * one.clips * DIMENSIONS * 4 / 1e9,
    )  # fmt: skip
