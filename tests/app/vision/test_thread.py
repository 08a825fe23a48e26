"""Questions about the images: what is sent, comparisons, and follow-ups."""

from streamlit.testing.v1 import AppTest

from tests.app.vision.vision_page import (
    ask,
    find,
    page_text,
    select_model,
    sent_images,
    upload,
    visible_run_ids,
)
from tests.unit.images import sample_images


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


def test_compares_outside_the_thread(page: AppTest) -> None:
    ask(page, "What is this?")

    _first, low, high = ask(page, "Which colours?", "Compare low and high")

    for run, estimate in ((low, 212), (high, 1_140)):
        assert len(run.params["messages"]) == 1
        assert run.usage
        assert run.usage.image_tokens == estimate
    assert "estimated 212, billed 212 tokens, as estimated" in page_text(page)
    assert "not part of the thread" in page_text(page)

    *_, follow_up = ask(page, "How large is the image?")

    texts = [message["content"] for message in follow_up.params["messages"] if message["role"] == "user"]
    assert [text[0]["text"] for text in texts] == ["What is this?", "How large is the image?"]


def test_says_what_a_follow_up_sends_again_and_estimates_it(page: AppTest) -> None:
    ask(page, "What is this?")
    assert "The next question also sends the earlier question, its answer and 1 image again." in page_text(
        page
    )

    *_, follow_up = ask(page, "And how large is the image?")

    assert "sent with the earlier question, its answer and 1 image again" in page_text(page)
    assert follow_up.usage
    assert follow_up.usage.image_tokens == 1_140
    assert page_text(page).count("estimated 1,140, billed 1,140 tokens, as estimated") == 2
    assert "also sends 2 earlier questions, their answers and 1 image again" in page_text(page)


def test_draws_the_newest_answer_first(page: AppTest) -> None:
    first, second = ask(page, "What is this?") and ask(page, "And how large is the image?")

    assert visible_run_ids(page) == [second.id, first.id]


def test_asks_a_follow_up_without_sending_the_images_again(page: AppTest) -> None:
    ask(page, "What is this?")
    *_, last = ask(page, "And how large is the image?")

    assert sent_images(last) == []
    assert [message["role"] for message in last.params["messages"]] == ["user", "assistant", "user"]
    assert "1,200×800 px" in last.text

    find(page.segmented_control, "API").set_value("responses").run()
    *_, by_responses = ask(page, "Which colours are in it?")

    assert by_responses.endpoint == "responses.create"
    assert [item["role"] for item in by_responses.params["input"]] == ["user", "assistant"] * 2 + ["user"]
    assert "Images and text, which the usage does not list separately: estimated" in page_text(page)
    assert page_text(page).count("as estimated") == 3


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


def test_continues_the_stored_response_without_sending_the_images_again(page: AppTest) -> None:
    find(page.segmented_control, "API").set_value("responses").run()
    find(page.segmented_control, "Conversation state").set_value("previous_response_id").run()
    (first,) = ask(page, "What is this?")
    earlier = "the earlier question, its answer and 1 image"
    assert f"continues the stored response: {earlier} are billed, but not sent" in page_text(page)

    *_, follow_up = ask(page, "And how large is the image?")

    assert first.response
    assert follow_up.params["previous_response_id"] == first.response["id"]
    assert sent_images(follow_up) == []
    assert "1,200×800 px" in follow_up.text
    assert f"continues the stored response, without sending {earlier} again" in page_text(page)
    assert page_text(page).count("as estimated") == 2


def test_sends_the_images_again_after_an_answer_that_was_not_stored(page: AppTest) -> None:
    find(page.segmented_control, "API").set_value("responses").run()
    find(page.segmented_control, "Conversation state").set_value("previous_response_id").run()
    find(page.selectbox, "Store on the server").set_value("false").run()
    (first,) = ask(page, "What is this?")

    *_, follow_up = ask(page, "And how large is the image?")

    assert first.params["store"] is False
    assert "previous_response_id" not in follow_up.params
    assert "has not stored the previous reply, so the whole conversation was sent" in follow_up.note
    assert "sent with the earlier question, its answer and 1 image again" in page_text(page)
