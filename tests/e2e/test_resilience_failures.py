"""Each failure of the Errors lab, and what the page says beside what the SDK raises."""

from collections.abc import Iterator
from itertools import groupby

import pytest
from openai import OpenAI
from playwright.sync_api import Page, expect
from pydantic import SecretStr

from core.client.profile import Profile
from core.errors.explain import explain
from core.errors.groups import EXPECTED_ERRORS
from core.errors.types import NotOpenAICompatible
from core.resilience.failures.experiment import RetryExperiment
from core.resilience.failures.policies.no_retries import ask
from core.resilience.failures.scenario import Scenario
from core.resilience.failures.scenarios import SCENARIOS
from core.sandbox.server import SandboxServer
from tests.e2e.app_server import AppServer
from tests.e2e.pages import settle


@pytest.fixture
def server() -> Iterator[SandboxServer]:
    with SandboxServer() as running:
        yield running


def provoke(scenario: Scenario, server: SandboxServer) -> tuple[str, str]:
    """Return the class of what a plain client of the SDK raises, and the title of our explanation, if any."""
    profile = Profile(
        id="sandbox", name="Sandbox", kind="sandbox", base_url=server.url, api_key=SecretStr(server.key)
    )
    experiment = RetryExperiment(scenario, profile, "gpt-4o-mini")
    target = experiment.target()
    key = target.key or "none"
    with OpenAI(base_url=target.base_url, api_key=key, timeout=scenario.timeout) as client:
        try:
            ask(client, experiment.request())
        except AttributeError as error:  # of code that reads a web page as a completion
            return type(error).__name__, explain(NotOpenAICompatible(""), base_url=target.base_url).title
        except EXPECTED_ERRORS as error:
            return type(error).__name__, explain(error, base_url=target.base_url).title
    return "", ""


def test_shows_of_each_failure_what_the_sdk_raises(
    page: Page, keyless_app: AppServer, server: SandboxServer
) -> None:
    page.goto(f"{keyless_app.url}/resilience")
    expect(page.get_by_role("button", name="Run experiment")).to_be_enabled()
    settle(page)
    lab = page.get_by_test_id("stTabs").first

    for group, scenarios in groupby(SCENARIOS, lambda scenario: scenario.group):
        page.get_by_role("radio", name=group, exact=True).click()
        for scenario in scenarios:
            name, title = provoke(scenario, server)
            # A click ends the experiment before, whose policies may still be waiting.
            lab.get_by_role("button", name=scenario.label, exact=True).click()
            result = f"without a retry, the call raised {name}." if name else "the SDK raised nothing"
            expect(lab.get_by_text(f"{scenario.label}: {result}")).to_be_visible()
            if title:
                expect(lab.get_by_text(title).first).to_be_visible()
