"""The panel of the sandbox on the Settings page, whose settings apply to this session."""

from streamlit.testing.v1 import AppTest

from components.runtime import resources
from core.sandbox.simulation.rate_limits import RateLimits
from tests.app.conftest import wait_for_connection
from tests.app.settings.conftest import badges, find


def test_injects_faults_into_the_sandbox(settings: AppTest) -> None:
    find(settings.number_input, "Fail the next").set_value(2)
    find(settings.selectbox, "requests with").set_value("429")
    find(settings.button, "Apply").click().run()

    assert any("429" in caption.value and "Pending" in caption.value for caption in settings.caption)
    find(settings.button, "Clear").click().run()
    assert not any("Pending" in caption.value for caption in settings.caption)


def test_shows_the_queued_faults_of_this_session_only_in_the_sidebar(settings: AppTest) -> None:
    find(settings.number_input, "Fail the next").set_value(2)
    find(settings.button, "Apply").click().run()
    other = AppTest.from_file("../../../components/frame.py", default_timeout=30).run()
    assert "2 faults queued" in badges(settings)
    assert "queued" not in badges(other)

    settings.button(key="sidebar.clear_faults").click().run()

    assert "queued" not in badges(settings)
    assert not any("Pending" in caption.value for caption in settings.caption)


def test_changes_latency_and_seed_of_the_sandbox_for_this_session_only(settings: AppTest) -> None:
    settings.segmented_control(key="settings.sandbox.latency").set_value("standard").run()
    settings.number_input(key="settings.sandbox.seed").set_value(7).run()
    other = AppTest.from_file("../../../components/frame.py", default_timeout=30).run()
    other = wait_for_connection(other.switch_page("../pages/settings.py").run())

    again = settings.run()
    assert again.segmented_control(key="settings.sandbox.latency").value == "standard"
    assert resources.sandbox().settings.seed(settings.session_state["sandbox_key"]) == 7
    assert other.segmented_control(key="settings.sandbox.latency").value == "fast"
    assert other.number_input(key="settings.sandbox.seed").value == 0


def test_sets_the_outcome_and_the_speed_of_batches(settings: AppTest) -> None:
    find(settings.selectbox, "New batches end with").set_value("lines-fail").run()
    settings.segmented_control(key="settings.sandbox.batch_speed").set_value("10").run()

    key = settings.session_state["sandbox_key"]
    assert resources.sandbox().settings.batch_headers(key) == {
        "x-sandbox-batch-outcome": "lines-fail",
        "x-sandbox-batch-speed": "10",
    }
    assert not settings.exception


def test_sets_rate_limits_and_removes_them(settings: AppTest) -> None:
    key = settings.session_state["sandbox_key"]
    settings.number_input(key="settings.sandbox.requests_per_minute").set_value(3).run()
    assert resources.sandbox().settings.rate_limits(key) == RateLimits(requests=3)

    settings.number_input(key="settings.sandbox.requests_per_minute").set_value(None).run()
    assert resources.sandbox().settings.rate_limits(key) == RateLimits()
    assert not settings.exception
