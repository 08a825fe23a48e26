"""Import of conversations from exported JSON files, which are untrusted."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal
from uuid import uuid4

from pydantic import AwareDatetime, BaseModel, ConfigDict, Discriminator, Field, Tag, TypeAdapter

from core.conversations.messages import Conversation, Message
from core.files.json_validation import JsonPath, validate_json, validation_error
from core.images.tokens import Detail
from core.runs.run import Run, RunState

if TYPE_CHECKING:
    from core.conversations.repository import ConversationRepository

FORMAT: Literal["openai-sdk-playground/conversation"] = "openai-sdk-playground/conversation"
VERSION: Literal[1] = 1
_PROFILE = "imported"

_STRICT = ConfigDict(frozen=True, extra="forbid")


class _TextPart(BaseModel):
    model_config = _STRICT
    type: Literal["text"]
    text: str


class _ImageUrl(BaseModel):
    model_config = _STRICT
    url: str = Field(pattern="^(data:|https?://)")
    detail: Detail | None = None


class _ImagePart(BaseModel):
    model_config = _STRICT
    type: Literal["image_url"]
    image_url: _ImageUrl


def _content_kind(content: object) -> str | None:
    if isinstance(content, str):
        return "text"
    return "parts" if isinstance(content, list) else None


_Part = Annotated[_TextPart | _ImagePart, Field(discriminator="type")]
_Content = Annotated[
    Annotated[str, Tag("text")] | Annotated[list[_Part], Tag("parts")],
    Discriminator(
        _content_kind,
        custom_error_type="content",
        custom_error_message="Input should be a text or a list of parts",
    ),
]


class _FileMessage(BaseModel):
    model_config = _STRICT
    id: str = Field(min_length=1, max_length=100)
    parent: str | None
    role: Literal["system", "developer", "user", "assistant", "tool"]
    content: _Content
    created_at: AwareDatetime
    run: str | None = None
    pinned: bool = False
    deleted: bool = False


class ConversationFile(BaseModel):
    """The format of an exported conversation."""

    model_config = _STRICT
    format: Literal["openai-sdk-playground/conversation"]
    version: Literal[1]
    exported_at: AwareDatetime
    title: str = Field(max_length=200)
    created_at: AwareDatetime
    leaf: str | None
    messages: list[_FileMessage] = Field(max_length=20_000)
    runs: list[Run] = Field(max_length=20_000)


_FILE = TypeAdapter(ConversationFile)


def import_conversation(text: str, conversations: "ConversationRepository") -> Conversation:
    """Store the conversation in *text* under new ids.

    Raises FileValidationError, and changes nothing, if any part of the file is invalid.
    """
    file = validate_json(text, _FILE)
    if errors := list(_reference_errors(file)):
        raise validation_error(text, errors)
    # New ids, because the same file may be imported twice, or may use the ids of another owner.
    old_ids = [*(message.id for message in file.messages), *(run.id for run in file.runs)]
    new_ids = {old_id: uuid4().hex for old_id in old_ids}
    leaf_id = new_ids[file.leaf] if file.leaf else None
    conversation = Conversation(uuid4().hex, file.title, file.created_at, datetime.now(UTC), leaf_id)
    tree = [_to_message(message, conversation.id, new_ids) for message in file.messages]
    # An imported run is a record only: it names no server, and no process continues it.
    runs = [
        replace(
            run,
            id=new_ids[run.id],
            state=RunState.INTERRUPTED if run.state is RunState.RUNNING else run.state,
            profile=_PROFILE,
            base_url="",
            server_kind=None,
            headers={},
        )
        for run in file.runs
    ]
    conversations.add(conversation, tree, runs)
    return conversation


def _reference_errors(file: ConversationFile) -> Iterator[tuple[JsonPath, str]]:
    """Yield the path and message of each duplicate or unknown id, which the schema cannot check."""
    run_ids: set[str] = set()
    for index, run in enumerate(file.runs):
        if run.id in run_ids:
            yield ("runs", index, "id"), "An earlier run has the same id."
        run_ids.add(run.id)
    message_ids: set[str] = set()
    for index, message in enumerate(file.messages):
        if message.id in message_ids:
            yield ("messages", index, "id"), "An earlier message has the same id."
        if message.parent is not None and message.parent not in message_ids:
            yield ("messages", index, "parent"), "No earlier message has this id."
        if message.run is not None and message.run not in run_ids:
            yield ("messages", index, "run"), "No run in this file has this id."
        message_ids.add(message.id)
    if file.leaf is not None and file.leaf not in message_ids:
        yield ("leaf",), "No message has this id."


def _to_message(message: _FileMessage, conversation_id: str, new_ids: dict[str, str]) -> Message:
    content: Any = message.content
    if not isinstance(content, str):
        content = [part.model_dump(exclude_none=True) for part in content]
    return Message(
        id=new_ids[message.id],
        conversation_id=conversation_id,
        parent_id=new_ids[message.parent] if message.parent else None,
        role=message.role,
        content=content,
        created_at=message.created_at,
        run_id=new_ids[message.run] if message.run else None,
        pinned=message.pinned,
        deleted=message.deleted,
    )
