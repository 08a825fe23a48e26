"""What images take is known before they are sent, and what is sent is what was chosen."""

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


def picture(size: tuple[int, int] = (60, 40)) -> ImageFile:
    return normalise_image(sample_images.solid_image("JPEG", size), "a.jpg")


def urls(request: VisionRequest) -> list[str]:
    return [part["image_url"]["url"] for part in request.content() if part["type"] == "image_url"]


def test_reads_every_detail_that_a_model_knows() -> None:
    found = vision_request.estimate_by_detail([PHONE], "gpt-5.6-luna", NOW)

    assert [(one.detail, one.tokens) for one in found] == [
        ("auto", 14364),
        ("low", 231),
        ("high", 2942),
        ("original", 14364),
    ]


def test_prices_images_like_other_input() -> None:
    found = vision_request.estimate([PHONE], "gpt-6-astra", "auto", NOW)

    assert found.cost == Decimal("0.14364")
    assert vision_request.estimate([PHONE], "llava", "auto", NOW).cost is None


def test_adds_up_several_images() -> None:
    assert vision_request.estimate([(512, 512)] * 3, "gpt-4o", "high", NOW).tokens == 3 * 255


def test_counts_the_images_that_would_be_refused() -> None:
    found = vision_request.estimate([(6000, 6000), (10, 10)], "gpt-6-luna", "original", NOW)

    assert found.over_patch_limit == 1


def test_lists_the_cheapest_model_first_and_unknown_prices_last() -> None:
    found = vision_request.estimate_by_model([PHONE], ["gpt-6-astra", "llava", "gpt-6-luna"], "high", NOW)

    assert [one.model for one in found] == ["gpt-6-luna", "gpt-6-astra", "llava"]


def test_says_what_a_smaller_size_would_save() -> None:
    found = vision_request.estimate_by_max_side([picture((3000, 2000))], "gpt-5.6-luna", "auto", NOW)

    assert list(found) == [None, 2048, 1536, 1024, 768, 512]
    tokens = [one.tokens for one in found.values()]
    assert tokens == sorted(tokens, reverse=True)


def test_offers_no_smaller_size_where_none_would_change_anything() -> None:
    assert list(vision_request.estimate_by_max_side([picture()], "gpt-4o", "auto", NOW)) == [None]


def test_sends_pictures_as_data_and_links_as_they_are() -> None:
    found = urls(VisionRequest("What is this?", (picture(), RemoteImage(URL))))

    assert found[0].startswith("data:image/jpeg;base64,")
    assert found[1] == URL


def test_sends_a_link_as_its_url_even_when_it_was_fetched() -> None:
    assert urls(VisionRequest("What?", (RemoteImage(URL, picture()),))) == [URL]


def test_sends_the_chosen_detail_and_size() -> None:
    request = VisionRequest("What?", (picture((600, 400)),), "low", 100)

    (part,) = request.content()[1:]
    assert part["image_url"]["detail"] == "low"
    assert vision_request.sent_size(request.images[0], 100) == (100, 67)
    assert len(part["image_url"]["url"]) < len(picture((600, 400)).data_url)


@pytest.mark.parametrize("text", ["", "  \n"])
def test_refuses_to_ask_nothing(text: str) -> None:
    with pytest.raises(PlaygroundError, match="no question"):
        VisionRequest(text, (picture(),)).content()


def test_refuses_more_than_a_request_may_carry() -> None:
    heavy = ImageFile(
        "a", bytes(vision_request.MAX_REQUEST_BYTES // 2 + 1), "image/png", 9, 9, ("PNG", 9, 9, 9)
    )

    with pytest.raises(PlaygroundError, match="at most 45 MB"):
        VisionRequest("What?", (heavy, heavy)).content()


def test_counts_the_images_of_earlier_questions() -> None:
    heavy = ImageFile(
        "a", bytes(vision_request.MAX_REQUEST_BYTES // 2 + 1), "image/png", 9, 9, ("PNG", 9, 9, 9)
    )
    history = [VisionRequest("What?", (heavy,)).message(), {"role": "assistant", "content": "A cat"}]

    with pytest.raises(PlaygroundError, match="at most 45 MB"):
        vision_request.build_messages(history, VisionRequest("And this?", (heavy,)))
    assert len(vision_request.build_messages(history, VisionRequest("Sure?", ()))) == 3


def test_writes_a_past_question_with_its_last_answer() -> None:
    request = VisionRequest("What?", (RemoteImage(URL),))
    runs = [Run("vision", "", {}, text="low"), Run("vision", "", {}, text="high"), Run("vision", "", {})]

    question, answer = vision_request.history_messages(request, runs)

    assert question == request.message()
    assert answer == {"role": "assistant", "content": "high"}
    assert vision_request.history_messages(request, runs[2:]) == []


@pytest.mark.parametrize(
    ("model", "detail", "words"),
    [
        ("gpt-4o", "low", "flat 85 tokens"),
        ("gpt-4o", "auto", "Here auto means high: fits 2,048 px"),
        ("gpt-5.6-luna", "high", "at most 2,500 patches"),
        ("gpt-5.6-luna", "auto", "Here auto means original"),
    ],
)
def test_says_what_a_detail_means(model: str, detail: str, words: str) -> None:
    assert words in vision_request.describe_detail(model, detail)


def test_names_a_link_by_its_last_part() -> None:
    assert RemoteImage(URL).name == "cat.jpg"
    assert RemoteImage("https://example.org/").name == "example.org"


@given(st.integers(1, 5000), st.integers(1, 5000), st.sampled_from([*vision_request.DOWNSCALE_SIDES, None]))
def test_foresees_the_size_that_is_sent(width: int, height: int, longest: int | None) -> None:
    source = ImageFile("a", b"", "image/png", width, height, ("PNG", width, height, 0))
    size = vision_request.sent_size(source, longest)

    assert max(size) == (min(max(width, height), longest) if longest else max(width, height))
    assert vision_request.layout_for("gpt-6-luna", source, "high", longest).width <= width
