"""Sample conversations."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from core.conversations.messages import Conversation, Message
from core.conversations.repository import ConversationRepository
from core.pricing.prices import Cost
from core.pricing.usage import Usage
from core.runs.run import Run, RunState

NOW = datetime(2026, 11, 23, 12, 30, tzinfo=UTC)
CONVERSATION = Conversation("chat", "Sky", NOW, NOW, "reply")
IMAGE_PART = {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}}
RUN = Run(
    "chat",
    "/chat/completions",
    {"model": "gpt-6-luna", "extra_headers": {"X-Team": "t"}},
    profile="Company server",
    base_url="https://llm.example/v1",
    id="run",
    headers={"set-cookie": "session=1"},
    state=RunState.DONE,
    model="gpt-6-luna",
    finish_reason="stop",
    usage=Usage(12, 34, 5),
    cost=Cost(Decimal("0.00012"), "list price"),
    first_token=0.21,
    total=1.5,
    request_id="req_1",
)


def question(content: Any) -> Message:
    return Message("question", "chat", None, "user", content, NOW)


def reply(text: str) -> Message:
    return Message("reply", "chat", "question", "assistant", text, NOW, "run")


def add_conversation(conversations: ConversationRepository, *texts: str) -> list[Message]:
    """Create a conversation in which questions and replies alternate."""
    conversation_id = conversations.create().id
    messages: list[Message] = []
    for index, text in enumerate(texts):
        parent = messages[-1].id if messages else None
        role = "assistant" if index % 2 else "user"
        messages.append(conversations.append(conversation_id, parent, role, text))
    return messages
