"""Code for a question about images, with each way to provide an image: base64, URL and file id."""

from typing import Any, Literal

from core.snippets import Snippet, chat_snippets, client_arguments, import_lines, literal

InputMethod = Literal["base64", "url", "file id"]
INPUT_METHODS: tuple[InputMethod, ...] = ("base64", "url", "file id")
_EXAMPLE_URL = "https://example.org/image-{}.jpg"


def vision_snippet(params: dict[str, Any], base_url: str, method: InputMethod) -> Snippet:
    """Return Python code for the chat call with *params* that provides its images by *method*.

    For "url", a data URL becomes an example URL.
    """
    # Chat Completions accepts no file ids for images, so this code calls the Responses API.
    if method == "file id":
        return Snippet("Python", "python", _file_id_source(params, base_url))
    if method == "url":
        params = _replace_data_urls(params)
    return chat_snippets(params, base_url)[0]


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


def _file_id_source(params: dict[str, Any], base_url: str) -> str:
    """Return code that uploads each image with purpose "vision" and sends the ids to the Responses API."""
    content = params["messages"][-1]["content"]
    parts = [
        f'{{"type": "input_text", "text": {literal(part["text"])}}}'
        for part in content
        if part["type"] == "text"
    ]
    uploads = ""
    images = [part["image_url"] for part in content if part["type"] == "image_url"]
    for number, image in enumerate(images, 1):
        image_format = image["url"].partition(";")[0].removeprefix("data:image/")
        extension = image_format if image_format in ("png", "jpeg") else "jpg"
        file = f'Path("image_{number}.{extension}")'
        uploads += f'image_{number} = client.files.create(file={file}, purpose="vision")\n'
        detail = literal(image.get("detail", "auto"))
        parts.append(f'{{"type": "input_image", "file_id": image_{number}.id, "detail": {detail}}}')
    lines = "".join(f"                {part},\n" for part in parts)
    client_args = client_arguments(base_url)
    modules = ("os", "pathlib") if client_args else ("pathlib",)
    return (
        f"{import_lines('OpenAI', *modules)}\n"
        f"client = OpenAI({client_args})\n\n{uploads}\n"
        f"response = client.responses.create(\n    model={literal(params['model'])},\n    input=[\n"
        '        {\n            "role": "user",\n'
        f'            "content": [\n{lines}            ],\n        }}\n    ],\n)\n'
        "print(response.output_text)\n"
    )
