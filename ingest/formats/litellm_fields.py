"""The fields of LiteLLM's logs that are read.

Nothing else is ever decoded: messages, response, proxy_server_request, requester_ip_address and
user_api_key_user_email never leave the file.
"""

from decimal import Decimal
from typing import Annotated, Any, Final

import msgspec

from ingest.records import TOKEN_LIMIT

Tokens = Annotated[int, msgspec.Meta(ge=0, le=TOKEN_LIMIT)]


class CostBasis(msgspec.Struct, gc=False):
    """What LiteLLM's own price rested on."""

    service_tier: str | None = None
    vertex_location: str | None = None


class ErrorInformation(msgspec.Struct, gc=False):
    """The class of an error; its message may hold a prompt and is not read."""

    error_class: str | None = None


class MetadataBase(msgspec.Struct, gc=False, kw_only=True):
    """Keys of use that have one form; an operator can switch each of them off."""

    cost_breakdown: CostBasis | None = None
    error_information: ErrorInformation | None = None
    status: str | None = None
    litellm_call_id: str | None = None
    user_api_key_hash: str | None = None
    user_api_key_user_id: str | None = None
    user_api_key_end_user_id: str | None = None
    user_api_key_team_id: str | None = None
    user_api_key_org_id: str | None = None
    user_api_key_project_id: str | None = None
    batch_successful_requests: Tokens | None = None


class Metadata(MetadataBase, gc=False, kw_only=True):
    """The keys of use, with usage of any shape."""

    usage_object: dict[str, Any] | None = None
    additional_usage_values: dict[str, Any] | None = None


class CallBase(msgspec.Struct, gc=False, kw_only=True):
    """Fields of a call that have one form."""

    request_id: str | None = None  # of a row
    id: str | None = None  # of a payload
    litellm_call_id: str | None = None
    trace_id: str | None = None
    session_id: str | None = None
    call_type: str | None = None
    stream: bool | None = None
    api_key: str | None = None
    prompt_tokens: Tokens | None = None
    completion_tokens: Tokens | None = None
    total_tokens: Tokens | None = None
    model: str | None = None
    model_group: str | None = None
    model_id: str | None = None
    custom_llm_provider: str | None = None
    user: str | None = None
    end_user: str | None = None
    team_id: str | None = None
    organization_id: str | None = None
    status: str | None = None
    cache_hit: str | bool | None = None
    cost_breakdown: CostBasis | None = None
    error_information: ErrorInformation | None = None


class SpendLog(CallBase, gc=False, kw_only=True):
    """One call; prompt_tokens and completion_tokens are inclusive totals.

    A row of LiteLLM_SpendLogs, or the StandardLoggingPayload of the object-store loggers: most
    names are the same, and times are text in the one and seconds since 1970 in the other.
    """

    startTime: str | int | float  # noqa: N815 - the producer's name
    endTime: str | int | float | None = None  # noqa: N815
    completionStartTime: str | int | float | None = None  # noqa: N815
    spend: Decimal | None = None  # of a row
    response_cost: Decimal | None = None  # of a payload
    metadata: Metadata | str | None = None


ROW: Final = msgspec.json.Decoder(SpendLog)
METADATA: Final = msgspec.json.Decoder(Metadata | str | None)
