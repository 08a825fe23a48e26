"""Build the request of an extraction, and read its reply, by either API.

The rest of the extractor knows neither parameters nor responses.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal

from core.apis import APIS, api_of
from core.calls import ApiCall
from core.completions.call import ChatCompletionCall
from core.completions.request import ChatSettings
from core.errors.types import PlaygroundError
from core.extractor.pydantic_code.writer import sdk_document
from core.generation.api_name import ApiName
from core.json_schema.schema import SchemaDocument, schema_json
from core.responses.call import ResponseCall
from core.responses.output import output_text
from core.runs.run import Run
from core.tokens.estimate import estimate_tokens

Method = Literal["parse", "json_schema", "json_object"]
ReplyEnd = Literal["complete", "token limit", "content filter", "incomplete"]

METHODS: dict[Method, str] = {
    "parse": "Pydantic class, made strict by the SDK",
    "json_schema": "JSON Schema, enforced while the reply is generated",
    "json_object": "Any JSON object; the schema is only part of the instructions",
}
_ENDS: Mapping[str, ReplyEnd] = {
    "length": "token limit",
    "content_filter": "content filter",
    "incomplete": "incomplete",
    "cancelled": "incomplete",
}
INSTRUCTIONS = (
    "Extract the fields of the schema from the user's text. Copy names, numbers and dates as the text has "
    "them unless a description asks for another form. Do not add what the text does not say: use null, an "
    "empty string or an empty list instead."
)


@dataclass(frozen=True, slots=True)
class Extraction:
    """What to extract from which text. With *strict* the API guarantees the schema or refuses it."""

    document: SchemaDocument
    text: str
    method: Method = "parse"
    strict: bool = True
    instructions: str = INSTRUCTIONS


@dataclass(frozen=True, slots=True)
class StructuredReply:
    """A reply as far as the extractor reads it."""

    text: str
    refusal: str
    end: ReplyEnd


class ParseCall(ChatCompletionCall):
    """A call of `chat.completions.parse`: the request is that of `create` with the schema of a class."""

    endpoint: ClassVar[str] = "chat.completions.parse"


class ParseResponseCall(ResponseCall):
    """A call of `responses.parse`: the request is that of `create` with the schema of a class."""

    endpoint: ClassVar[str] = "responses.parse"


_PARSE_CALLS: Mapping[ApiName, type[ParseCall | ParseResponseCall]] = {
    "chat.completions": ParseCall,
    "responses": ParseResponseCall,
}


def build_request(extraction: Extraction, settings: ChatSettings) -> dict[str, Any]:
    """Return the parameters of the request by the API of *settings*.

    Raises PlaygroundError if the method cannot send the schema.
    """
    return APIS[settings.api].params(chat_request(extraction, settings))


def chat_request(extraction: Extraction, settings: ChatSettings) -> dict[str, Any]:
    """Return the parameters as Chat Completions has them, whatever the API of *settings*.

    Raises PlaygroundError if the method cannot send the schema.
    """
    document = sdk_document(extraction.document) if extraction.method == "parse" else extraction.document
    instructions = extraction.instructions
    response_format: dict[str, Any] = {"type": "json_object"}
    if extraction.method == "json_object":
        instructions += (
            f"\n\nReply with a JSON object that is valid for this schema:\n{schema_json(document.schema)}"
        )
    else:
        strict = extraction.strict or extraction.method == "parse"
        schema = {"schema": document.schema, "name": document.name, "strict": strict}
        response_format = {"type": "json_schema", "json_schema": schema}
    chat = settings.model_copy(update={"instructions": instructions, "response_format": None})
    params = chat.request_params(chat.messages([{"role": "user", "content": extraction.text}]))
    stream: dict[str, Any] = {key: params.pop(key) for key in ("stream", "stream_options") if key in params}
    return {**params, "response_format": response_format, **stream}


def new_call(method: Method, api: ApiName) -> ApiCall:
    """Return a call for a request of *method*."""
    return _PARSE_CALLS[api]() if method == "parse" else APIS[api].new_call()


def read_request(run: Run, document: SchemaDocument) -> Extraction:
    """Return what *run* was to extract, with the schema *document*."""
    chat = api_of(run.endpoint).chat_params(run.params)
    text = next(str(message["content"]) for message in chat["messages"] if message["role"] == "user")
    method: Method = "json_object" if chat["response_format"]["type"] == "json_object" else "json_schema"
    if run.endpoint in [call.endpoint for call in _PARSE_CALLS.values()]:
        method = "parse"
    strict = bool(chat["response_format"].get("json_schema", {}).get("strict"))
    return Extraction(document, text, method, strict)


def build_correction(run: Run, problems: str) -> dict[str, Any]:
    """Return the request of *run* with its reply and the *problems* to correct."""
    api = api_of(run.endpoint)
    chat = api.chat_params(run.params)
    correction = f"This reply is not valid. Reply again with the complete JSON, corrected:\n{problems}"
    messages = [
        *chat["messages"],
        {"role": "assistant", "content": read_reply(run).text},
        {"role": "user", "content": correction},
    ]
    return api.params({**chat, "messages": messages})


def read_reply(run: Run) -> StructuredReply:
    """Return the reply of *run*, also while it arrives."""
    finish_reason = run.finish_reason or "incomplete"
    end = _ENDS.get(finish_reason, "complete")
    # The text of a run contains its refusal, which the page shows in the same place.
    text = "" if run.refusal else run.text
    if text and run.response and run.endpoint.startswith("responses."):
        # What a model has commented before its answer is part of the text, but not of the JSON.
        text = output_text(run.response) or text
    return StructuredReply(text, run.refusal, end)


def schema_tokens(document: SchemaDocument, model: str) -> int:
    """Estimate the input tokens that the schema adds to a request.

    Raises PlaygroundError without a vocabulary.
    """
    schema = {"name": document.name, "schema": document.schema, "strict": True}
    response_format = {"type": "json_schema", "json_schema": schema}
    return estimate_tokens({"model": model, "messages": [], "response_format": response_format}).tokens


def method_problem(extraction: Extraction, method: Method) -> str:
    """Return why *method* cannot send the schema; empty if it can."""
    try:
        chat_request(replace(extraction, method=method), ChatSettings(model=""))
    except PlaygroundError as error:
        return str(error)
    return ""
