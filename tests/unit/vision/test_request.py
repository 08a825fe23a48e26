"""The tokens of images are estimated before they are sent, and they are sent with the chosen options."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors.types import PlaygroundError
from core.images.image import ImageFile, normalise_image
from core.runs.run import Run
from core.vision import request as vision_request
from core.vision.request import RemoteImage, VisionRequest
from tests.unit.images import sample_images

NOW = datetime(2026, 11, 22, tzinfo=UTC)
PHONE = (4032, 3024)
URL = "https://example.org/pictures/cat.jpg?size=l"


def image_file(size: tuple[int, int] = (60, 40)) -> ImageFile:
    return normalise_image(sample_images.solid_image("JPEG", size), "a.jpg")


def urls(request: VisionRequest) -> list[str]:
    return [part["image_url"]["url"] for part in request.content() if part["type"] == "image_url"]


def test_estimates_every_detail_that_a_model_supports() -> None:
    costs = vision_request.estimate_by_detail([PHONE], "gpt-5.6-luna", NOW)

    assert [(cost.detail, cost.tokens) for cost in costs] == [
        ("auto", 14364),
        ("low", 231),
        ("high", 2942),
        ("original", 14364),
    ]


def test_prices_images_like_other_input() -> None:
    cost = vision_request.estimate([PHONE], "gpt-6-astra", "auto", NOW)

    assert cost.cost == Decimal("0.14364")
    assert vision_request.estimate([PHONE], "llava", "auto", NOW).cost is None


def test_adds_up_several_images() -> None:
    assert vision_request.estimate([(512, 512)] * 3, "gpt-4o", "high", NOW).tokens == 3 * 255


def test_counts_the_images_that_the_api_would_reject() -> None:
    cost = vision_request.estimate([(6000, 6000), (10, 10)], "gpt-6-luna", "original", NOW)

    assert cost.over_patch_limit == 1


def test_lists_the_cheapest_model_first_and_unknown_prices_last() -> None:
    costs = vision_request.estimate_by_model([PHONE], ["gpt-6-astra", "llava", "gpt-6-luna"], "high", NOW)

    assert [cost.model for cost in costs] == ["gpt-6-luna", "gpt-6-astra", "llava"]


def test_estimates_each_smaller_size() -> None:
    costs = vision_request.estimate_by_max_side([image_file((3000, 2000))], "gpt-5.6-luna", "auto", NOW)

    assert list(costs) == [None, 2048, 1536, 1024, 768, 512]
    tokens = [cost.tokens for cost in costs.values()]
    assert tokens == sorted(tokens, reverse=True)


def test_estimates_no_smaller_size_that_would_change_nothing() -> None:
    assert list(vision_request.estimate_by_max_side([image_file()], "gpt-4o", "auto", NOW)) == [None]


def test_sends_files_as_data_urls_and_remote_images_as_their_urls() -> None:
    sent = urls(VisionRequest("What is this?", (image_file(), RemoteImage(URL))))

    assert sent[0].startswith("data:image/jpeg;base64,")
    assert sent[1] == URL


def test_sends_a_remote_image_as_its_url_even_if_it_was_fetched() -> None:
    assert urls(VisionRequest("What?", (RemoteImage(URL, image_file()),))) == [URL]


def test_sends_the_chosen_detail_and_size() -> None:
    request = VisionRequest("What?", (image_file((600, 400)),), "low", 100)

    (part,) = request.content()[1:]
    assert part["image_url"]["detail"] == "low"
    assert vision_request.sent_size(request.images[0], 100) == (100, 67)
    assert len(part["image_url"]["url"]) < len(image_file((600, 400)).data_url)


@pytest.mark.parametrize("text", ["", "  \n"])
def test_rejects_an_empty_question(text: str) -> None:
    with pytest.raises(PlaygroundError, match="question is empty"):
        VisionRequest(text, (image_file(),)).content()


def test_rejects_images_that_are_too_large_for_a_request() -> None:
    large = ImageFile("a", bytes(vision_request.MAX_REQUEST_BYTES // 2 + 1), "image/png", 9, 9)

    with pytest.raises(PlaygroundError, match="at most 45 MB"):
        VisionRequest("What?", (large, large)).content()


def test_counts_the_images_of_earlier_questions() -> None:
    large = ImageFile("a", bytes(vision_request.MAX_REQUEST_BYTES // 2 + 1), "image/png", 9, 9)
    history = [VisionRequest("What?", (large,)).message(), {"role": "assistant", "content": "A cat"}]

    with pytest.raises(PlaygroundError, match="at most 45 MB"):
        vision_request.build_messages(history, VisionRequest("And this?", (large,)))
    assert len(vision_request.build_messages(history, VisionRequest("Sure?", ()))) == 3


def test_returns_an_earlier_question_with_its_answer() -> None:
    request = VisionRequest("What?", (RemoteImage(URL),))

    question, answer = vision_request.history_messages(request, Run("vision", "", {}, text="A cat"))

    assert question == request.message()
    assert answer == {"role": "assistant", "content": "A cat"}
    assert vision_request.history_messages(request, Run("vision", "", {})) == []
    assert vision_request.history_messages(request, None) == []


def test_estimates_the_images_of_a_whole_conversation() -> None:
    low, high = (VisionRequest("What?", (image_file(),), detail) for detail in ("low", "high"))
    each = [vision_request.estimate_requests([request], "gpt-4o", NOW) for request in (low, high)]

    assert vision_request.estimate_requests([low, high], "gpt-4o", NOW) == sum(each)


@pytest.mark.parametrize(
    ("model", "detail", "text"),
    [
        ("gpt-4o", "low", "flat 85 tokens"),
        ("gpt-4o", "auto", "For this model, auto = high: resized to fit 2,048 px"),
        ("gpt-5.6-luna", "high", "at most 2,500 patches"),
        ("gpt-5.6-luna", "auto", "For this model, auto = original: no resize, 1.2 tokens per"),
    ],
)
def test_describes_a_detail(model: str, detail: str, text: str) -> None:
    assert text in vision_request.describe_detail(model, detail)


def test_names_a_remote_image_by_the_last_part_of_its_url() -> None:
    assert RemoteImage(URL).name == "cat.jpg"
    assert RemoteImage("https://example.org/").name == "example.org"


@given(st.integers(1, 5000), st.integers(1, 5000), st.sampled_from([*vision_request.DOWNSCALE_SIDES, None]))
def test_estimates_the_size_that_is_sent(width: int, height: int, max_side: int | None) -> None:
    image = ImageFile("a", b"", "image/png", width, height)
    size = vision_request.sent_size(image, max_side)

    assert max(size) == (min(max(width, height), max_side) if max_side else max(width, height))
    assert vision_request.layout_for("gpt-6-luna", image, "high", max_side).width <= width
