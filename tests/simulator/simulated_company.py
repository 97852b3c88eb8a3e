"""One short simulation and where its files lie."""

from dataclasses import dataclass
from pathlib import Path

from data.simulator import SimulationReport

DAYS = 9


@dataclass(frozen=True, kw_only=True)
class Simulated:
    data: Path
    report: SimulationReport

    def files(self, source: str) -> list[Path]:
        return sorted(p for p in (self.data / "inputs" / source).rglob("*") if p.is_file())
