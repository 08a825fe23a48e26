"""The measurable properties of an image: the words that ask for each, its label and its description."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from core.sandbox.api.image_analysis import ImageStats
from core.sandbox.api.images import MessageImage
from core.sandbox.replies.language.detection import Language

Describe = Callable[[MessageImage, ImageStats, Language], str]

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
    "photo": ("a photo or a photo-like image", "사진이나 사진 같은 그림"),
    "plain": ("a plain area of one colour", "한 가지 색의 바탕"),
}
_KOREAN_ORIENTATIONS = {"landscape": "가로형", "portrait": "세로형", "square": "정사각형"}


@dataclass(frozen=True, slots=True)
class ImageProperty:
    """A property: the words that ask for it, its label in both languages, and how to describe it."""

    pattern: re.Pattern[str]
    english: str
    korean: str
    describe: Describe


def _size(image: MessageImage, stats: ImageStats, _language: Language) -> str:
    megapixels = stats.width * stats.height / 1e6
    note = f" ({megapixels:.1f} MP)" if megapixels >= 1 else ""
    if image.byte_size < 10_000:
        size = f"{image.byte_size:,} bytes"
    elif image.byte_size < 1e6:
        size = f"{image.byte_size / 1e3:,.0f} kB"
    else:
        size = f"{image.byte_size / 1e6:.1f} MB"
    return f"{stats.width:,}×{stats.height:,} px{note}, {size}"


def _colours(_image: MessageImage, stats: ImageStats, language: Language) -> str:
    colours = [
        f"{language.localise(name, KOREAN_COLOUR_NAMES[name])} {share} %" for name, share in stats.colours
    ]
    return ", ".join(colours) or language.localise("none: it is transparent", "없음(투명)")


def _rating(percent: Callable[[ImageStats], int], *grades: str) -> Describe:
    """Return a description by grade; *grades* are "english/korean" for each fifth of the range."""

    def describe(_image: MessageImage, stats: ImageStats, language: Language) -> str:
        english, korean = grades[min(percent(stats) // 20, 4)].split("/")
        return f"{language.localise(english, korean)} ({percent(stats)} %)"

    return describe


IMAGE_PROPERTIES = (
    ImageProperty(
        re.compile(
            r"\bkind\b|\bphoto|\bchart|\bgraph|\bdiagram|\bscreenshot|\btext\b|사진|차트|그래프|도표|글자|글씨|텍스트|종류",
            re.I,
        ),
        "looks like",
        "유형",
        lambda _image, stats, language: language.localise(*_KINDS[stats.kind]),
    ),
    ImageProperty(
        re.compile(
            r"\bsizes?\b|dimension|resolution|pixel|\bwidth|\bheight|\bwide|\btall|how (?:big|large)"
            r"|\blarger|\bbigger|크기|해상도|픽셀|가로|세로|더 큰|더 크",
            re.I,
        ),
        "size",
        "크기",
        _size,
    ),
    ImageProperty(
        re.compile(r"\bformat|file type|\bpng\b|\bjpe?g\b|\bwebp\b|\bgif\b|형식|포맷|확장자", re.I),
        "format",
        "형식",
        lambda image, stats, language: (
            image.format.upper()
            + (language.localise(", animated", ", 움직이는 그림") if stats.animated else "")
        ),
    ),
    ImageProperty(re.compile(r"colou?r|\bhue|palette|색", re.I), "colours", "색", _colours),
    ImageProperty(
        re.compile(r"bright|\bdark|\blighter|\blight\b|밝|어두|어둡", re.I),
        "brightness",
        "밝기",
        _rating(
            lambda stats: stats.brightness,
            "very dark/아주 어두움",
            "dark/어두움",
            "of medium brightness/중간 밝기",
            "bright/밝음",
            "very bright/아주 밝음",
        ),
    ),
    ImageProperty(
        re.compile(r"contrast|대비", re.I),
        "contrast",
        "대비",
        _rating(
            lambda stats: stats.contrast,
            "none or nearly none/거의 없음",
            "low/낮음",
            "medium/중간",
            "high/높음",
            "very high/아주 높음",
        ),
    ),
    ImageProperty(
        re.compile(r"sharp|blur|focus|선명|흐릿|흐린|초점", re.I),
        "sharpness",
        "선명도",
        _rating(
            lambda stats: stats.sharpness,
            "very soft, or plain/아주 흐릿하거나 단조로움",
            "soft/흐릿함",
            "medium/중간",
            "sharp/선명함",
            "very sharp/아주 선명함",
        ),
    ),
    ImageProperty(
        re.compile(r"orientation|portrait|landscape|\bsquare|방향|가로형|세로형|정사각", re.I),
        "orientation",
        "방향",
        lambda _image, stats, language: language.localise(
            stats.orientation, _KOREAN_ORIENTATIONS[stats.orientation]
        ),
    ),
    ImageProperty(
        re.compile(r"transparen|see-through|\balpha\b|투명", re.I),
        "transparency",
        "투명도",
        lambda _image, stats, language: (
            language.localise(f"{stats.transparency} % transparent", f"{stats.transparency} % 투명")
            if stats.transparency
            else language.localise("none", "없음")
        ),
    ),
)
