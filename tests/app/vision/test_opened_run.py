"""A run that History opens on the Vision page."""

from components.runtime import resources
from components.vision.images import EXAMPLES_DIR
from core.images.image import normalise_image
from core.runs.run import Run, RunState
from core.storage.run_repository import RunRepository
from core.vision.request import VisionRequest
from tests.app.conftest import OpenPage


def test_shows_a_question_about_an_image_with_its_answer(open_page: OpenPage) -> None:
    image = next(EXAMPLES_DIR.glob("*.png")).read_bytes()
    sent = normalise_image(image, "a.png")
    request = VisionRequest("What is it?", (sent,), "low")
    params = {"model": "gpt-5.4", "messages": [request.message()]}
    run = Run("vision", "chat.completions.create", params, state=RunState.DONE, text="A chart.")
    RunRepository(resources.store()).save(run)

    app = open_page("vision", run=run.id)

    assert not app.exception
    assert not app.error
    assert app.text_area(key="vision.thread.text").value == "What is it?"
    (turn,) = app.session_state["object.components.vision.thread._SessionThread"].thread.turns
    assert (turn.run_ids, turn.details) == ((run.id,), ("low",))
    assert [image.data for image in turn.request.images] == [sent.data]
