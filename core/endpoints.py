"""The endpoints that pages call: a new one enters this table with its path and the writer of its code.

Its request and response are an `ApiCall` (see `core.calls`) in the package of its capability.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from core.embeddings.snippets import embedding_snippets
from core.extractor.snippets import parse_response_snippets, parse_snippets
from core.snippets import Snippet, SnippetOptions, chat_snippets, response_snippets
from core.token_analysis.snippets import count_snippets


@dataclass(frozen=True, slots=True)
class Endpoint:
    """*method* is the SDK's, as in `client.<method>(**params)`, and *path* is below the base URL."""

    method: str
    path: str
    write_snippets: Callable[[dict[str, Any], SnippetOptions], tuple[Snippet, ...]]


ENDPOINTS = {
    endpoint.method: endpoint
    for endpoint in (
        Endpoint("chat.completions.create", "chat/completions", chat_snippets),
        Endpoint("chat.completions.parse", "chat/completions", parse_snippets),
        Endpoint("embeddings.create", "embeddings", embedding_snippets),
        Endpoint("responses.create", "responses", response_snippets),
        Endpoint("responses.parse", "responses", parse_response_snippets),
        Endpoint("responses.input_tokens.count", "responses/input_tokens", count_snippets),
    )
}


def get_endpoint(method: str) -> Endpoint:
    """Return the endpoint of a run; for a run of a newer version, one that shows its parameters as a chat."""
    return ENDPOINTS.get(method) or Endpoint(method, method, chat_snippets)
