"""The Vision page: how images are prepared and sent, and what it shows about the replies."""

import json
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from components.runtime import resources
from core.runs import event_loop
from core.runs.run import Run
from core.storage.run_repository import RunRepository
from tests.app.conftest import OpenPage
from tests.unit.images import sample_images

URL = "https://example.org/pictures/cat.jpg"


@pytest.fixture
def page(open_page: OpenPage) -> AppTest:
    return open_page("vision")


def find(widgets: Any, label: str) -> Any:
    return next(widget for widget in widgets if widget.label == label)


def upload(page: AppTest, *files: tuple[str, bytes]) -> AppTest:
    for name, raw in files:
        page.file_uploader[0].upload(name, raw, "application/octet-stream")
    page.run()
    assert not page.exception
    return page


def page_text(page: AppTest) -> str:
    elements = (page.markdown, page.caption, page.info, page.warning, page.error)
    return " ".join(element.value for kind in elements for element in kind).replace("\\", "")


def visible_run_ids(page: AppTest) -> list[str]:
    data = [json.loads(element.proto.bytes) for element in page.get("bidi_component") if element.proto.bytes]
    return [view["run"] for view in data if view.get("mode") == "run"]


def visible_runs(page: AppTest) -> list[Run]:
    """Wait until the visible runs have ended and return them in full."""
    for run_id in visible_run_ids(page):
        if job := resources.jobs.get(run_id):
            event_loop.run_until_complete(job.saved.wait(), 20)
    page.run()
    repository = RunRepository(resources.store())
    return [repository.get(run_id) for run_id in visible_run_ids(page)]


def ask(page: AppTest, text: str, button: str = "Ask") -> list[Run]:
    find(page.text_area, "Question").set_value(text)
    find(page.button, button).click().run()
    assert not page.exception
    return visible_runs(page)


def sent_images(run: Run) -> list[dict[str, Any]]:
    """Return the images in the last message of *run*."""
    content = run.params["messages"][-1]["content"]
    return [part["image_url"] for part in content if part["type"] == "image_url"]


def select_model(page: AppTest, model: str) -> AppTest:
    page.sidebar.selectbox(key="model").set_value(model).run()
    return page


def test_starts_with_an_example_and_how_the_model_sees_it(page: AppTest) -> None:
    text = page_text(page).replace("**", "")

    assert "chart.png: 1,200 × 800 px, 38 × 25 = 950 patches of 32 px, 1,140 tokens" in text


def test_replies_to_the_first_click(page: AppTest) -> None:
    (run,) = ask(page, "What colours are in it?")

    assert "colours: white" in run.text
    assert sent_images(run)[0]["url"].startswith("data:image/png;base64,")
    assert "estimated 1,140, billed 1,140 tokens, as estimated" in page_text(page)


def test_compares_low_and_high_side_by_side(page: AppTest) -> None:
    low, high = ask(page, "What is this?", "Compare low and high")

    assert [sent_images(low)[0]["detail"], sent_images(high)[0]["detail"]] == ["low", "high"]
    assert low.usage
    assert high.usage
    assert low.usage.image_tokens < high.usage.image_tokens
    assert "estimated 212, billed 212" in page_text(page)


def test_asks_a_follow_up_without_sending_the_images_again(page: AppTest) -> None:
    ask(page, "What is this?")
    *_, last = ask(page, "And how large is the image?")

    assert sent_images(last) == []
    assert [message["role"] for message in last.params["messages"]] == ["user", "assistant", "user"]
    assert "1,200×800 px" in last.text


def test_sends_the_images_again_after_a_question_that_failed(page: AppTest) -> None:
    ask(select_model(page, "gpt-3.5-turbo"), "What is this?")

    *_, retried = ask(select_model(page, "gpt-6-luna"), "What is this?")
    *_, follow_up = ask(page, "And how large is it?")

    assert (len(sent_images(retried)), len(retried.params["messages"])) == (1, 1)
    assert sent_images(follow_up) == []


def test_sends_the_images_again_when_their_metadata_is_kept(page: AppTest) -> None:
    upload(page, ("home.jpg", sample_images.photo_with_location()))
    ask(page, "What is this?")
    find(page.toggle, "Keep metadata").set_value(True).run()

    *_, last = ask(page, "And now?")

    assert len(sent_images(last)) == 2


def test_sends_only_the_selected_images(page: AppTest) -> None:
    upload(page, ("b.png", sample_images.solid_image()))
    find(page.checkbox, r"chart\.png").uncheck().run()

    (run,) = ask(page, "What is this?")

    assert len(sent_images(run)) == 1
    assert "40×30 px" in run.text


def test_starts_a_new_thread(page: AppTest) -> None:
    ask(page, "What is this?")

    find(page.button, "New thread").click().run()

    assert visible_run_ids(page) == []
    (run,) = ask(page, "What is this?")
    assert len(sent_images(run)) == 1


def test_warns_about_a_location_and_removes_it(page: AppTest) -> None:
    upload(page, ("home.jpg", sample_images.photo_with_location()))

    assert "Location found in home.jpg" in page.warning[0].value.replace("\\", "")
    assert "is removed before anything is sent" in page.warning[0].value
    find(page.toggle, "Keep metadata").set_value(True).run()
    assert "is sent with the image" in page.warning[0].value


def test_shows_a_notice_when_metadata_cannot_be_kept(page: AppTest) -> None:
    upload(page, ("much.webp", sample_images.webp_with_large_exif()))

    find(page.toggle, "Keep metadata").set_value(True).run()

    assert not page.exception
    assert "Metadata could not be preserved and was removed" in page_text(page)


@pytest.mark.parametrize(
    ("name", "raw", "reason"),
    [
        pytest.param(
            "a.heic", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "HEIC photos are not supported", id="heic"
        ),
        pytest.param("a.svg", b"<svg onload='x()'/>", "SVG is not supported", id="svg"),
        pytest.param("a.png", b"", "The file is empty", id="empty"),
        pytest.param("a.png", sample_images.png_bomb(8_000), "8,000 x 8,000 pixels", id="bomb"),
        pytest.param(
            "a.jpg", sample_images.solid_image("JPEG", (400, 300))[:900], "truncated", id="truncated"
        ),
    ],
)
def test_shows_why_a_file_is_rejected(page: AppTest, name: str, raw: bytes, reason: str) -> None:
    upload(page, (name, raw), ("good.png", sample_images.solid_image()))

    assert reason in page_text(page)
    assert any("good" in box.label for box in page.checkbox)


def test_shows_a_notice_that_only_the_first_frame_is_sent(page: AppTest) -> None:
    upload(page, ("dance.gif", sample_images.animated_gif()))

    assert "only the first frame is sent" in page_text(page)


def test_accepts_fifty_images_and_no_more(page: AppTest) -> None:
    upload(page, *((f"{number}.png", sample_images.solid_image()) for number in range(50)))

    assert "There are 50 images already" in page_text(page)
    assert len([box for box in page.checkbox if "png" in box.label]) == 50
    find(page.segmented_control, "Add images").set_value("URL").run()
    find(page.text_input, "URL of an image").set_value(URL)
    find(page.button, "Send the URL").click().run()
    assert "There are 50 images already" in page.error[-1].value
    assert not any("cat" in box.label for box in page.checkbox)


def test_escapes_the_name_of_a_file(page: AppTest) -> None:
    upload(page, ("![x](https://evil.test/a).svg", b"<svg/>"))

    assert r"\!\[x\]" in page.error[0].value


def test_fetches_a_preview_only_on_request_and_never_from_a_private_network(page: AppTest) -> None:
    find(page.segmented_control, "Add images").set_value("URL").run()
    find(page.text_input, "URL of an image").set_value("http://169.254.169.254/latest/a.png")
    find(page.button, "Send the URL").click().run()
    assert not page.error

    find(page.button, "Preview").click().run()

    assert "not on the public internet" in page_text(page)


def test_sends_a_url_without_fetching_it(page: AppTest) -> None:
    find(page.segmented_control, "Add images").set_value("URL").run()
    find(page.text_input, "URL of an image").set_value(URL)
    find(page.button, "Send the URL").click().run()
    find(page.checkbox, r"chart\.png").uncheck().run()

    (run,) = ask(page, "What is this?")

    assert sent_images(run) == [{"url": URL, "detail": "auto"}]
    assert "1024 × 1024 px is assumed" in page_text(page)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1/a.png", "http://[::ffff:a9fe:a9fe]/latest", "file:///etc/passwd"]
)
def test_fetches_nothing_from_a_private_network(page: AppTest, url: str) -> None:
    find(page.segmented_control, "Add images").set_value("URL").run()
    find(page.text_input, "URL of an image").set_value(url)
    find(page.button, "Fetch a copy").click().run()

    assert "not on the public internet" in page_text(page) or "not a web address" in page_text(page)


def test_offers_only_the_details_that_the_model_supports(page: AppTest) -> None:
    assert "original" in find(page.segmented_control, "Detail").options

    select_model(page, "gpt-4o")

    assert find(page.segmented_control, "Detail").options == ["auto", "low", "high"]
    assert "tiles of 512 px" in page_text(page)


def test_downscales_before_sending(page: AppTest) -> None:
    upload(page, ("big.jpg", sample_images.solid_image("JPEG", (3000, 2000))))
    find(page.selectbox, "Downscale").set_value(512).run()

    (run,) = ask(page, "How large are the images?")

    assert "512×341 px" in run.text


def test_warns_when_the_model_does_not_support_images(page: AppTest) -> None:
    select_model(page, "gpt-3.5-turbo")

    assert "does not support images" in page.warning[0].value
    (run,) = ask(page, "What is this?")
    assert run.error
    assert run.error.status == 400


def test_rejects_an_empty_question(page: AppTest) -> None:
    find(page.text_area, "Question").set_value("  ")
    find(page.button, "Ask").click().run()

    assert "question is empty" in page.error[0].value


def test_shows_what_to_do_without_images(page: AppTest) -> None:
    find(page.button, "Remove").click().run()

    assert "No images yet" in page.info[0].value
    assert find(page.button, "Ask").disabled


def test_shows_the_request_as_code(page: AppTest) -> None:
    find(page.button, "Code").click().run()

    sources = [block.value for block in page.code]
    assert any("base64.b64encode" in source for source in sources)
    assert any('purpose="vision"' in source for source in sources)


def test_keeps_the_images_when_another_page_is_opened(page: AppTest) -> None:
    upload(page, ("b.png", sample_images.solid_image()))

    page.switch_page("../pages/settings.py").run()
    page.switch_page("../pages/vision.py").run()

    assert len([box for box in page.checkbox if "png" in box.label]) == 2
