"""One call of the embeddings endpoint."""

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.client.response_body import read_bytes
from core.client.retry import RetryPolicy, with_retries
from core.embeddings.response import EmbeddingResponse, parse_response
from core.errors.types import explain
from core.models.catalog import get_model
from core.runs.log import RunLog, safe_headers
from core.runs.run import Attempt, RunState

if TYPE_CHECKING:
    from openai import AsyncOpenAI

ENDPOINT = "embeddings.create"
# The largest that the API can send, 2,048 x 3,072 numbers as text, is half of it.
MAX_RESPONSE_BYTES = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class EmbeddingSpec:
    """A model at a length: vectors are comparable within one space only. None: the model's own length."""

    model: str
    dimensions: int | None = None

    @property
    def label(self) -> str:
        return f"{self.model} · {self.dimensions}" if self.dimensions else self.model

    def params(self, texts: Sequence[str]) -> dict[str, Any]:
        """Build the very arguments of the call. The SDK asks for base64 too where nothing is said of it."""
        chosen: dict[str, Any] = {"model": self.model, "input": list(texts)}
        if self.dimensions and self._takes_dimensions:
            chosen["dimensions"] = self.dimensions
        return {**chosen, "encoding_format": "base64"}

    @property
    def _takes_dimensions(self) -> bool:
        lengths = get_model(self.model).dimensions
        return lengths is None or lengths.adjustable


async def embed(
    client: "AsyncOpenAI",
    params: dict[str, Any],
    log: RunLog,
    policy: RetryPolicy,
    on_response: Callable[[EmbeddingResponse], None],
) -> None:
    """Make the call, give what came to *take*, and bring *log* to its end; only cancellation is raised.

    *take* runs in a thread, as it may have thousands of vectors to put away.
    """

    async def attempt() -> EmbeddingResponse:
        return await _exchange(client, params, log)

    def tell(failed: Attempt) -> None:
        log.record_retry(failed, policy.max_retries + 1)

    log.mark_sent(params)
    try:
        found = await with_retries(attempt, policy, tell)
        await asyncio.to_thread(on_response, found)
    except Exception as error:  # noqa: BLE001 - a server can fail in any way; `explain` says which, or logs a bug
        log.end(RunState.FAILED, explain(error, base_url=str(client.base_url)))
        return
    log.end(RunState.DONE, response=found.preview, usage=found.usage, model=found.model)


async def _exchange(client: "AsyncOpenAI", params: dict[str, Any], log: RunLog) -> EmbeddingResponse:
    async with client.embeddings.with_streaming_response.create(**params) as response:
        headers = safe_headers(response.headers)
        log.update(status=response.status_code, request_id=response.request_id, headers=headers)
        log.record("headers", json.dumps(headers))
        body = b"".join([part async for part in read_bytes(response, MAX_RESPONSE_BYTES)])
    log.record("body", f"{len(body):,} bytes")
    return await asyncio.to_thread(parse_response, body, len(params["input"]))
