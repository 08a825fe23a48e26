"""The limits of the Batch API and the parameters of its endpoints, from `data/batches.json`."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from core.generation.api_name import ApiName
from core.http.limits import ResponseLimits
from core.models.catalog import base_id, get_model
from core.paths import DATA

# A list of a hundred batches, each with a thousand errors.
LIST_LIMITS = ResponseLimits(body=16_000_000)
BATCHES_FILE = DATA / "batches.json"
CHAT_URL = "/v1/chat/completions"
RESPONSES_URL = "/v1/responses"
EMBEDDINGS_URL = "/v1/embeddings"
API_URLS: Mapping[ApiName, str] = {"chat.completions": CHAT_URL, "responses": RESPONSES_URL}


@dataclass(frozen=True, slots=True)
class BatchLimits:
    """The most that one input file may have, and one line of it. `inputs` are those of embeddings."""

    lines: int
    bytes: int
    embedding_inputs: int
    inputs_per_line: int
    tokens_per_line: int
    tokens_per_input: int
    custom_id_length: int
    batches_per_hour: int


@dataclass(frozen=True, slots=True)
class BatchEndpoint:
    """An endpoint that a batch can call, with its body's parameters; `output_limit` limits the reply."""

    url: str
    required: tuple[str, ...]
    parameters: frozenset[str]
    output_limit: str | None
    instead_of_input: tuple[str, ...]

    def missing(self, body: Mapping[str, Any]) -> list[str]:
        """Return the required parameters that *body* does not have."""
        has_input = any(body.get(name) is not None for name in self.instead_of_input)
        return [
            name for name in self.required if body.get(name) is None and not (has_input and name == "input")
        ]


@cache
def batch_limits() -> BatchLimits:
    return BatchLimits(**_facts()["limits"])


@cache
def batch_endpoints() -> Mapping[str, BatchEndpoint]:
    """Return the endpoints by their URL, in the order to offer them."""
    return {
        row["url"]: BatchEndpoint(
            row["url"],
            tuple(row["required"]),
            frozenset(row["parameters"]),
            row["output_limit"],
            tuple(row.get("instead_of_input", ())),
        )
        for row in _facts()["endpoints"]
    }


def api_of_url(url: str) -> ApiName | None:
    """Return the API whose requests are sent to *url*; None for one that does not generate replies."""
    return next((api for api, api_url in API_URLS.items() if api_url == url), None)


@cache
def parameter_ranges() -> Mapping[str, tuple[float, float]]:
    """Return the smallest and the largest value of the number parameters."""
    ranges: dict[str, list[float | None]] = _facts()["ranges"]
    return {
        name: (low or 0.0, float("inf") if high is None else high) for name, (low, high) in ranges.items()
    }


def enqueued_token_limit(model_id: str) -> int | None:
    """Return the fewest tokens that error messages name as the limit of all waiting batches of the model.

    The true limit depends on the organisation's tier. None if no message about this model is known.
    """
    limits: dict[str, int] = _facts()["enqueued_tokens"]
    return limits.get(base_id(model_id), limits.get(get_model(model_id).family))


@cache
def _facts() -> dict[str, Any]:
    facts: dict[str, Any] = json.loads(BATCHES_FILE.read_text(encoding="utf-8"))
    return facts
