"""Every native format that Meterhouse reads; a new one is one module and one line here."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from ingest.source import Source
from ingest.sources import dcgm_exporter, litellm, nvidia_smi, nvml, vllm

_ALL: Final = (
    litellm.SOURCE,
    vllm.SOURCE,
    dcgm_exporter.SOURCE,
    nvidia_smi.SOURCE,
    nvml.SOURCE,
)

SOURCES: Final[Mapping[str, Source]] = MappingProxyType({source.name: source for source in _ALL})

if len(SOURCES) != len(_ALL):
    raise ValueError("two sources have the same name")
