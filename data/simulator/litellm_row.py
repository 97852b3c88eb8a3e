"""One row of the gateway's spend log as JSON text, written from templates for speed.

Every value is a number or a name from this package, so nothing needs escaping.
"""

from typing import NamedTuple

from data.simulator import company
from data.simulator.traffic import Stream

_FAILURES = {
    "self_hosted": ("500", "InternalServerError", "EngineCore encountered an issue"),
    "openai": ("429", "RateLimitError", "Rate limit reached"),
    "anthropic": ("529", "InternalServerError", "Overloaded"),
}
_API_BASES = {
    "self_hosted": "http://inference.larkfield.example:8000/v1",
    "openai": "https://api.openai.com/v1",
    "anthropic": "https://api.anthropic.com",
}
_GATEWAY_PROVIDERS = {"self_hosted": "hosted_vllm"}
_MODEL_PREFIXES = {"self_hosted": "hosted_vllm/", "openai": "", "anthropic": "anthropic/"}
_ID_PREFIXES = {"self_hosted": "chatcmpl-", "openai": "chatcmpl-", "anthropic": "msg_"}


class Row(NamedTuple):
    """The values of one row; `random_hex` is 32 hexadecimal digits, costs are USD."""

    random_hex: str
    session_id: str
    started_at: str
    ended_at: str
    first_token_at: str
    duration_ms: int
    user_number: int
    prompt: int
    cached: int
    cache_write: int
    completion: int
    reasoning: int
    request_count: int
    is_failed: bool
    is_cache_hit: bool
    uncached_cost: float
    cache_read_cost: float
    cache_write_cost: float
    output_cost: float
    spend: float


def as_uuid(digits: str) -> str:
    """32 hexadecimal digits as a random (version 4) UUID."""
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-8{digits[17:20]}-{digits[20:32]}"


def _quoted(text: str | None) -> str:
    return "null" if text is None else f'"{text}"'


class RowWriter:
    """Writes the rows of one stream; what is the same in all of them is prepared once."""

    def __init__(self, stream: Stream) -> None:
        key = company.API_KEYS[stream.key]
        self._stream = stream
        self._key_hash = key.hashed
        self._user_prefix = f"u-{(key.team_id or 'team-unknown').removeprefix('team-')}-"
        self._team = _quoted(key.team_id)
        self._team_name = _quoted(
            next((name for team, name, _ in company.TEAMS if team == key.team_id), None)
        )
        prefix = _MODEL_PREFIXES[stream.provider]
        gateway_provider = _GATEWAY_PROVIDERS.get(stream.provider, stream.provider)
        self._model = (
            f'"model":"{prefix}{stream.model}","model_id":"{key.hashed[:6]}",'
            f'"model_group":"{stream.model}","custom_llm_provider":"{gateway_provider}",'
        )
        self._priced = (stream.provider, stream.model) in company.LIST_PRICES

    def write(self, row: Row) -> str:
        """The row as one line of JSON, without a line feed."""
        is_batch = self._stream.batch_tokens is not None
        user = f"{self._user_prefix}{row.user_number:03d}"
        base = "" if row.is_cache_hit else _API_BASES[self._stream.provider]
        hit = "None" if row.is_failed else "True" if row.is_cache_hit else "False"
        first = "null" if row.is_failed else f'"{row.ended_at if is_batch else row.first_token_at}"'
        return (
            f'{{"request_id":"{self._request_id(row)}",'
            f'"call_type":"{"aretrieve_batch" if is_batch else "acompletion"}",'
            f'"api_key":"{self._key_hash}","spend":{row.spend!r},'
            f'"total_tokens":{row.prompt + row.completion},"prompt_tokens":{row.prompt},'
            f'"completion_tokens":{row.completion},"startTime":"{row.started_at}",'
            f'"endTime":"{row.ended_at}","request_duration_ms":{row.duration_ms},'
            f'"completionStartTime":{first},{self._model}"api_base":"{base}",'
            f'"user":"{user}","metadata":{self._metadata(row, user)},"cache_hit":"{hit}",'
            f'"cache_key":"{row.random_hex[16:] if row.is_cache_hit else "Cache OFF"}",'
            f'"request_tags":[],"team_id":{self._team},"organization_id":null,"end_user":"",'
            f'"requester_ip_address":"","messages":{{}},"response":{{}},'
            f'"session_id":"{row.session_id}",'
            f'"status":"{"failure" if row.is_failed else "success"}",'
            f'"mcp_namespaced_tool_name":null,"agent_id":null,"proxy_server_request":{{}},'
            f'"litellm_call_id":null}}'
        )

    def _request_id(self, row: Row) -> str:
        digits = row.random_hex
        if self._stream.batch_tokens is not None:
            return f"batch_{digits[:24]}_batch_cost"
        if row.is_failed:
            return as_uuid(digits)
        request_id = f"{_ID_PREFIXES[self._stream.provider]}{digits[:24]}"
        if row.is_cache_hit:
            return f"{request_id}_cache_hit{int(digits[24:], 16)}.{row.user_number:04d}"
        return request_id

    def _metadata(self, row: Row, user: str) -> str:
        head = (
            f'{{"user_api_key_alias":"{self._stream.key}","user_api_key_team_id":{self._team},'
            f'"user_api_key_team_alias":{self._team_name},"user_api_key_user_id":"{user}",'
            f'"attempted_retries":0,"attempted_fallbacks":0,'
        )
        if row.is_failed:
            code, name, message = _FAILURES[self._stream.provider]
            return (
                f'{head}"status":"failure","error_information":{{"error_code":"{code}",'
                f'"error_class":"{name}","llm_provider":"{self._stream.provider}",'
                f'"error_message":"{message}"}}}}'
            )
        batch = ""
        if self._stream.batch_tokens is not None:
            batch = (
                f',"batch_models":["{self._stream.model}"],'
                f'"batch_successful_requests":{row.request_count}'
            )
        return (
            f'{head}"status":"success","usage_object":{self._usage(row)}{self._cost(row)}{batch}}}'
        )

    def _usage(self, row: Row) -> str:
        details = f'"cached_tokens":{row.cached}'
        tail = ""
        if self._stream.provider == "anthropic":
            text = row.prompt - row.cached - row.cache_write
            details += (
                f',"cache_creation_tokens":{row.cache_write},"text_tokens":{text},'
                f'"cache_creation_token_details":{{"ephemeral_5m_input_tokens":{row.cache_write},'
                f'"ephemeral_1h_input_tokens":0}}'
            )
            tail = (
                f',"cache_creation_input_tokens":{row.cache_write},'
                f'"cache_read_input_tokens":{row.cached}'
            )
        return (
            f'{{"completion_tokens":{row.completion},"prompt_tokens":{row.prompt},'
            f'"total_tokens":{row.prompt + row.completion},'
            f'"completion_tokens_details":{{"reasoning_tokens":{row.reasoning}}},'
            f'"prompt_tokens_details":{{{details}}}{tail}}}'
        )

    def _cost(self, row: Row) -> str:
        if not self._priced or row.is_cache_hit:
            return ""
        return (
            f',"cost_breakdown":{{"input_cost":{row.uncached_cost!r},'
            f'"cache_read_cost":{row.cache_read_cost!r},'
            f'"cache_creation_cost":{row.cache_write_cost!r},'
            f'"output_cost":{row.output_cost!r},"total_cost":{row.spend!r}}}'
        )
