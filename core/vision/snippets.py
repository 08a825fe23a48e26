"""Code for a question about images, with each way to provide an image: base64, URL and file id."""

from typing import Any, Literal

from core.snippets import (
    Expression,
    Snippet,
    SnippetOptions,
    arguments_source,
    chat_snippets,
    client_source,
    image_files,
    literal,
    python_snippets,
)

InputMethod = Literal["base64", "url", "file id"]
INPUT_METHODS: tuple[InputMethod, ...] = ("base64", "url", "file id")
_EXAMPLE_URL = "https://example.org/image-{}.jpg"


def vision_snippets(
    params: dict[str, Any], options: SnippetOptions, method: InputMethod
) -> tuple[Snippet, ...]:
    """Return code for the chat call with *params* that provides its images by *method*.

    For "url", a data URL becomes an example URL.
    """
    # Chat Completions accepts no file ids for images, so this code calls the Responses API.
    if method == "file id":
        return _file_id_snippets(params, options)
    if method == "url":
        params = _replace_data_urls(params)
    return chat_snippets(params, options)


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
    numbers = {url: number for number, url in enumerate(files, 1)}
    content: list[dict[str, Any]] = []
    for part in params["messages"][-1]["content"]:
        if part["type"] == "text":
            content.append({"type": "input_text", "text": part["text"]})
            continue
        url, detail = part["image_url"]["url"], part["image_url"].get("detail", "auto")
        source = {"file_id": Expression(f"image_{numbers[url]}.id")} if url in numbers else {"image_url": url}
        content.append({"type": "input_image", **source, "detail": detail})
    request = {"model": params["model"], "input": [{"role": "user", "content": content}]}

    def call(indent: str, awaiting: str) -> str:
        uploads = "".join(
            f"{indent}image_{numbers[url]} = {awaiting}client.files.create(\n"
            f'{indent}    file=Path({literal(file.name)}), purpose="vision"\n{indent})\n'
            for url, file in files.items()
        )
        arguments = arguments_source(request, f"{indent}    ")
        return (
            f"{uploads}{indent}response = {awaiting}client.responses.create(\n{arguments}{indent})\n"
            f"{indent}print(response.output_text)\n"
        )

    modules = ("pathlib",) if files else ()
    return python_snippets(
        [client_source(options, *modules, is_async=is_async) for is_async in (False, True)],
        [call("", ""), call("    ", "await ")],
        files=tuple(files.values()),
    )
