"""An extraction with a Pydantic class as code that runs as it is."""

from typing import Any

from core.errors.types import PlaygroundError
from core.extractor.pydantic_code.writer import write_models
from core.json_schema.schema import SchemaDocument
from core.json_values import json_object
from core.snippets import (
    Expression,
    Snippet,
    SnippetOptions,
    arguments_source,
    chat_snippets,
    client_source,
    curl_snippet,
    python_snippets,
)


def parse_snippets(params: dict[str, Any], options: SnippetOptions) -> tuple[Snippet, ...]:
    """Write the request with *params* as calls of `parse`, or of `stream`, with the class of its schema.

    A schema that no class has is written as a call of `create`.
    """
    schema = json_object(json_object(params.get("response_format")).get("json_schema"))
    document = SchemaDocument(str(schema.get("name", "")), dict(json_object(schema.get("schema"))))
    try:
        imports, _, classes = write_models(document).partition("\n\n\n")
    except PlaygroundError:
        return chat_snippets(params, options)
    clients = [f"{imports}\n\n{client_source(options, is_async=is_async)}" for is_async in (False, True)]
    class_params = {**params, "response_format": Expression(document.name)}
    return (
        *python_snippets(
            clients,
            [_call(class_params, "", is_async=False), _call(class_params, "    ", is_async=True)],
            f"\n{classes}",
        ),
        curl_snippet(params, options, "chat/completions", is_long=False),
    )


def _call(params: dict[str, Any], indent: str, *, is_async: bool) -> str:
    """Write the call, and the lines that print the object, or the refusal if the model declined."""
    inner = f"{indent}    "
    arguments = arguments_source({key: value for key, value in params.items() if key != "stream"}, inner)
    result = (
        f"{indent}message = completion.choices[0].message\n{indent}print(message.refusal or message.parsed)\n"
    )
    awaiting, prefix = ("await ", "async ") if is_async else ("", "")
    if not params.get("stream"):
        call = f"{indent}completion = {awaiting}client.chat.completions.parse(\n{arguments}{indent})\n"
        return call + result
    return (
        f"{indent}{prefix}with client.chat.completions.stream(\n{arguments}{indent}) as stream:\n"
        f"{inner}{prefix}for event in stream:\n"
        f'{inner}    if event.type == "content.delta":\n'
        f'{inner}        print(event.delta, end="", flush=True)\n'
        f"{inner}completion = {awaiting}stream.get_final_completion()\n"
        f"{indent}print()\n{result}"
    )
