"""Compaction of a conversation: the messages of the user, and one opaque item for the rest."""

import time
from typing import Any

from core.sandbox.api.prompt_tokens import prompt_token_ids
from core.sandbox.api.serializers import CompletionUsage
from core.sandbox.responses.input_items import new_id
from core.sandbox.responses.opaque import seal
from core.sandbox.responses.request import ResponseRequest
from core.sandbox.responses.response import usage_object


def compact(request: ResponseRequest) -> dict[str, Any]:
    """Return the compacted conversation of *request*, whose output is the input of the next one."""
    generation = request.generation
    # The instructions of this request are no part of the conversation.
    messages = generation.messages[1:] if request.params.get("instructions") else generation.messages
    rest = [message for message in messages if message.role != "user" and message.text]
    item = {
        "id": new_id("cmp"),
        "type": "compaction",
        "encrypted_content": seal([f"{message.role}\n{message.text}" for message in rest]),
    }
    users = [item for item in request.items if item["type"] == "message" and item["role"] == "user"]
    usage = CompletionUsage(
        prompt_tokens=len(prompt_token_ids(generation.messages, generation.family)),
        completion_tokens=len(prompt_token_ids(rest, generation.family)),
    )
    return {
        "id": new_id("resp"),
        "object": "response.compaction",
        "created_at": int(time.time()),
        "output": [*users, item],
        "usage": usage_object(usage),
    }
