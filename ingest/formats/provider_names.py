"""One name for each provider, whatever a gateway, a tracer or a client calls it.

The names are the values of OpenTelemetry's `gen_ai.provider.name`, and LiteLLM's where that has
none, since a request that two tools tell of counts once only under one account. Engines that one
runs oneself are `self_hosted`.
https://opentelemetry.io/docs/specs/semconv/registry/attributes/gen-ai/
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

SELF_HOSTED: Final = "self_hosted"
# Name -> other spellings of it, in lower case and with underscores.
SPELLINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "aws.bedrock": (
        "amazon",
        "amazon_bedrock",
        "aws",
        "aws_bedrock",
        "bedrock",
        "bedrock_converse",
        "bedrock_mantle",
    ),
    "azure.ai.inference": ("az.ai.inference", "azure_ai", "azure_ai_inference"),
    "azure.ai.openai": ("az.ai.openai", "azure", "azure_openai", "azure_text"),
    "cohere": ("cohere_chat",),
    "fireworks_ai": ("fireworks",),
    "gcp.gemini": ("gemini", "google_ai_studio", "googleaistudio"),
    "gcp.vertex_ai": ("google_vertex", "vertex", "vertex_ai", "vertex_ai_beta", "vertexai"),
    "ibm.watsonx.ai": ("watsonx", "watsonx_text"),
    "mistral_ai": ("codestral", "mistral", "mistralai", "text_completion_codestral"),
    "moonshot_ai": ("moonshot", "moonshotai"),
    "openai": ("text_completion_openai",),
    "together_ai": ("together", "togetherai"),
    "x_ai": ("xai",),
    SELF_HOSTED: (
        "hosted_vllm",
        "llama_cpp",
        "llamacpp",
        "llamafile",
        "lm_studio",
        "lmstudio",
        "ollama",
        "ollama_chat",
        "oss",
        "sglang",
        "vllm",
    ),
}
NAMES: Final = {other: name for name, others in SPELLINGS.items() for other in others}
# LiteLLM names Vertex AI's models of other makers one by one.
VERTEX_AI: Final = "vertex_ai_"


@lru_cache(maxsize=1024)  # the same few names in every record
def provider_of(name: str | None) -> str | None:
    """A provider's one name; a name that is not known stays, in lower case.

    Args:
        name: As a log spells it; None or empty: not reported.
    """
    if not name:
        return None
    spelling = name.lower().replace("-", "_").replace(" ", "_")
    if spelling.startswith(VERTEX_AI):
        return "gcp.vertex_ai"
    return NAMES.get(spelling, spelling if spelling in SPELLINGS else name.lower())
