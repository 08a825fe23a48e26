"""Code for a question about images, with each way to provide an image: base64, URL and file id."""

from typing import Any, Literal

from core.apis import APIS
from core.generation.api_name import ApiName
from core.snippets import (
    Expression,
    Snippet,
    SnippetOptions,
    chat_snippets,
    client_source,
    image_files,
    literal,
    python_snippets,
    response_call,
    response_snippets,
)

InputMethod = Literal["base64", "url", "file id"]
INPUT_METHODS: tuple[InputMethod, ...] = ("base64", "url", "file id")
_EXAMPLE_URL = "https://example.org/image-{}.jpg"


def vision_snippets(
    params: dict[str, Any], api: ApiName, options: SnippetOptions, method: InputMethod
) -> tuple[Snippet, ...]:
    """Return code that sends *params*, a request of *api*, with its images by *method*.

    For "url", a data URL becomes an example URL.
    """
    if method == "file id":
        # Chat Completions accepts no file ids for images, so this code always calls the Responses API.
        return _file_id_snippets(params if api == "responses" else APIS["responses"].params(params), options)
    if method == "url":
        params = _replace_data_urls(params)
    return (response_snippets if api == "responses" else chat_snippets)(params, options)


def _replace_data_urls(params: dict[str, Any]) -> dict[str, Any]:
    number = 0

    def replace(value: Any) -> Any:
        nonlocal number
        if isinstance(value, dict):
            return {key: replace(item) for key, item in value.items()}
        if isinstance(value, list):
            return [replace(item) for item in value]
        if isinstance(value, str) and value.startswith("data:image/"):
            number += 1
            return _EXAMPLE_URL.format(number)
        return value

    replaced: dict[str, Any] = replace(params)
    return replaced


def _file_id_snippets(params: dict[str, Any], options: SnippetOptions) -> tuple[Snippet, ...]:
    """Return code that uploads each image with purpose "vision" and sends the ids to the Responses API."""
    files = image_files(params, options)
    variables = {url: f"image_{number}" for number, url in enumerate(files, 1)}

    def with_ids(value: Any) -> Any:
        if isinstance(value, list):
            return [with_ids(item) for item in value]
        if not isinstance(value, dict):
            return value
        if variable := variables.get(value.get("image_url", "")):
            return {"type": "input_image", "file_id": Expression(f"{variable}.id"), "detail": value["detail"]}
        return {key: with_ids(item) for key, item in value.items()}

    request = with_ids(params)

    def call(indent: str, awaiting: str) -> str:
        uploads = "".join(
            f"{indent}{variables[url]} = {awaiting}client.files.create(\n"
            f'{indent}    file=Path({literal(file.name)}), purpose="vision"\n{indent})\n'
            for url, file in files.items()
        )
        return uploads + response_call(request, indent, awaiting)

    modules = ("pathlib",) if files else ()
    return python_snippets(
        [client_source(options, *modules, is_async=is_async) for is_async in (False, True)],
        [call("", ""), call("    ", "await ")],
        files=tuple(files.values()),
    )
