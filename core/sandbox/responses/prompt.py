"""The messages that the items of a request stand for, as Chat Completions would have them."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from core.sandbox.api.errors import invalid_request
from core.sandbox.api.images import MessageImage, analyse_image_data, parse_image_url
from core.sandbox.api.messages import MessageToolCall, RequestMessage
from core.sandbox.responses.input_items import Item
from core.sandbox.responses.opaque import unseal

ReadFile = Callable[[str], bytes]
"""Returns the content of an uploaded file by its id. Raises ApiError."""


@dataclass(frozen=True, slots=True)
class ItemReader:
    """Reads items as messages; *accepts_images* is whether the model does."""

    accepts_images: bool
    read_file: ReadFile

    def messages(self, items: Sequence[Item], params: Sequence[str]) -> tuple[RequestMessage, ...]:
        """Return the messages of *items*, of which *params* are the names. Raises ApiError.

        Calls that follow each other, or a text of the assistant, are one message, and reasoning is none: the
        same conversation has the same tokens in both APIs.
        """
        messages: list[RequestMessage] = []
        for item, param in zip(items, params, strict=True):
            match item["type"]:
                case "message":
                    text, images = self._content(f"{param}.content", item["content"])
                    messages.append(RequestMessage(item["role"], text, images=images))
                case "function_call":
                    if not messages or messages[-1].role != "assistant":
                        messages.append(RequestMessage("assistant", ""))
                    call = MessageToolCall(item["call_id"], item["name"], item["arguments"])
                    messages[-1] = replace(messages[-1], tool_calls=(*messages[-1].tool_calls, call))
                case "function_call_output":
                    text, images = self._content(f"{param}.output", item["output"])
                    messages.append(RequestMessage("tool", text, "", images, (), item["call_id"]))
                case "compaction":
                    texts = unseal(item["encrypted_content"], item["id"])
                    messages += [_to_message(*text.partition("\n")[::2]) for text in texts]
        return tuple(messages)

    def _content(
        self, param: str, content: str | Sequence[dict[str, Any]]
    ) -> tuple[str, tuple[MessageImage, ...]]:
        if isinstance(content, str):
            return content, ()
        texts, images = [], []
        for index, part in enumerate(content):
            if part["type"] == "input_image":
                images.append(self._image(f"{param}[{index}]", part))
            else:
                texts.append(part["refusal"] if part["type"] == "refusal" else part["text"])
        return "\n".join(texts), tuple(images)

    def _image(self, param: str, part: dict[str, Any]) -> MessageImage:
        if not self.accepts_images:
            message = "Invalid content type. input_image is only supported by certain models."
            raise invalid_request(message, f"{param}.type")
        if part["image_url"] is not None:
            return parse_image_url(f"{param}.image_url", part["image_url"], part["detail"])
        return analyse_image_data(f"{param}.file_id", self.read_file(part["file_id"]), part["detail"])


def _to_message(role: str, text: str) -> RequestMessage:
    """Return a message that was compacted. A result without its call is what the assistant knows."""
    return RequestMessage(role if role in ("system", "developer") else "assistant", text)


def check_calls(items: Iterable[Item]) -> None:
    """Check that each call has an output after it, and each output a call. Raises ApiError."""
    calls: dict[str, bool] = {}
    for item in items:
        if item["type"] == "function_call":
            calls[item["call_id"]] = False
        elif item["type"] == "function_call_output":
            if item["call_id"] not in calls:
                call_id = item["call_id"][:100]
                message = f"No tool call found for function call output with call_id {call_id}."
                raise invalid_request(message, "input")
            calls[item["call_id"]] = True
    unanswered = next((call_id for call_id, has_output in calls.items() if not has_output), None)
    if unanswered is not None:
        raise invalid_request(f"No tool output found for function call {unanswered[:100]}.", "input")


def check_unique_ids(items: Iterable[Item]) -> None:
    ids = set()
    for item in items:
        if item["id"] in ids:
            message = (
                f"Duplicate item found with id {item['id'][:100]}. Remove duplicate items from your input "
                "and try again."
            )
            raise invalid_request(message, "input")
        ids.add(item["id"])
