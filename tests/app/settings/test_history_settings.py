"""What the history records, and the size of the database."""

from datetime import timedelta

from components.runtime import resources
from core.history.settings import HistorySettings
from core.runs.run import Run, RunState
from core.storage.run_repository import RunRepository
from tests.app.conftest import OpenPage


def test_sets_what_is_recorded_and_for_how_long_and_frees_space(open_page: OpenPage) -> None:
    settings = open_page("settings")
    settings.toggle(key="settings.history.record").set_value(False).run()
    settings.selectbox(key="settings.history.retention").set_value("30 days").run()
    saved = HistorySettings(resources.store())
    assert (saved.is_recording, saved.retention) == (False, timedelta(days=30))
    params = {"model": "m", "messages": [{"role": "user", "content": "confidential"}]}
    run = Run("chat", "chat.completions.create", params, state=RunState.DONE)
    RunRepository(resources.store()).save(run)

    history = open_page("history", run=run.id)

    assert not history.exception
    assert "stay in memory until the app exits" in history.main.info[0].value
    settings = open_page("settings")
    settings.button(key="settings.history.compact").click().run()
    assert not settings.exception
    assert "freed" in settings.toast[0].value
    assert resources.store().problem is None
