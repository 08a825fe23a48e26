"""A request to the embeddings endpoint."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from core.client.response_body import read_bytes
from core.embeddings.response import EmbeddingResponse, parse_response
from core.http.limits import ResponseLimits, response_limits
from core.models.catalog import get_model
from core.pricing.usage import Usage
from core.runs.log import RunLog
from core.runs.run import Run, RunState

if TYPE_CHECKING:
    from openai import AsyncOpenAI

ENDPOINT = "embeddings.create"
# The largest response in bytes: for each text more numbers than any model returns, written as text. The
# first term leaves room for a vector per token, which some servers return by mistake and the page explains.
_BASE_LIMIT = 16_000_000
_LIMIT_PER_TEXT = 200_000
_MAX_LIMIT = 256_000_000


@dataclass(frozen=True, slots=True)
class EmbeddingSpec:
    """A model and a number of dimensions, None for the model's default.

    Vectors are comparable only if they have the same spec.
    """

    model: str
    dimensions: int | None = None

    @property
    def label(self) -> str:
        return f"{self.model} · {self.dimensions}" if self.dimensions else self.model

    def params(self, texts: Sequence[str]) -> dict[str, Any]:
        """Return the keyword arguments of the call."""
        params: dict[str, Any] = {"model": self.model, "input": list(texts)}
        supported = get_model(self.model).dimensions
        if self.dimensions and (supported is None or supported.adjustable):
            params["dimensions"] = self.dimensions
        # The SDK's default, set explicitly so that the recorded request is the one that is sent.
        return {**params, "encoding_format": "base64"}


class EmbeddingsCall:
    """One call of `embeddings.create`.

    *on_response* receives the vectors and the id of the run; it runs in a thread, because storing thousands
    of vectors takes a while.
    """

    endpoint: ClassVar[str] = ENDPOINT
    is_billed: ClassVar[bool] = True
    is_retried: ClassVar[bool] = True

    def __init__(self, on_response: Callable[[EmbeddingResponse, str], None]) -> None:
        self._on_response = on_response
        self._response: EmbeddingResponse | None = None

    async def send(self, client: "AsyncOpenAI", params: dict[str, Any], log: RunLog) -> None:
        limit = min(_BASE_LIMIT + _LIMIT_PER_TEXT * len(params["input"]), _MAX_LIMIT)
        with response_limits(ResponseLimits(body=limit)):
            async with client.embeddings.with_streaming_response.create(**params) as response:
                log.record_headers(response.status_code, response.headers)
                body = await read_bytes(response)
        log.record("body", f"{len(body):,} bytes")
        self._response = await asyncio.to_thread(parse_response, body, len(params["input"]))
        await asyncio.to_thread(self._on_response, self._response, log.id)

    def result_fields(self) -> dict[str, Any]:
        if self._response is None:
            return {}
        return {
            "response": self._response.preview,
            "usage": self._response.usage,
            "model": self._response.model,
        }

    @staticmethod
    def estimate_usage(_run: Run) -> Usage | None:
        return None

    def end_state(self, error: Exception | None) -> RunState:
        return RunState.FAILED if error else RunState.DONE
