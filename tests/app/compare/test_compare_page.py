"""The Compare page: what its component gets, the settings of a variant, and how a comparison is opened."""

import json
from dataclasses import replace
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from components.compare import comparisons
from components.compare.comparisons import find_comparison, get_comparison
from components.runtime import resources
from components.session.compare_handover import _CompareHandover
from components.session.drafts import Drafts
from core.runs.run import Run, RunState
from core.storage.run_repository import RunRepository
from tests.app.conftest import OpenPage, live_session_of


def data_of(app: AppTest) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(app.get("bidi_component")[0].proto.bytes)
    return data


@pytest.fixture
def page(open_page: OpenPage) -> AppTest:
    return open_page("compare")


def test_starts_with_an_example(page: AppTest) -> None:
    data = data_of(page)

    comparison = get_comparison(data["comparison"])
    assert len(comparison.variants) == 3
    live = live_session_of(page)
    assert all(
        variant.model in live.server_models[live.profiles[variant.profile_id].base_url]
        for variant in comparison.variants
    )
    assert comparison.prompt == data["examples"][0]["prompt"]
    assert page.query_params["comparison"] == data["comparison"]
    assert live_session_of(page).profiles


def test_shows_the_comparison_in_the_url_again(page: AppTest, open_page: OpenPage) -> None:
    opened = data_of(page)["comparison"]

    assert data_of(open_page("compare", comparison=opened))["comparison"] == opened


def test_shows_the_comparison_again_after_a_visit_to_another_page(page: AppTest) -> None:
    opened = data_of(page)["comparison"]
    page.switch_page("../pages/settings.py").run()

    page.switch_page("../pages/compare.py").run()

    assert data_of(page)["comparison"] == opened


def test_ignores_an_id_that_it_does_not_know(open_page: OpenPage) -> None:
    page = open_page("compare", comparison="unknown")

    assert data_of(page)["comparison"] != "unknown"


def test_starts_over(page: AppTest) -> None:
    opened = data_of(page)["comparison"]

    page.button(key="compare.new").click().run()

    assert data_of(page)["comparison"] != opened


def test_compares_a_run_of_another_page_also_after_a_restart(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    messages = [{"role": "user", "content": "What is 6 times 7?"}]
    run = Run("chat", "chat.completions.create", {"model": "gpt-4o", "messages": messages})
    page = open_page("history")
    RunRepository(resources.store(), resources.OWNER).save(replace(run, state=RunState.DONE))

    page.session_state["object.components.session.compare_handover._CompareHandover"] = _CompareHandover(
        run.id
    )
    page.switch_page("../pages/compare.py").run()

    comparison = get_comparison(data_of(page)["comparison"])
    assert comparison.prompt == "What is 6 times 7?"
    assert [variant.model == "gpt-4o" for variant in comparison.variants] == [True, False]
    # What another process has: the database only.
    monkeypatch.setattr(comparisons, "_comparisons", Drafts())
    assert find_comparison(data_of(page)["comparison"]) == comparison


def test_explains_why_a_run_cannot_be_compared(open_page: OpenPage) -> None:
    page = open_page("history")

    page.session_state["object.components.session.compare_handover._CompareHandover"] = _CompareHandover(
        "unknown"
    )
    page.switch_page("../pages/compare.py").run()

    assert page.error
    assert len(get_comparison(data_of(page)["comparison"]).variants) == 3


def test_edits_the_settings_of_a_variant(page: AppTest) -> None:
    data = data_of(page)
    short = get_comparison(data["comparison"]).variants[2]

    page.session_state["object.components.compare.session.CompareSession"].edit(short.id)
    page.run()
    assert page.text_area(key="compare.settings.1.instructions").value == short.settings.instructions
    page.text_area(key="compare.settings.1.instructions").set_value("Be brief.")
    page.text_area(key="compare.settings.1.json.tools").set_value('{"name": "f"}')
    page.text_area(key="compare.settings.1.json.response_format").set_value('{"type": ')
    page.number_input(key="compare.settings.1.max_completion_tokens").set_value(50)
    page.session_state["model.compare.settings.1"] = "my-model"  # as the list of models does
    page.run()
    assert "Not applied" in page.error[0].value
    page.button(key="compare.settings.1.done").click().run()

    changed = get_comparison(data["comparison"]).variants[2]
    assert (changed.name, changed.model) == (short.name, "my-model")
    assert changed.settings.instructions == "Be brief."
    assert changed.settings.max_completion_tokens == 50
    assert [tool["function"]["name"] for tool in changed.tools] == ["f"]
    assert changed.response_format is None
    assert data_of(page)["version"] != data["version"]
    assert not page.text_area
