"""Meterhouse's own readers accept everything that the simulator writes."""

import tomllib
from pathlib import Path

from simulated_company import Simulated

from data.simulator import simulate
from ingest.landing import land
from ingest.ledgers import validate
from ingest.sources import dcgm_exporter, litellm, nvidia_smi, vllm

READERS = (dcgm_exporter.SOURCE, litellm.SOURCE, nvidia_smi.SOURCE, vllm.SOURCE)


def test_every_line_is_landed_and_none_rejected(tmp_path: Path) -> None:
    report = simulate(tmp_path, days=5, scale=0.2)
    options = tomllib.loads((tmp_path / "sources.toml").read_text())
    sources = {reader.name: reader for reader in READERS}
    landed = land(tmp_path / "inputs", tmp_path / "landing", sources, options)
    assert landed.rejects.rows() == []
    assert landed.unknown == ()
    rows = {m.source: 0 for m in landed.landed}
    for manifest in landed.landed:
        rows[manifest.source] += manifest.rows_landed
    assert rows["litellm"] == report.gateway_rows
    assert rows["vllm"] == report.engine_scrapes
    assert rows["dcgm_exporter"] + rows["nvidia_smi"] == report.gpu_samples


def test_the_ledgers_have_no_faults(simulated: Simulated) -> None:
    frames, faults = validate(simulated.data / "ledgers")
    assert faults == []
    kept = {path.stem for path in (simulated.data / "ledgers").glob("*.csv")}
    assert {name for name, frame in frames.items() if frame.height} == kept
