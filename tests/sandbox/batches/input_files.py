"""Input files of batches, and waiting for a batch."""

import io
import json
import time
from collections.abc import Callable, Iterable
from typing import Any, Literal

from openai import OpenAI
from openai.types import Batch

ENDED = ("completed", "failed", "expired", "cancelled")
CHAT: Literal["/v1/chat/completions"] = "/v1/chat/completions"


def request_line(number: int, **body: Any) -> dict[str, Any]:
    messages = [{"role": "user", "content": f"항목 {number} 요약"}]
    return {
        "custom_id": f"line-{number}",
        "method": "POST",
        "url": CHAT,
        "body": {"model": "gpt-4o-mini", "messages": messages, "max_completion_tokens": 8, **body},
    }


def upload(client: OpenAI, lines: Iterable[Any], name: str = "input.jsonl") -> str:
    texts = (line if isinstance(line, str) else json.dumps(line, ensure_ascii=False) for line in lines)
    content = io.BytesIO("".join(f"{text}\n" for text in texts).encode())
    return client.files.create(file=(name, content), purpose="batch").id


def create(client: OpenAI, file_id: str, **headers: str) -> Batch:
    names = {f"x-sandbox-batch-{name.replace('_', '-')}": value for name, value in headers.items()}
    return client.batches.create(
        input_file_id=file_id, endpoint=CHAT, completion_window="24h", extra_headers=names
    )


def wait(
    client: OpenAI, batch_id: str, condition: Callable[[Batch], bool] = lambda batch: batch.status in ENDED
) -> Batch:
    deadline = time.monotonic() + 60
    while not condition(batch := client.batches.retrieve(batch_id)):
        assert time.monotonic() < deadline, batch.status
        time.sleep(0.02)
    return batch


def read(client: OpenAI, file_id: str | None) -> list[dict[str, Any]]:
    if file_id is None:
        return []
    return [json.loads(line) for line in client.files.content(file_id).text.splitlines()]
