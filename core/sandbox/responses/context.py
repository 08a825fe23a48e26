"""What a request consists of: its own items, and those of the responses before it."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NoReturn, Self

from core.sandbox.api.errors import invalid_request
from core.sandbox.api.messages import RequestMessage
from core.sandbox.api.prompt_tokens import prompt_token_ids
from core.sandbox.completions.request import GenerationRequest
from core.sandbox.responses.errors import item_not_found, missing_input, previous_response_not_found
from core.sandbox.responses.input_items import Item
from core.sandbox.responses.prompt import ItemReader, ReadFile, check_calls, check_unique_ids
from core.sandbox.responses.store import UNFINISHED, ResponseStore

_INSTRUCTION_ROLES = ("system", "developer")


@dataclass(frozen=True, slots=True)
class ServerState:
    """What a request of *owner* may refer to."""

    responses: ResponseStore
    owner: str
    read_file: ReadFile


def _refuse_file(file_id: str) -> NoReturn:
    raise invalid_request(f"No such File object: {file_id[:100]}", "input")


NO_STATE = ServerState(ResponseStore(), "", _refuse_file)


@dataclass(frozen=True, slots=True)
class RequestContents:
    """All items of a request, and the name of each in its errors."""

    items: tuple[Item, ...]
    params: tuple[str, ...]

    @classmethod
    def load(cls, previous_id: str | None, own_items: Sequence[Item], state: ServerState) -> Self:
        """Resolve references to stored responses and items. Raises ApiError."""
        earlier: tuple[Item, ...] = ()
        if previous_id is not None:
            previous = state.responses.get(state.owner, previous_id)
            if previous is None:
                raise previous_response_not_found(previous_id)
            if previous.status in UNFINISHED:
                message = f"Previous response with id '{previous_id}' is {previous.status}."
                raise invalid_request(message, "previous_response_id")
            earlier = previous.conversation
        items = (*earlier, *(_resolve(item, state) for item in own_items))
        params = (*itertools.repeat("input", len(earlier)), *(f"input[{i}]" for i in range(len(own_items))))
        check_unique_ids(items)
        check_calls(items)
        return cls(items, params)

    def check_reasoning(self, own_items: Sequence[Item], state: ServerState) -> None:
        """Check that items of a stored output are sent together with its reasoning. Raises ApiError."""
        ids = {item["id"] for item in self.items}
        required = state.responses.reasoning_of_items(state.owner)
        for item in own_items:
            reasoning_id = required.get(item["id"])
            if reasoning_id is not None and reasoning_id not in ids:
                message = (
                    f"Item '{item['id']}' of type '{item['type']}' was provided without its required "
                    f"'reasoning' item: '{reasoning_id}'."
                )
                raise invalid_request(message, "input")

    def messages(self, accepts_images: bool, read_file: ReadFile) -> tuple[RequestMessage, ...]:
        messages = ItemReader(accepts_images, read_file).messages(self.items, self.params)
        if not messages:
            raise missing_input()
        return messages


def _resolve(item: Item, state: ServerState) -> Item:
    """Return the item that *item* refers to, else *item* itself."""
    if item["type"] == "item_reference" or (item["type"] == "reasoning" and not item["encrypted_content"]):
        stored = state.responses.find_item(state.owner, item["id"])
        if stored is None:
            raise item_not_found(item["id"])
        return stored
    return item


def truncate(request: GenerationRequest) -> GenerationRequest:
    """Return *request* without the first messages that exceed the context window of the model."""
    family = request.family
    room = min(family.max_input, family.context_window - int(request.params.get("max_completion_tokens", 0)))
    excess = len(prompt_token_ids(request.messages, family, request.tools, request.json_schema)) - room
    overhead = len(prompt_token_ids((), family))
    messages = list(request.messages)
    index = 0
    while excess > 0 and index < len(messages) - 1:
        if messages[index].role in _INSTRUCTION_ROLES:
            index += 1
            continue
        excess -= len(prompt_token_ids([messages.pop(index)], family)) - overhead
    return replace(request, messages=tuple(messages))
