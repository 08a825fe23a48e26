"""The Vision page: how images are prepared, and what it shows about them."""

import pytest
from streamlit.testing.v1 import AppTest

from tests.app.vision.vision_page import ask, find, page_text, select_model, sent_images, upload
from tests.unit.images import sample_images

URL = "https://example.org/pictures/cat.jpg"


def test_starts_with_an_example_and_how_the_model_sees_it(page: AppTest) -> None:
    text = page_text(page).replace("**", "")

    assert "chart.png: 1,200 × 800 px, 38 × 25 = 950 patches of 32 px, 1,140 tokens" in text


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
