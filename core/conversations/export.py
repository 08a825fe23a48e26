"""Export of conversations: Markdown to read, JSON to import again. Secrets are redacted."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from core.apis import api_of
from core.conversations.json_import import FORMAT, VERSION
from core.conversations.message_tree import Version
from core.conversations.messages import Content, Conversation, Message
from core.pricing.prices import Cost
from core.redaction import REDACTED, redact
from core.runs.run import Run, to_json

_ROLE_LABELS = {
    "user": "User",
    "assistant": "Assistant",
    "system": "System",
    "developer": "Developer",
    "tool": "Tool",
}
BRANCH_NOTE = (
    "This is one branch of the conversation. Where a question was edited or a reply was generated again, it "
    "has the version that was shown; the JSON export has all versions."
)
_LINE_BREAK = re.compile(r"\r\n|\r|\n")
_MARKDOWN_SYNTAX = re.compile(r"([\\`*_{}\[\]<>#!|~$&])")
_IMAGE_DATA = re.compile(r"data:image/[\w.+-]+;base64,[A-Za-z0-9+/=]*")
_SECRET_NAME = re.compile(r"authorization|api[-_]?key|secret|password", re.IGNORECASE)
# The connection is not part of the conversation, and may contain secrets.
_OMITTED_RUN_FIELDS = ("headers", "base_url", "profile", "server_kind")
_OMITTED_PARAMS = ("extra_headers", "extra_query", "extra_body")
_IMAGE_PLACEHOLDER = {"type": "text", "text": "[Image omitted from this export.]"}


def export_markdown(
    conversation: Conversation,
    branch: Sequence[Message],
    runs: Mapping[str, Run],
    versions: Mapping[str, Version] = {},
) -> str:
    """Return a branch as Markdown, with the model, usage and cost of each reply.

    *runs* are by their id; *versions*, of the messages that have several, by that of the message.
    """
    title = _MARKDOWN_SYNTAX.sub(r"\\\1", redact(conversation.title)) or "Conversation"
    parts = [f"# {title}"]
    if any(message.id in versions for message in branch):
        parts.append(BRANCH_NOTE)
    for message in branch:
        created_at = message.created_at.astimezone(UTC)
        version = f" · {versions[message.id]}" if message.id in versions else ""
        parts.append(f"## {role_label(message)} · {created_at:%Y-%m-%d %H:%M} UTC{version}")
        # In a block quote, so that code fences, headings and comments cannot affect the rest of the file.
        lines = _LINE_BREAK.split(redact(_to_markdown(message.content)))
        parts.append("\n".join(f"> {line}" if line else ">" for line in lines))
        run = runs.get(message.run_id or "")
        if run and message.role == "assistant":
            details = [*run_details(run), *([run.error.title] if run.error else [])]
            parts.append(" · ".join(_MARKDOWN_SYNTAX.sub(r"\\\1", redact(item)) for item in details))
    return "\n\n".join(parts) + "\n"


def export_json(
    conversation: Conversation,
    messages: Sequence[Message],
    runs: Sequence[Run],
    *,
    include_images: bool = True,
) -> str:
    """Return the whole tree and its runs as JSON for `import_conversation`."""
    file = {
        "format": FORMAT,
        "version": VERSION,
        "exported_at": datetime.now(UTC).isoformat(),
        "title": conversation.title,
        "created_at": conversation.created_at.isoformat(),
        "leaf": conversation.leaf_id,
        "messages": [
            {
                "id": message.id,
                "parent": message.parent_id,
                "role": message.role,
                "content": message.content,
                "created_at": message.created_at.isoformat(),
                "run": message.run_id,
                "pinned": message.pinned,
                "deleted": message.deleted,
            }
            for message in messages
        ],
        "runs": [_to_dict(run) for run in runs],
    }
    return json.dumps(_redact_tree(file, include_images), ensure_ascii=False, indent=2) + "\n"


def _to_markdown(content: Content) -> str:
    """Return the text of *content*, in which each image is the word *(image_url)*."""
    if isinstance(content, str):
        return content
    return "\n\n".join(
        str(part.get("text", "")) if part.get("type") == "text" else f"*({part.get('type')})*"
        for part in content
    )


def role_label(message: Message) -> str:
    return _ROLE_LABELS.get(message.role, "Message")


def run_details(run: Run) -> Iterator[str]:
    """Yield what a reader of a reply may want to know of its call, of what is known."""
    yield run.model or str(run.params.get("model", "unknown model"))
    yield api_of(run.endpoint).label
    yield f"finish reason {run.finish_reason}" if run.finish_reason else run.state.value.replace("_", " ")
    if run.error:
        yield run.error.title
    if run.first_token is not None:
        yield f"first token {run.first_token:.2f} s"
    if run.total is not None:
        yield f"total {run.total:.2f} s"
    if run.usage:
        cached, reasoning = run.usage.cached_tokens, run.usage.reasoning_tokens
        yield f"{run.usage.input_tokens:,} input tokens{f' ({cached:,} cached)' if cached else ''}"
        yield f"{run.usage.output_tokens:,} output tokens{f' ({reasoning:,} reasoning)' if reasoning else ''}"
    if run.cost:
        yield _cost_text(run.cost)
    if run.request_id:
        yield f"request ID {run.request_id}"


def _cost_text(cost: Cost) -> str:
    if cost.amount is not None:
        return f"{cost.amount:f} USD"
    if cost.list_amount is not None:
        return f"about {cost.list_amount:f} USD at list price"
    if cost.estimated_amount is not None:
        return f"about {cost.estimated_amount:f} USD (estimated)"
    return f"cost not available: {cost.basis}"


def exported_params(run: Run, omitted: Sequence[str] = ()) -> dict[str, Any]:
    """Return the parameters of a request without those of the connection and *omitted* ones, redacted."""
    omitted = (*omitted, *_OMITTED_PARAMS)
    params = {name: value for name, value in run.params.items() if name not in omitted}
    redacted: dict[str, Any] = _redact_tree(params, include_images=True)
    return redacted


def _to_dict(run: Run) -> dict[str, Any]:
    fields: dict[str, Any] = json.loads(to_json(run))
    for name in _OMITTED_RUN_FIELDS:
        del fields[name]
    return {**fields, "params": exported_params(run)}


def _redact_tree(value: Any, include_images: bool, name: str = "") -> Any:
    """Redact every string in *value*, which is JSON under the key *name*; omit images if requested."""
    if isinstance(value, dict):
        if not include_images and value.get("type") == "image_url":
            return _IMAGE_PLACEHOLDER
        return {key: _redact_tree(item, include_images, key) for key, item in value.items()}
    if isinstance(value, list):
        return [_redact_tree(item, include_images, name) for item in value]
    # Base64 data may look like a key by chance.
    if not isinstance(value, str) or _IMAGE_DATA.fullmatch(value):
        return value
    return REDACTED if _SECRET_NAME.search(name) else redact(value)
