"""What can be said of an image: its measures, the words that ask for each, and how they are put."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from core.sandbox.api.image_analysis import ImageStats
from core.sandbox.api.images import MessageImage
from core.sandbox.replies.language import Language

KOREAN_COLOUR_NAMES = {
    "black": "검정",
    "white": "흰색",
    "grey": "회색",
    "light grey": "밝은 회색",
    "dark grey": "어두운 회색",
    "red": "빨강",
    "dark red": "어두운 빨강",
    "orange": "주황",
    "brown": "갈색",
    "beige": "베이지",
    "yellow": "노랑",
    "green": "초록",
    "dark green": "어두운 초록",
    "light green": "연두",
    "teal": "청록",
    "light blue": "하늘색",
    "blue": "파랑",
    "dark blue": "남색",
    "purple": "보라",
    "pink": "분홍",
}
_KINDS = {
    "text": ("a page of text or a screenshot of it", "글이 있는 화면이나 문서"),
    "chart": ("a chart or a diagram", "차트나 도표"),
    "drawing": ("a drawing or a graphic with flat areas", "면이 고른 그림이나 그래픽"),
    "photo": ("a photo, or a picture as rich as one", "사진이나 사진 같은 그림"),
    "plain": ("a plain area of one colour", "한 가지 색의 바탕"),
}
_SHAPES = {"landscape": "가로형", "portrait": "세로형", "square": "정사각형"}


@dataclass(frozen=True, slots=True)
class ImageProperty:
    """Something that can be measured: the words that ask for it, its heading and how it is said."""

    pattern: re.Pattern[str]
    english: str
    korean: str
    describe: Callable[[MessageImage, ImageStats, Language], str]


def _size(image: MessageImage, look: ImageStats, _language: Language) -> str:
    millions = look.width * look.height / 1e6
    more = f" ({millions:.1f} MP)" if millions >= 1 else ""
    return f"{look.width:,}×{look.height:,} px{more}, {_bytes(image.byte_size)}"


def _bytes(size: int) -> str:
    return (
        f"{size:,} bytes"
        if size < 10_000
        else f"{size / 1e3:,.0f} kB"
        if size < 1e6
        else f"{size / 1e6:.1f} MB"
    )


def _format(image: MessageImage, look: ImageStats, language: Language) -> str:
    moving = language.localise(", animated", ", 움직이는 그림") if look.animated else ""
    return f"{image.format.upper()}{moving}"


def _colours(_image: MessageImage, look: ImageStats, language: Language) -> str:
    named = [
        f"{language.localise(name, KOREAN_COLOUR_NAMES[name])} {share} %" for name, share in look.colours
    ]
    return ", ".join(named) or language.localise("none: it is see-through", "없음(투명)")


def _brightness(_image: MessageImage, look: ImageStats, language: Language) -> str:
    words = (
        "very dark/아주 어두움",
        "dark/어두움",
        "of medium brightness/중간 밝기",
        "bright/밝음",
        "very bright/아주 밝음",
    )
    return f"{_graded(look.brightness, words, language)} ({look.brightness} %)"


def _contrast(_image: MessageImage, look: ImageStats, language: Language) -> str:
    words = ("none or nearly none/거의 없음", "low/낮음", "medium/중간", "high/높음", "very high/아주 높음")
    return f"{_graded(look.contrast, words, language)} ({look.contrast} %)"


def _sharpness(_image: MessageImage, look: ImageStats, language: Language) -> str:
    words = (
        "very soft, or plain/아주 흐릿하거나 단조로움",
        "soft/흐릿함",
        "medium/중간",
        "sharp/선명함",
        "very sharp/아주 선명함",
    )
    return f"{_graded(look.sharpness, words, language)} ({look.sharpness} %)"


def _shape(_image: MessageImage, look: ImageStats, language: Language) -> str:
    return language.localise(look.orientation, _SHAPES[look.orientation])


def _transparency(_image: MessageImage, look: ImageStats, language: Language) -> str:
    if not look.transparency:
        return language.localise("none", "없음")
    return language.localise(f"{look.transparency} % see-through", f"{look.transparency} % 투명")


def _kind(_image: MessageImage, look: ImageStats, language: Language) -> str:
    return language.localise(*_KINDS[look.kind])


def _graded(percent: int, words: Sequence[str], language: Language) -> str:
    english, korean = words[min(percent // 20, 4)].split("/")
    return language.localise(english, korean)


def words(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.I)


IMAGE_PROPERTIES = (
    ImageProperty(
        words(
            r"\bkind\b|\bphoto|\bchart|\bgraph|\bdiagram|\bscreenshot|\btext\b|사진|차트|그래프|도표|글자|글씨|텍스트|종류"
        ),
        "looks like",
        "유형",
        _kind,
    ),
    ImageProperty(
        words(
            r"\bsizes?\b|dimension|resolution|pixel|\bwidth|\bheight|\bwide|\btall|how (?:big|large)"
            r"|\blarger|\bbigger|크기|해상도|픽셀|가로|세로|더 큰|더 크"
        ),
        "size",
        "크기",
        _size,
    ),
    ImageProperty(
        words(r"\bformat|file type|\bpng\b|\bjpe?g\b|\bwebp\b|\bgif\b|형식|포맷|확장자"),
        "format",
        "형식",
        _format,
    ),
    ImageProperty(words(r"colou?r|\bhue|palette|색"), "colours", "색", _colours),
    ImageProperty(
        words(r"bright|\bdark|\blighter|\blight\b|밝|어두|어둡"), "brightness", "밝기", _brightness
    ),
    ImageProperty(words(r"contrast|대비"), "contrast", "대비", _contrast),
    ImageProperty(words(r"sharp|blur|focus|선명|흐릿|흐린|초점"), "sharpness", "선명도", _sharpness),
    ImageProperty(
        words(r"orientation|portrait|landscape|\bsquare|방향|가로형|세로형|정사각"),
        "orientation",
        "방향",
        _shape,
    ),
    ImageProperty(words(r"transparen|see-through|\balpha\b|투명"), "transparency", "투명도", _transparency),
)
