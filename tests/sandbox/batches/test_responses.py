"""Batches of requests to the Responses API."""

from typing import Any

from openai import OpenAI

from tests.sandbox.batches.input_files import read, upload, wait
from tests.sandbox.client import CHAT_MODEL
from tests.sandbox.responses.conversions import respond

RESPONSES: Any = "/v1/responses"


def line(number: int, **body: Any) -> dict[str, Any]:
    body = {"model": CHAT_MODEL, "input": f"count to {number}", **body}
    return {"custom_id": f"line-{number}", "method": "POST", "url": RESPONSES, "body": body}


def test_executes_requests_to_the_responses_api(client: OpenAI) -> None:
    lines = [line(3), line(4, instructions="Be brief."), line(5, max_output_tokens=1)]
    batch = client.batches.create(
        input_file_id=upload(client, lines), endpoint=RESPONSES, completion_window="24h"
    )
    batch = wait(client, batch.id)
    assert batch.output_file_id
    assert batch.error_file_id
    rows = sorted(read(client, batch.output_file_id), key=lambda row: str(row["custom_id"]))
    bodies = [row["response"]["body"] for row in rows]
    (failed,) = read(client, batch.error_file_id)
    expected = [
        respond(client, "count to 3").output_text,
        respond(client, "count to 4", instructions="Be brief.").output_text,
    ]

    assert [body["output"][0]["content"][0]["text"] for body in bodies] == expected
    assert failed["response"]["body"]["error"]["code"] == "integer_below_min_value"
    assert batch.usage
    assert batch.usage.total_tokens == sum(body["usage"]["total_tokens"] for body in bodies)
