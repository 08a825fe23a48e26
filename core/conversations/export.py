"""A conversation as a file: Markdown to read, JSON to keep and to import again."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from core.conversations.json_import import FORMAT, VERSION
from core.conversations.messages import Content, Conversation, Message
from core.redaction import REDACTED, redact
from core.runs.run import Run, to_json

_NAMES = {
    "user": "User",
    "assistant": "Assistant",
    "system": "System",
    "developer": "Developer",
    "tool": "Tool",
}
_LINE_ENDS = re.compile(r"\r\n|\r|\n")
_MARKS = re.compile(r"([\\`*_{}\[\]<>#!|~$&])")
_IMAGE_DATA = re.compile(r"data:image/[\w.+-]+;base64,[A-Za-z0-9+/=]*")
_SECRET_NAME = re.compile(r"authorization|api[-_]?key|secret|password", re.IGNORECASE)
# Where a run went and with what is not part of the conversation, and may hold secrets.
_OF_THE_CONNECTION = ("headers", "base_url", "profile")
_PARAMS_LEFT_OUT = ("extra_headers", "extra_query", "extra_body")
_NO_IMAGE = {"type": "text", "text": "[An image was left out of this export.]"}


def export_markdown(conversation: Conversation, branch: Sequence[Message], runs: Mapping[str, Run]) -> str:
    """Write the branch that is shown. *runs* are looked up by the messages' run ids.

    Every message stands in a block quote, so that no fence, heading or comment in it reaches beyond it.
    """
    title = _MARKS.sub(r"\\\1", redact(conversation.title)) or "Conversation"
    parts = [f"# {title}"]
    for message in branch:
        parts.append(f"## {_NAMES.get(message.role, 'Message')} · {_minute(message.created_at)}")
        parts.append(_quoted(redact(_words(message.content))))
        run = runs.get(message.run_id or "")
        if run and message.role == "assistant":
            parts.append(" · ".join(_MARKS.sub(r"\\\1", redact(fact)) for fact in _facts(run)))
    return "\n\n".join(parts) + "\n"


def export_json(
    conversation: Conversation,
    messages: Sequence[Message],
    runs: Sequence[Run],
    *,
    include_images: bool = True,
) -> str:
    """Write the whole tree and its runs as JSON that `conversation_file.import_conversation` takes."""
    content = {
        "format": FORMAT,
        "version": VERSION,
        "exported_at": datetime.now(UTC).isoformat(),
        "title": conversation.title,
        "created_at": conversation.created_at.isoformat(),
        "leaf": conversation.leaf_id,
        "messages": [_message(message) for message in messages],
        "runs": [_run(run) for run in runs],
    }
    return json.dumps(_redact_tree(content, include_images), ensure_ascii=False, indent=2) + "\n"


def _minute(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}" if line else ">" for line in _LINE_ENDS.split(text))


def _words(content: Content) -> str:
    """Return the text of *content* with a mark where an image stood."""
    if isinstance(content, str):
        return content
    return "\n\n".join(
        str(part.get("text", "")) if part.get("type") == "text" else f"*({part.get('type')})*"
        for part in content
    )


def _facts(run: Run) -> Iterator[str]:
    """Yield what is known about how *run* went."""
    yield run.model or str(run.params.get("model", "unknown model"))
    yield run.finish_reason or run.state.value.replace("_", " ")
    if run.first_token is not None:
        yield f"first token {run.first_token:.2f} s"
    if run.total is not None:
        yield f"total {run.total:.2f} s"
    if run.usage:
        yield f"{run.usage.input_tokens} tokens in ({run.usage.cached_tokens} cached)"
        yield f"{run.usage.output_tokens} out ({run.usage.reasoning_tokens} reasoning)"
    if run.cost:
        yield f"cost unknown: {run.cost.basis}" if run.cost.amount is None else f"{run.cost.amount:f} USD"
    if run.request_id:
        yield f"request {run.request_id}"


def _message(message: Message) -> dict[str, Any]:
    return {
        "id": message.id,
        "parent": message.parent_id,
        "role": message.role,
        "content": message.content,
        "created_at": message.created_at.isoformat(),
        "run": message.run_id,
        "pinned": message.pinned,
        "deleted": message.deleted,
    }


def _run(run: Run) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(to_json(run))
    for name in _OF_THE_CONNECTION:
        del found[name]
    for name in _PARAMS_LEFT_OUT:
        found["params"].pop(name, None)
    return found


def _redact_tree(value: Any, images: bool, name: str = "") -> Any:
    """Take keys out of every string in *value*, and images too unless they are wanted."""
    if isinstance(value, dict):
        if not images and value.get("type") == "image_url":
            return _NO_IMAGE
        return {key: _redact_tree(item, images, key) for key, item in value.items()}
    if isinstance(value, list):
        return [_redact_tree(item, images, name) for item in value]
    if not isinstance(value, str) or _IMAGE_DATA.fullmatch(value):
        return value
    return REDACTED if _SECRET_NAME.search(name) else redact(value)
