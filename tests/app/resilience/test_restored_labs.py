"""The labs after a reload: the lab, its settings and its results, which the id in the URL refers to."""

import time
from threading import Event

from streamlit.testing.v1 import AppTest

from components.resilience import draft
from tests.app.conftest import OpenPage


def reload(app: AppTest, open_page: OpenPage) -> AppTest:
    return open_page("resilience", draft=str(app.query_params["draft"]))


def result_of(app: AppTest) -> str:
    """Rerun the page until its experiment has ended, and return the sentence of the result."""
    deadline = time.monotonic() + 40
    while time.monotonic() < deadline:
        results = [element.value for element in app.markdown if element.value.startswith("**Result.**")]
        if results:
            assert not app.exception
            return results[0]
        Event().wait(0.1)
        app.run()
    raise AssertionError("no result")


def test_shows_the_experiments_of_each_lab_after_a_reload(open_page: OpenPage) -> None:
    app = open_page("resilience")
    app.segmented_control(key="resilience.errors.client").set_value("Async").run()
    app.segmented_control(key="resilience.errors.group").set_value("Not the API").run()
    app.button(key="resilience.errors.run.content-type").click().run()
    error_result = result_of(app)
    app.session_state["resilience.lab"] = "Async"
    app.run()
    app.slider(key="resilience.async.prompts").set_value(3)
    app.number_input(key="resilience.async.limit").set_value(50)
    app.pills(key="resilience.async.ways").set_value(["asyncio.gather"]).run()
    app.button(key="resilience.async.start").click().run()

    restored = reload(app, open_page)

    # It was reloaded while the experiment may have been running.
    assert "asyncio\\.gather was the fastest to get all 3 replies" in result_of(restored)
    assert restored.slider(key="resilience.async.prompts").value == 3
    assert restored.number_input(key="resilience.async.limit").value == 50
    assert restored.pills(key="resilience.async.ways").value == ["asyncio.gather"]
    restored.session_state["resilience.lab"] = "Errors"
    restored.run()
    assert result_of(restored) == error_result
    assert restored.segmented_control(key="resilience.errors.client").value == "Async"


def test_keeps_the_settings_of_a_lab_while_another_is_open(open_page: OpenPage) -> None:
    app = open_page("resilience")
    app.session_state["resilience.lab"] = "Async"
    app.run()
    app.number_input(key="resilience.async.limit").set_value(50).run()
    app.number_input(key="resilience.async.limit").set_value(None).run()
    app.slider(key="resilience.async.prompts").set_value(7).run()
    for lab in ("Cost", "Async"):
        app.session_state["resilience.lab"] = lab
        app.run()

    assert app.slider(key="resilience.async.prompts").value == 7
    assert app.number_input(key="resilience.async.limit").value is None
    assert not app.exception


def test_shows_the_last_experiment_of_each_lab_after_a_restart(open_page: OpenPage) -> None:
    app = open_page("resilience")
    app.segmented_control(key="resilience.errors.group").set_value("Not the API").run()
    app.button(key="resilience.errors.run.content-type").click().run()
    error_result = result_of(app)
    app.session_state["resilience.lab"] = "Caching"
    app.run()
    app.button(key="resilience.caching.start").click().run()
    cache_result = result_of(app)
    app.session_state["resilience.lab"] = "Async"
    app.run()
    app.slider(key="resilience.async.prompts").set_value(3)
    app.pills(key="resilience.async.ways").set_value(["asyncio.gather"]).run()
    app.button(key="resilience.async.start").click().run()
    result = result_of(app)
    draft._drafts.by_id.clear()  # as in a new process

    restored = reload(app, open_page)

    assert result_of(restored) == result
    assert any(caption.value.startswith("From before the app was restarted") for caption in restored.caption)
    assert restored.slider(key="resilience.async.prompts").value == 3
    for lab, expected in (("Errors", error_result), ("Caching", cache_result)):
        restored.session_state["resilience.lab"] = lab
        restored.run()
        assert result_of(restored) == expected
