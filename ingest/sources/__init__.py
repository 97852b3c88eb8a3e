"""Every native format that Meterhouse reads; a new one is one module and one line here."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from ingest.source import Source
from ingest.sources import (
    amd_exporter,
    anthropic_costs,
    anthropic_messages,
    anthropic_usage,
    aws_cur2,
    azure_metrics,
    azure_openai_log,
    bedrock_log,
    claude_code,
    claude_code_report,
    codex,
    dcgm_exporter,
    focus,
    helicone,
    langfuse,
    litellm,
    llamacpp,
    nvidia_smi,
    nvml,
    ollama,
    openai_batch,
    openai_bodies,
    openai_costs,
    openai_usage,
    otlp_spans,
    ptdaemon,
    sglang,
    sglang_requests,
    slurm_sacct,
    vertex_log,
    vllm,
    vllm_bench,
)

_ALL: Final = (
    litellm.SOURCE,
    vllm.SOURCE,
    sglang.SOURCE,
    dcgm_exporter.SOURCE,
    nvidia_smi.SOURCE,
    nvml.SOURCE,
    amd_exporter.SOURCE,
    ptdaemon.SOURCE,
    openai_usage.SOURCE,
    openai_costs.SOURCE,
    openai_bodies.SOURCE,
    openai_batch.SOURCE,
    anthropic_usage.SOURCE,
    anthropic_costs.SOURCE,
    anthropic_messages.SOURCE,
    claude_code_report.SOURCE,
    claude_code.SOURCE,
    codex.SOURCE,
    otlp_spans.SOURCE,
    bedrock_log.SOURCE,
    azure_metrics.SOURCE,
    azure_openai_log.SOURCE,
    vertex_log.SOURCE,
    langfuse.SOURCE,
    helicone.SOURCE,
    ollama.SOURCE,
    llamacpp.SOURCE,
    sglang_requests.SOURCE,
    vllm_bench.SOURCE,
    slurm_sacct.SOURCE,
    focus.SOURCE,
    aws_cur2.SOURCE,
)

SOURCES: Final[Mapping[str, Source]] = MappingProxyType({source.name: source for source in _ALL})

if len(SOURCES) != len(_ALL):
    raise ValueError("two sources have the same name")
