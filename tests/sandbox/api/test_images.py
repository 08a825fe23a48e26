"""Images in requests: their analysis, their tokens, the replies about them, and which are rejected."""

from typing import Any

import openai
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openai import OpenAI
from PIL import Image, ImageFilter

from core.images.tokens import DETAILS, formula_for
from core.models.catalog import model_families
from core.sandbox.api.errors import ApiError
from core.sandbox.api.image_analysis import PALETTE, analyse_image
from core.sandbox.api.image_tokens import count_image_tokens
from core.sandbox.api.images import MessageImage, parse_image
from tests.sandbox.sample_images import bar_chart, data_url, encode_image, page_of_text, photo, solid_image

IMAGE_MODELS = [model.id for model in model_families() if model.supports_images]


def ask(
    client: OpenAI,
    question: str,
    *images: str,
    detail: str = "auto",
    earlier: tuple[Any, ...] = (),
    **params: Any,
) -> Any:
    parts = [{"type": "image_url", "image_url": {"url": image, "detail": detail}} for image in images]
    content = [{"type": "text", "text": question}, *parts]
    messages: Any = [*earlier, {"role": "user", "content": content}]
    return client.chat.completions.create(**{"model": "gpt-4o-mini", "messages": messages, **params})


def ask_for_text(client: OpenAI, question: str, *images: str, **params: Any) -> str:
    return str(ask(client, question, *images, **params).choices[0].message.content)


def test_describes_an_image_without_recognising_it(client: OpenAI) -> None:
    answer = ask_for_text(client, "What is this?", data_url(solid_image("navy", (640, 480))))

    assert "I received 1 image." in answer
    for text in ("640×480 px", "PNG", "dark blue 100 %", "landscape", "does not recognise"):
        assert text in answer


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("What colours are in it?", "colours: red 100 %"),
        ("How large is the picture?", "size: 64×32 px"),
        ("Which file format is it?", "format: PNG"),
        ("Is it bright or dark?", "brightness: "),
        ("How strong is the contrast?", "contrast: none or nearly none"),
        ("Is it sharp?", "sharpness: very soft, or plain"),
        ("Is it portrait or landscape?", "orientation: landscape"),
        ("Is any of it transparent?", "transparency: none"),
        ("What kind of picture is this?", "looks like: a plain area of one colour"),
        ("이 이미지의 색은 무엇인가요?", "색: 빨강 100 %"),
        ("해상도가 어떻게 되나요?", "크기: 64×32 px"),
        ("이 사진은 밝은 편인가요?", "밝기: "),
        ("어떤 형식의 파일이죠?", "형식: PNG"),
        ("사진이 선명한가요?", "선명도: "),
    ],
)
def test_answers_only_the_question(client: OpenAI, question: str, answer: str) -> None:
    answer_text = ask_for_text(client, question, data_url(solid_image()))

    assert answer in answer_text
    assert "does not recognise" not in answer_text


def test_compares_images(client: OpenAI) -> None:
    answer = ask_for_text(
        client,
        "Compare these two pictures.",
        data_url(solid_image("black", (90, 90))),
        data_url(solid_image("white", (40, 80))),
    )

    assert "| size | 90×90 px" in answer
    assert "The brightest is image 2." in answer
    assert "The largest is image 1." in answer
    assert "They share no main colour." in answer


def test_compares_several_images_in_a_table(client: OpenAI) -> None:
    answer = ask_for_text(
        client, "Which colours differ?", *[data_url(solid_image(name)) for name in ("red", "blue", "green")]
    )

    assert "|  | colours |" in answer
    assert "| 3 | dark green 100 % |" in answer


def test_compares_in_korean(client: OpenAI) -> None:
    answer = ask_for_text(
        client, "두 이미지를 비교해 주세요.", data_url(solid_image("black")), data_url(solid_image("white"))
    )

    assert "가장 밝은 것은 2번입니다." in answer


def test_answers_a_later_question_about_an_earlier_image(client: OpenAI) -> None:
    first = {
        "role": "user",
        "content": [{"type": "image_url", "image_url": {"url": data_url(solid_image("green"))}}],
    }
    earlier = (first, {"role": "assistant", "content": "I see."})

    assert "colours: dark green 100 %" in ask_for_text(
        client, "And what colours does the image have?", earlier=earlier
    )
    assert "I received" not in ask_for_text(client, "What is 17 * 23?", earlier=earlier)


def test_counts_images(client: OpenAI) -> None:
    assert "I received 3 images." in ask_for_text(
        client, "How many images do you see?", *[data_url(solid_image())] * 3
    )


def test_does_not_fetch_a_url(client: OpenAI) -> None:
    assert "not fetched" in ask_for_text(client, "What is this?", "https://example.test/cat.jpg")


def test_streams_the_same_description(client: OpenAI) -> None:
    image = data_url(bar_chart())

    chunks = list(ask(client, "Describe it", image, stream=True))

    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert text == ask_for_text(client, "Describe it", image)


@pytest.mark.parametrize(
    ("image", "kind"),
    [
        pytest.param(page_of_text(), "text", id="text"),
        pytest.param(bar_chart(), "chart", id="chart"),
        pytest.param(photo(), "photo", id="photo"),
        pytest.param(solid_image(), "plain", id="plain"),
    ],
)
def test_distinguishes_text_charts_and_photos(image: Image.Image, kind: str) -> None:
    assert analyse_image(encode_image(image)).kind == kind
    assert analyse_image(encode_image(image, "JPEG", quality=90)).kind == kind


@pytest.mark.parametrize("name", PALETTE)
def test_returns_the_name_of_a_colour(name: str) -> None:
    assert analyse_image(encode_image(Image.new("RGB", (30, 30), PALETTE[name]))).colours == ((name, 100),)


def test_measures_blur_and_contrast() -> None:
    sharp = page_of_text()
    soft = sharp.filter(ImageFilter.GaussianBlur(6))

    assert analyse_image(encode_image(sharp)).sharpness > analyse_image(encode_image(soft)).sharpness + 20
    assert analyse_image(encode_image(sharp)).contrast > analyse_image(encode_image(soft)).contrast


def test_measures_transparency() -> None:
    image = Image.new("RGBA", (40, 40), (0, 0, 0, 0))
    image.paste((255, 0, 0, 255), (0, 0, 40, 10))

    assert analyse_image(encode_image(image)).transparency == 75
    assert analyse_image(encode_image(image)).colours == (("red", 100),)


@pytest.mark.parametrize(
    ("size", "orientation"), [((30, 30), "square"), ((60, 30), "landscape"), ((30, 60), "portrait")], ids=str
)
def test_returns_the_orientation(size: tuple[int, int], orientation: str) -> None:
    assert analyse_image(encode_image(solid_image(size=size))).orientation == orientation


def request_error(client: OpenAI, image: str, **params: Any) -> openai.BadRequestError:
    with pytest.raises(openai.BadRequestError) as excinfo:
        ask(client, "What is this?", image, **params)
    return excinfo.value


def two_frames() -> bytes:
    return encode_image(solid_image("red"), "GIF", save_all=True, append_images=[solid_image("blue")])


@pytest.mark.parametrize(
    ("image", "code"),
    [
        pytest.param(data_url(b"not an image"), "invalid_image_format", id="not an image"),
        pytest.param(data_url(encode_image(solid_image(), "BMP")), "invalid_image_format", id="bmp"),
        pytest.param(data_url(encode_image(solid_image(), "TIFF")), "invalid_image_format", id="tiff"),
        pytest.param(data_url(two_frames(), "GIF"), "invalid_image_format", id="animated"),
        pytest.param(data_url(encode_image(photo(), "JPEG")[:2000], "JPEG"), "invalid_image", id="truncated"),
        pytest.param(data_url(b"\x89PNG\r\n\x1a\n"), "invalid_image", id="only a signature"),
        pytest.param("data:image/png;base64,A", "invalid_base64", id="invalid base64"),
        pytest.param("ftp://example.org/a.png", "invalid_value", id="invalid URL"),
    ],
)
def test_rejects_an_invalid_image(client: OpenAI, image: str, code: str) -> None:
    assert request_error(client, image).code == code


def test_rejects_an_image_with_too_many_patches() -> None:
    with pytest.raises(ApiError, match="35,344 patches"):
        count_image_tokens(MessageImage("png", 1, 6000, 6000, "original"), "gpt-6-luna")


def test_rejects_a_detail_that_the_model_does_not_support(client: OpenAI) -> None:
    error = request_error(client, data_url(solid_image()), model="gpt-4o", detail="original")

    assert "Supported values are: 'auto', 'low', 'high' with this model." in error.message


def test_rejects_images_for_a_model_without_image_input(client: OpenAI) -> None:
    assert (
        "only supported by certain models"
        in request_error(client, data_url(solid_image()), model="gpt-3.5-turbo").message
    )


@pytest.mark.parametrize(
    ("model", "detail", "tokens"),
    [
        ("gpt-4o", "high", 765),
        ("gpt-4o", "low", 85),
        ("gpt-4o-mini", "auto", 25501),
        ("gpt-5.6-luna", "auto", 1229),
        ("gpt-6-luna", "low", 308),
        ("gpt-4.1-mini", "high", 1659),
        ("o3", "high", 675),
    ],
)
def test_bills_an_image_by_the_formula_of_its_model(
    client: OpenAI, model: str, detail: str, tokens: int
) -> None:
    image = data_url(solid_image("red", (1024, 1024)))
    usage = ask(client, "What is this?", image, model=model, detail=detail).usage

    assert usage.prompt_tokens_details.image_tokens == tokens
    assert usage.prompt_tokens > tokens


@settings(max_examples=300)
@given(st.sampled_from(IMAGE_MODELS), st.integers(1, 9000), st.integers(1, 9000), st.sampled_from(DETAILS))
def test_bills_the_tokens_that_the_app_estimates(model: str, width: int, height: int, detail: str) -> None:
    """The app and the sandbox implement the formulas independently."""
    formula = formula_for(model)
    layout = formula.layout(width, height, detail)
    try:
        billed = count_image_tokens(MessageImage("png", 1, width, height, detail), model)
    except ApiError:
        assert layout.exceeds_patch_limit or detail not in formula.details
    else:
        assert billed == layout.tokens


@pytest.mark.parametrize("image_format", ["PNG", "JPEG", "GIF", "WEBP"])
@pytest.mark.parametrize("size", [(1, 1), (33, 32), (640, 480)], ids=str)
def test_returns_the_size_of_an_image(image_format: str, size: tuple[int, int]) -> None:
    image = parse_image("messages[0].content[0]", {"url": data_url(solid_image(size=size), image_format)})

    assert (image.format, image.width, image.height) == (image_format.lower(), *size)


@given(
    signature=st.sampled_from([b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF89a", b"RIFF\0\0\0\0WEBP"]),
    data=st.binary(),
)
def test_parses_or_rejects_a_damaged_image(signature: bytes, data: bytes) -> None:
    try:
        image = parse_image("messages[0].content[0]", {"url": data_url(signature + data)})
    except ApiError:
        return
    assert image.width


@given(st.sampled_from(["L", "LA", "P", "RGB", "RGBA", "1", "I;16"]), st.integers(1, 40), st.integers(1, 40))
def test_analyses_every_mode_and_size(mode: str, width: int, height: int) -> None:
    stats = analyse_image(encode_image(Image.new(mode, (width, height))))

    assert all(
        0 <= percentage <= 100
        for percentage in (stats.brightness, stats.contrast, stats.sharpness, stats.transparency)
    )
