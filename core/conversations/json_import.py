"""Import a conversation that was exported as JSON, here or by somebody else."""

from collections.abc import Iterator
from dataclasses import replace
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
_IMPORTED = "imported"


_STRICT = ConfigDict(frozen=True, extra="forbid")


class _TextPart(BaseModel):
    model_config = _STRICT
    type: Literal["text"]
    text: str


class _Image(BaseModel):
    model_config = _STRICT
    url: str = Field(pattern="^(data:|https?://)")
    detail: Detail | None = None


class _ImagePart(BaseModel):
    model_config = _STRICT
    type: Literal["image_url"]
    image_url: _Image


def _content_kind(content: object) -> str | None:
    if isinstance(content, str):
        return "words"
    return "parts" if isinstance(content, list) else None


_Part = Annotated[_TextPart | _ImagePart, Field(discriminator="type")]
_Content = Annotated[
    Annotated[str, Tag("words")] | Annotated[list[_Part], Tag("parts")],
    Discriminator(
        _content_kind,
        custom_error_type="content",
        custom_error_message="Input should be a text or a list of parts",
    ),
]


class _Message(BaseModel):
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
    """The file that conversations travel in."""

    model_config = _STRICT
    format: Literal["openai-sdk-playground/conversation"]
    version: Literal[1]
    exported_at: AwareDatetime
    title: str = Field(max_length=200)
    created_at: AwareDatetime
    leaf: str | None
    messages: list[_Message] = Field(max_length=20_000)
    runs: list[Run] = Field(max_length=20_000)


_FILE = TypeAdapter(ConversationFile)


def import_conversation(text: str, conversations: "ConversationRepository") -> Conversation:
    """Keep the conversation in *text* under new ids.

    Raises Refused, and changes nothing, if any of it is wrong.
    """
    file = validate_json(text, _FILE)
    if complaints := list(_reference_errors(file)):
        raise validation_error(text, complaints)
    new = {old: uuid4().hex for old in (*(m.id for m in file.messages), *(run.id for run in file.runs))}
    made = Conversation(uuid4().hex, file.title, file.created_at, new[file.leaf] if file.leaf else None)
    tree = [_message(message, made.id, new) for message in file.messages]
    conversations.add(made, tree, [_run(run, new) for run in file.runs])
    return made


def _reference_errors(file: ConversationFile) -> Iterator[tuple[JsonPath, str]]:
    """Yield what a schema cannot say: ids that are there twice, or refer to nothing."""
    runs: set[str] = set()
    for index, run in enumerate(file.runs):
        if run.id in runs:
            yield ("runs", index, "id"), "An earlier run has the same id."
        runs.add(run.id)
    earlier: set[str] = set()
    for index, message in enumerate(file.messages):
        if message.id in earlier:
            yield ("messages", index, "id"), "An earlier message has the same id."
        if message.parent is not None and message.parent not in earlier:
            yield ("messages", index, "parent"), "No earlier message has this id."
        if message.run is not None and message.run not in runs:
            yield ("messages", index, "run"), "No run in this file has this id."
        earlier.add(message.id)
    if file.leaf is not None and file.leaf not in earlier:
        yield ("leaf",), "No message has this id."


def _message(message: _Message, conversation_id: str, new: dict[str, str]) -> Message:
    content: Any = message.content
    if not isinstance(content, str):
        content = [part.model_dump(exclude_none=True) for part in content]
    return Message(
        id=new[message.id],
        conversation_id=conversation_id,
        parent_id=new[message.parent] if message.parent else None,
        role=message.role,
        content=content,
        created_at=message.created_at,
        run_id=new[message.run] if message.run else None,
        pinned=message.pinned,
        deleted=message.deleted,
    )


def _run(run: Run, new: dict[str, str]) -> Run:
    """Take *run* over as a record only: it names no server, and is not going on anywhere."""
    state = RunState.INTERRUPTED if run.state is RunState.RUNNING else run.state
    return replace(run, id=new[run.id], state=state, profile=_IMPORTED, base_url="", headers={})
