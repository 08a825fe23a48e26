"""An extraction with a Pydantic class as code that runs as it is."""

from dataclasses import dataclass
from typing import Any

from core.errors.types import PlaygroundError
from core.extractor.pydantic_code.writer import write_models
from core.json_schema.schema import SchemaDocument
from core.json_values import JsonObject, json_object
from core.snippets import (
    Expression,
    Snippet,
    SnippetOptions,
    arguments_source,
    chat_snippets,
    client_source,
    curl_snippet,
    python_snippets,
    response_snippets,
)


@dataclass(frozen=True, slots=True)
class _ParseMethod:
    """How an API parses a reply. The lines *result* print the object or the refusal."""

    resource: str
    variable: str
    delta_event: str
    result: tuple[str, ...]


_CHAT = _ParseMethod(
    "chat.completions",
    "completion",
    "content.delta",
    ("message = completion.choices[0].message", "print(message.refusal or message.parsed)"),
)
_RESPONSES = _ParseMethod(
    "responses",
    "response",
    "response.output_text.delta",
    (
        'parts = [part for item in response.output if item.type == "message" for part in item.content]',
        'refusals = [part.refusal for part in parts if part.type == "refusal"]',
        "print(refusals or response.output_parsed)",
    ),
)


def parse_snippets(params: dict[str, Any], options: SnippetOptions) -> tuple[Snippet, ...]:
    """Write the request with *params* as calls of `parse`, or of `stream`, with the class of its schema.

    A schema that no class has is written as a call of `create`.
    """
    schema = json_object(json_object(params.get("response_format")).get("json_schema"))
    document = _document(schema)
    try:
        models = write_models(document)
    except PlaygroundError:
        return chat_snippets(params, options)
    class_params = {**params, "response_format": Expression(document.name)}
    curl = curl_snippet(params, options, "chat/completions", is_long=False)
    return (*_python_snippets(models, class_params, _CHAT, options), curl)


def parse_response_snippets(params: dict[str, Any], options: SnippetOptions) -> tuple[Snippet, ...]:
    """Do the same for a request of the Responses API."""
    text = dict(json_object(params.get("text")))
    document = _document(json_object(text.pop("format", None)))
    try:
        models = write_models(document)
    except PlaygroundError:
        return response_snippets(params, options)
    class_params = {name: value for name, value in params.items() if name != "text"}
    class_params |= {"text": text} if text else {}
    class_params["text_format"] = Expression(document.name)
    curl = curl_snippet(params, options, "responses", is_long=False)
    return (*_python_snippets(models, class_params, _RESPONSES, options), curl)


def _document(schema: JsonObject) -> SchemaDocument:
    return SchemaDocument(str(schema.get("name", "")), dict(json_object(schema.get("schema"))))


def _python_snippets(
    models: str, params: dict[str, Any], method: _ParseMethod, options: SnippetOptions
) -> tuple[Snippet, Snippet]:
    imports, _, classes = models.partition("\n\n\n")
    return python_snippets(
        [f"{imports}\n\n{client_source(options, is_async=is_async)}" for is_async in (False, True)],
        [_call(params, method, "", is_async=False), _call(params, method, "    ", is_async=True)],
        f"\n{classes}",
    )


def _call(params: dict[str, Any], method: _ParseMethod, indent: str, *, is_async: bool) -> str:
    """Write the call, and the lines that print the object, or the refusal if the model declined."""
    inner = f"{indent}    "
    arguments = arguments_source({key: value for key, value in params.items() if key != "stream"}, inner)
    result = "".join(f"{indent}{line}\n" for line in method.result)
    awaiting, prefix = ("await ", "async ") if is_async else ("", "")
    if not params.get("stream"):
        call = (
            f"{indent}{method.variable} = {awaiting}client.{method.resource}.parse(\n{arguments}{indent})\n"
        )
        return call + result
    return (
        f"{indent}{prefix}with client.{method.resource}.stream(\n{arguments}{indent}) as stream:\n"
        f"{inner}{prefix}for event in stream:\n"
        f'{inner}    if event.type == "{method.delta_event}":\n'
        f'{inner}        print(event.delta, end="", flush=True)\n'
        f"{inner}{method.variable} = {awaiting}stream.get_final_{method.variable}()\n"
        f"{indent}print()\n{result}"
    )
