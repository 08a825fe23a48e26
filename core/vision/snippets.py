"""The same question as code in the three ways that an image can travel: base64, URL and file id."""

from typing import Any, Literal

from core.snippets import Snippet, chat_snippets, literal

InputMethod = Literal["base64", "url", "file id"]
INPUT_METHODS: tuple[InputMethod, ...] = ("base64", "url", "file id")
_EXAMPLE = "https://example.org/image-{}.jpg"
_KEY = 'os.environ["OPENAI_API_KEY"]'


def vision_snippet(params: dict[str, Any], base_url: str, travel: InputMethod) -> Snippet:
    """Write the chat call with *params* as Python that sends its images by *travel*.

    File ids are for the Responses API only. A data URL becomes a placeholder address for "url".
    """
    if travel == "file id":
        return Snippet("Python", "python", _by_file_id(params, base_url))
    if travel == "url":
        params = _with_urls(params)
    return chat_snippets(params, base_url)[0]


def _with_urls(params: dict[str, Any]) -> dict[str, Any]:
    number = 0

    def linked(value: Any) -> Any:
        nonlocal number
        if isinstance(value, dict):
            return {key: linked(item) for key, item in value.items()}
        if isinstance(value, list):
            return [linked(item) for item in value]
        if isinstance(value, str) and value.startswith("data:image/"):
            number += 1
            return _EXAMPLE.format(number)
        return value

    named: dict[str, Any] = linked(params)
    return named


def _by_file_id(params: dict[str, Any], base_url: str) -> str:
    """Upload each image with purpose "vision", and ask the Responses API about the ids."""
    content = params["messages"][-1]["content"]
    texts = [part["text"] for part in content if part["type"] == "text"]
    images = [part["image_url"] for part in content if part["type"] == "image_url"]
    uploads = "".join(
        f'image_{number} = client.files.create(file=Path("{_file(image, number)}"), purpose="vision")\n'
        for number, image in enumerate(images, 1)
    )
    parts = [f'{{"type": "input_text", "text": {literal(text)}}}' for text in texts]
    parts += [
        f'{{"type": "input_image", "file_id": image_{number}.id, '
        f'"detail": {literal(image.get("detail", "auto"))}}}'
        for number, image in enumerate(images, 1)
    ]
    lines = "".join(f"                {part},\n" for part in parts)
    ours = base_url.startswith("https://api.openai.com/")
    head = "" if ours else "import os\n"
    client = "" if ours else f"api_key={_KEY}, base_url={literal(base_url)}"
    return (
        f"{head}from pathlib import Path\n\nfrom openai import OpenAI\n\n"
        f"client = OpenAI({client})\n\n{uploads}\n"
        f"response = client.responses.create(\n    model={literal(params['model'])},\n    input=[\n"
        '        {\n            "role": "user",\n'
        f'            "content": [\n{lines}            ],\n        }}\n    ],\n)\n'
        "print(response.output_text)\n"
    )


def _file(image: dict[str, Any], number: int) -> str:
    kind = image["url"].partition(";")[0].removeprefix("data:image/")
    return f"image_{number}.{kind if kind in ('png', 'jpeg') else 'jpg'}"
