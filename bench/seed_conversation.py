"""Store a long conversation in the database of the playground."""

from pathlib import Path

from core.conversations.repository import ConversationRepository
from core.pricing.usage import Usage
from core.runs.run import Run, RunState
from core.storage.run_repository import RunRepository
from core.storage.store import Store

_ENDPOINT = "chat.completions.create"
_FILLER = "More of it. " * 20


def seed(data: Path, base_url: str, messages: int) -> str:
    """Write a conversation of *messages* into the data directory of a running app, and return its id."""
    store = Store.open(directory=data)
    conversations, runs = ConversationRepository(store), RunRepository(store)
    conversation = conversations.create("Long conversation").id
    history: list[dict[str, str]] = []
    parent = None
    for number in range(messages):
        role, text = "assistant" if number % 2 else "user", f"Message {number}. {_FILLER}"
        run = _chat_run(history, text, base_url) if number % 2 else None
        if run:
            runs.save(run)
        parent = conversations.append(conversation, parent, role, text, run.id if run else None).id
        history.append({"role": role, "content": text})
    store.close()
    return conversation


def _chat_run(history: list[dict[str, str]], text: str, base_url: str) -> Run:
    """Return the run whose reply is *text*."""
    message = {"role": "assistant", "content": text, "refusal": None}
    return Run(
        "chat",
        _ENDPOINT,
        {"model": "gpt-6-luna", "messages": list(history), "stream": True},
        profile="OpenAI",
        base_url=base_url,
        state=RunState.DONE,
        text=text,
        finish_reason="stop",
        model="gpt-6-luna",
        usage=Usage(input_tokens=65 * len(history), output_tokens=65),
        first_token=0.2,
        total=1.0,
        response={"object": "chat.completion", "choices": [{"index": 0, "message": message}]},
    )
