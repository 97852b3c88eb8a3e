"""What a prefix cache that never evicts would have served of a trace of hashed prompt blocks."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

MOONCAKE_BLOCK_TOKENS: Final = 512  # stated in the trace's README


@dataclass(frozen=True, kw_only=True)
class TracedRequest:
    """One request of a Mooncake trace.

    Attributes:
        input_tokens: Of the prompt.
        output_tokens: Generated.
        blocks: Hashes of the prompt's blocks in order, each of its whole prefix up to there; the
            last block may be partial.
    """

    input_tokens: int
    output_tokens: int
    blocks: Sequence[int]


def mooncake_requests(lines: Iterable[bytes | str]) -> Iterator[TracedRequest]:
    """The requests of a Mooncake trace, one JSON object a line, in order of arrival."""
    for line in lines:
        request = json.loads(line)
        yield TracedRequest(
            input_tokens=request["input_length"],
            output_tokens=request["output_length"],
            blocks=request["hash_ids"],
        )


def reused_tokens(
    requests: Iterable[TracedRequest], block_tokens: int = MOONCAKE_BLOCK_TOKENS
) -> Iterator[int]:
    """Tokens of each prompt that some earlier prompt began with too, in whole shared blocks.

    The rule of the trace's README: equal hashes are reusable blocks, and prompts share the blocks
    up to the first that differs. A prompt whose last block is known too is served whole, so the
    shared blocks never count more than the prompt. The cache holds every block ever seen: an upper
    bound of what a real one serves.

    Args:
        requests: In order of arrival.
        block_tokens: Of a full block.

    Yields:
        For each request, 0 to its input_tokens.
    """
    seen: set[int] = set()
    for request in requests:
        known = 0
        for block in request.blocks:
            if block not in seen:
                break
            known += 1
        seen.update(request.blocks)
        yield min(known * block_tokens, request.input_tokens)
