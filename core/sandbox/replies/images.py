"""Answers about images, from what can be measured of them."""

from collections.abc import Callable, Sequence

from core.sandbox.api.image_analysis import ImageStats
from core.sandbox.api.images import MessageImage
from core.sandbox.replies.image_properties import IMAGE_PROPERTIES, KOREAN_COLOUR_NAMES, ImageProperty, words
from core.sandbox.replies.language import Language
from core.sandbox.replies.prompt import ChatPrompt
from core.sandbox.replies.style import Style

_ABOUT_IMAGES = words(r"\b(?:image|picture|photo|screenshot)s?\b|이미지|사진|그림")
_COMPARING = words(
    r"compar|differ|\bsame\b|\balike\b|\bwhich\b|\bboth\b|between"
    r"|비교|차이|다른|다르|같은|같나|어느|어떤 (?:것|쪽)|더 "
)
_COUNTING = words(r"how many (?:images|pictures|photos)|(?:이미지|사진|그림)\S*\s*몇|몇 (?:장|개)")


def describe_images(prompt: ChatPrompt, style: Style) -> str | None:
    """Say what can be measured of the images: those of the last message, or, if asked, the earlier ones."""
    images = prompt.images or _earlier(prompt)
    if not images:
        return None
    language = style.language
    counted = _count(images, language)
    if _COUNTING.search(prompt.question):
        return counted
    asked = tuple(aspect for aspect in IMAGE_PROPERTIES if aspect.pattern.search(prompt.question))
    compares = len(images) > 1 and bool(_COMPARING.search(prompt.question))
    body = (
        _compared(images, asked or IMAGE_PROPERTIES, language)
        if compares
        else _listed(images, asked or IMAGE_PROPERTIES, language)
    )
    return "\n\n".join(filter(None, (counted, body, "" if asked else _limits(language))))


def _earlier(prompt: ChatPrompt) -> tuple[MessageImage, ...]:
    """The images of the conversation, where a question after them is still about them."""
    question = prompt.question
    about = _ABOUT_IMAGES.search(question) or any(
        aspect.pattern.search(question) for aspect in IMAGE_PROPERTIES
    )
    return prompt.earlier_images if about and len(question) < 300 else ()


def _count(images: Sequence[MessageImage], language: Language) -> str:
    number = len(images)
    return language.localise(
        f"I received {number} image{'s' if number > 1 else ''}.", f"이미지 {number}개를 받았습니다."
    )


def _limits(language: Language) -> str:
    return language.localise(
        "The sandbox measures images and does not recognise what they show: a model that sees would. Ask "
        "about size, format, colours, brightness, contrast, sharpness, orientation or transparency, or "
        "compare images.",
        "샌드박스는 이미지를 측정할 뿐, 무엇이 담겼는지는 알아보지 못합니다. "
        "크기, 형식, 색, 밝기, 대비, 선명도, 방향, 투명도를 묻거나 이미지를 비교해 보세요.",
    )


def _listed(images: Sequence[MessageImage], aspects: Sequence[ImageProperty], language: Language) -> str:
    return "\n".join(
        f"{number}. {_facts(image, aspects, language)}" for number, image in enumerate(images, 1)
    )


def _facts(image: MessageImage, aspects: Sequence[ImageProperty], language: Language) -> str:
    if image.stats is None:
        return language.localise(
            "An image at a URL (not fetched): the sandbox reads images in the request only.",
            "URL에 있는 이미지(가져오지 않음): 샌드박스는 요청에 담긴 이미지만 봅니다.",
        )
    return "; ".join(
        f"{language.localise(aspect.english, aspect.korean)}: {aspect.describe(image, image.stats, language)}"
        for aspect in aspects
    )


def _compared(images: Sequence[MessageImage], aspects: Sequence[ImageProperty], language: Language) -> str:
    cells = [["", *map(str, range(1, len(images) + 1))]]
    cells += [
        [
            language.localise(aspect.english, aspect.korean),
            *(aspect.describe(image, image.stats, language) if image.stats else "–" for image in images),
        ]
        for aspect in aspects
    ]
    if len(images) > len(aspects):
        cells = [list(column) for column in zip(*cells, strict=True)]
    cells.insert(1, ["---"] * len(cells[0]))
    table = "\n".join(f"| {' | '.join(row)} |" for row in cells)
    seen = sum(image.stats is not None for image in images)
    return f"{table}\n\n{_verdict(images, language)}" if seen > 1 else table


def _verdict(images: Sequence[MessageImage], language: Language) -> str:
    """Say which image leads in what, and which colours all of them have."""
    looks = {number: image.stats for number, image in enumerate(images, 1) if image.stats}
    leads: tuple[tuple[str, str, Callable[[ImageStats], int]], ...] = (
        ("largest", "가장 큰", lambda look: look.width * look.height),
        ("brightest", "가장 밝은", lambda look: look.brightness),
        ("sharpest", "가장 선명한", lambda look: look.sharpness),
    )
    said = []
    for english, korean, figure in leads:
        figures = {number: figure(look) for number, look in looks.items()}
        first = max(figures, key=figures.__getitem__)
        if len(set(figures.values())) > 1:
            said.append(
                language.localise(f"The {english} is image {first}.", f"{korean} 것은 {first}번입니다.")
            )
    shared = set.intersection(*({name for name, _ in look.colours} for look in looks.values()))
    names = ", ".join(language.localise(name, KOREAN_COLOUR_NAMES[name]) for name in sorted(shared))
    none = language.localise("They share no main colour.", "함께 가진 주요 색은 없습니다.")
    said.append(
        language.localise(f"Colours in all of them: {names}.", f"모두에 있는 색: {names}.") if names else none
    )
    return " ".join(said)
