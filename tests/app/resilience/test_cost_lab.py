"""The Cost tab: nothing to say at first, and tips once there are runs."""

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from components.runtime import resources
from components.session import session
from core.calls import new_run
from core.pricing.usage import Usage
from core.runs.run import RunState
from core.storage.run_repository import RunRepository, insert_runs
from tests.app.conftest import OpenPage


def open_cost_tab(open_page: OpenPage) -> AppTest:
    app = open_page("resilience")
    app.session_state["resilience.lab"] = "Cost"
    return app.run()


def test_says_what_to_do_without_any_run(open_page: OpenPage) -> None:
    app = open_cost_tab(open_page)

    assert app.info[0].value.startswith("No run with a known price yet.")


def test_computes_tips_from_the_saved_runs(open_page: OpenPage) -> None:
    profile = resources.sandbox_profile("key")
    run = new_run("chat", "chat.completions.create", {"model": "gpt-4o"}, profile)
    saved = RunRepository(resources.store(), session.OWNER)
    saved.save(replace(run, state=RunState.DONE, usage=Usage(4_000, 800)))

    app = open_cost_tab(open_page)

    texts = " ".join(element.value for element in app.markdown)
    assert "Your last 1 run" in texts
    assert "Use the Batch API" in texts
    assert not app.exception


@pytest.mark.parametrize(("others", "shown"), [(0, "100 runs"), (3, "3 runs"), (150, "100 runs")])
def test_counts_experiments_only_without_other_runs(open_page: OpenPage, others: int, shown: str) -> None:
    profile = resources.sandbox_profile("key")
    capabilities = ["chat"] * others + ["resilience"] * 150  # the latest are last
    runs = [
        replace(
            new_run(capability, "chat.completions.create", {"model": "gpt-4o"}, profile),
            state=RunState.DONE,
            usage=Usage(4_000, 800),
        )
        for capability in capabilities
    ]
    resources.store().write(lambda connection: insert_runs(connection, session.OWNER, runs))

    app = open_cost_tab(open_page)

    assert any(f"Your last {shown}" in element.value for element in app.markdown)
