"""Replies about images, from measurements of them."""

import re
from collections.abc import Callable, Sequence

from core.sandbox.api.image_analysis import ImageStats
from core.sandbox.api.images import MessageImage
from core.sandbox.replies.answer import Answer
from core.sandbox.replies.images.properties import IMAGE_PROPERTIES, KOREAN_COLOUR_NAMES, ImageProperty
from core.sandbox.replies.language.detection import Language
from core.sandbox.replies.language.style import Style
from core.sandbox.replies.prompt import ChatPrompt

_ABOUT_IMAGES = re.compile(r"\b(?:image|picture|photo|screenshot)s?\b|이미지|사진|그림", re.I)
_COMPARISON = re.compile(
    r"compar|differ|\bsame\b|\balike\b|\bwhich\b|\bboth\b|between"
    r"|비교|차이|다른|다르|같은|같나|어느|어떤 (?:것|쪽)|더 ",
    re.I,
)
_COUNT = re.compile(r"how many (?:images|pictures|photos)|(?:이미지|사진|그림)\S*\s*몇|몇 (?:장|개)", re.I)
_MAX_QUESTION_LENGTH = 300
_SUPERLATIVES: tuple[tuple[str, str, Callable[[ImageStats], int]], ...] = (
    ("largest", "가장 큰", lambda image: image.width * image.height),
    ("brightest", "가장 밝은", lambda image: image.brightness),
    ("sharpest", "가장 선명한", lambda image: image.sharpness),
)


def describe_images(prompt: ChatPrompt, style: Style) -> Answer | None:
    """Describe the images of the last message, or of earlier messages if the question is about images."""
    question, language = prompt.question, style.language
    requested = tuple(item for item in IMAGE_PROPERTIES if item.pattern.search(question))
    images = prompt.images
    is_about_images = bool(requested or _ABOUT_IMAGES.search(question))
    if not images and is_about_images and len(question) < _MAX_QUESTION_LENGTH:
        images = prompt.earlier_images
    if not images:
        return None
    count = language.localise(
        f"I received {len(images)} image{'s' if len(images) > 1 else ''}.",
        f"이미지 {len(images)}개를 받았습니다.",
    )
    if _COUNT.search(question):
        return Answer(count)
    properties = requested or IMAGE_PROPERTIES
    if len(images) > 1 and _COMPARISON.search(question):
        body = _comparison_table(images, properties, language)
    else:
        body = _property_list(images, properties, language)
    if requested:
        return Answer(f"{count}\n\n{body}")
    limits = language.localise(
        "The sandbox measures images and does not recognise what they show; a vision model does. Ask "
        "about size, format, colours, brightness, contrast, sharpness, orientation or transparency, or "
        "compare images.",
        "샌드박스는 이미지를 측정할 뿐, 내용은 인식하지 못합니다. 내용은 비전 모델이 인식합니다. "
        "크기, 형식, 색, 밝기, 대비, 선명도, 방향, 투명도를 묻거나 이미지를 비교해 보세요.",
    )
    return Answer(f"{count}\n\n{body}\n\n{limits}")


def _property_list(
    images: Sequence[MessageImage], properties: Sequence[ImageProperty], language: Language
) -> str:
    lines = []
    for number, image in enumerate(images, 1):
        if image.stats is None:
            line = language.localise(
                "An image at a URL (not fetched): the sandbox reads images in the request only.",
                "URL에 있는 이미지(가져오지 않음): 샌드박스는 요청에 담긴 이미지만 봅니다.",
            )
        else:
            labels = [language.localise(item.english, item.korean) for item in properties]
            values = [item.describe(image, image.stats, language) for item in properties]
            line = "; ".join(f"{label}: {value}" for label, value in zip(labels, values, strict=True))
        lines.append(f"{number}. {line}")
    return "\n".join(lines)


def _comparison_table(
    images: Sequence[MessageImage], properties: Sequence[ImageProperty], language: Language
) -> str:
    """Return a table of the properties, and below it which image is the largest, and the shared colours."""
    cells = [["", *map(str, range(1, len(images) + 1))]]
    for item in properties:
        values = [item.describe(image, image.stats, language) if image.stats else "–" for image in images]
        cells.append([language.localise(item.english, item.korean), *values])
    # The longer list goes down the page: a table with many columns is hard to read.
    if len(images) > len(properties):
        cells = [list(column) for column in zip(*cells, strict=True)]
    cells.insert(1, ["---"] * len(cells[0]))
    table = "\n".join(f"| {' | '.join(row)} |" for row in cells)
    stats = {number: image.stats for number, image in enumerate(images, 1) if image.stats}
    if len(stats) < 2:
        return table
    sentences = []
    for english, korean, measure in _SUPERLATIVES:
        measures = {number: measure(image) for number, image in stats.items()}
        first = max(measures, key=measures.__getitem__)
        if len(set(measures.values())) > 1:
            sentences.append(
                language.localise(f"The {english} is image {first}.", f"{korean} 것은 {first}번입니다.")
            )
    shared = set.intersection(*({name for name, _ in image.colours} for image in stats.values()))
    names = ", ".join(language.localise(name, KOREAN_COLOUR_NAMES[name]) for name in sorted(shared))
    if names:
        sentences.append(language.localise(f"Colours in all of them: {names}.", f"모두에 있는 색: {names}."))
    else:
        sentences.append(language.localise("They share no main colour.", "함께 가진 주요 색은 없습니다."))
    return f"{table}\n\n{' '.join(sentences)}"
