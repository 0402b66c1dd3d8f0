"""Figures: what was measured in each round, kept as JSON, and compared as ratios."""

from __future__ import annotations

import json
import os
import platform
import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.load import Measured
from benchmarks.places import var


@dataclass(frozen=True)
class Figure:
    """What one contender did in one round."""

    database: str
    operation: str
    connections: int
    contender: str
    round: int
    measured: Measured


@dataclass(frozen=True)
class Spread:
    """A figure over the rounds."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        return cls(statistics.median(values), min(values), max(values))

    def __str__(self) -> str:
        return f"{self.median:.2f} ({self.least:.2f}–{self.most:.2f})"


def ratios(
    ours: Iterable[Figure], theirs: Iterable[Figure], value: Callable[[Measured], float]
) -> Spread:
    """Ours divided by theirs, each round's by the same round's."""
    of_round = {figure.round: value(figure.measured) for figure in theirs}
    return Spread.of([value(figure.measured) / of_round[figure.round] for figure in ours])


def save(name: str, figures: Sequence[Figure], **beside: Any) -> Path:
    """Keeps the raw figures, with what they were measured on; the path."""
    now = datetime.now(UTC)
    path = var("results", f"{name}-{now:%Y%m%d-%H%M%S}.json")
    text = {
        "measured_at": now.isoformat(),
        "machine": {
            "processor": _processor(),
            "cores": os.cpu_count(),
            "system": platform.platform(),
            "python": platform.python_version(),
        },
        **beside,
        "figures": [asdict(figure) for figure in figures],
    }
    path.write_text(json.dumps(text, indent=1) + "\n")
    return path


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())
