"""The question of a run, with its images, to ask more about them."""

from dataclasses import dataclass

from core.apis import api_of
from core.images.tokens import DETAILS, Detail
from core.json_values import json_object, json_objects
from core.runs.run import Run


@dataclass(frozen=True, slots=True)
class ImageQuestion:
    """The text, and the URLs of its images: those of the whole conversation if it has none itself."""

    text: str
    image_urls: tuple[str, ...]
    detail: Detail


def sent_question(run: Run) -> ImageQuestion | None:
    """Return the last question that *run* sent; None without one."""
    messages = json_objects(api_of(run.endpoint).chat_params(run.params).get("messages"))
    questions = [message["content"] for message in messages if message.get("role") == "user"]
    if not questions:
        return None
    *_, last = questions
    texts = [part.get("text") for part in json_objects(last)]
    text = last if isinstance(last, str) else "\n".join(text for text in texts if isinstance(text, str))
    images = _images(last) or [image for question in questions for image in _images(question)]
    details = [detail for detail in DETAILS for _url, sent in images if sent == detail]
    return ImageQuestion(text, tuple(url for url, _ in images), details[0] if details else "auto")


def _images(content: object) -> list[tuple[str, object]]:
    images = [json_object(part.get("image_url")) for part in json_objects(content)]
    return [(str(image["url"]), image.get("detail")) for image in images if image.get("url")]
