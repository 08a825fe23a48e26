"""What the SDK raises for each failure of the Errors lab."""

import re

import pytest

from core.resilience.failures.scenarios import SCENARIOS, find_scenario
from tests.unit.resilience.conftest import RunPolicy

# The exception without retries (none: a reply is returned) and the title of our explanation, by scenario.
EXPECTED: dict[str, tuple[str | None, str]] = {
    "rate-limit": ("RateLimitError", "Too many requests"),
    "rate-limit-always": ("RateLimitError", "Too many requests"),
    "quota": ("RateLimitError", "Quota exceeded"),
    "wrong-key": ("AuthenticationError", "The API key was rejected"),
    "unknown-model": ("NotFoundError", "Model not found on this server"),
    "context": ("BadRequestError", "The request is too long for this model"),
    "403": ("PermissionDeniedError", "The API is not available in this region"),
    "408": ("APIStatusError", "The server reported a timeout"),
    "409": ("ConflictError", "Conflict with another request"),
    "413": ("APIStatusError", "The request is too large"),
    "415": ("APIStatusError", "Unsupported content type"),
    "422": ("UnprocessableEntityError", "The server could not process the request"),
    "500": ("InternalServerError", "Internal server error"),
    "502": ("InternalServerError", "Bad gateway"),
    "503": ("InternalServerError", "The server is overloaded or still loading"),
    "504": ("InternalServerError", "Gateway timeout"),
    "unknown-parameter": ("BadRequestError", "The server does not know temprature"),
    "unsupported-parameter": ("BadRequestError", "This model does not support max_tokens"),
    "unsupported-value": ("BadRequestError", "This model does not support that value of temperature"),
    "invalid-type": ("BadRequestError", "temperature has the wrong type"),
    "empty-array": ("BadRequestError", "messages is empty"),
    "json-word": ("BadRequestError", 'JSON mode requires the word "JSON" in the request'),
    "tools-with-effort": (
        "BadRequestError",
        "With reasoning, this model supports tools only in the Responses API",
    ),
    "image-format": ("BadRequestError", "Unsupported image format"),
    "timeout": ("APITimeoutError", "The request timed out"),
    "slow": (None, ""),
    "stall": ("APITimeoutError", "The request timed out"),
    "truncate": (None, ""),
    "half-event": (None, ""),
    "disconnect": ("APIConnectionError", "The connection was lost"),
    "malformed": ("JSONDecodeError", "The server sent invalid JSON"),
    "empty-event": ("JSONDecodeError", "The server sent invalid JSON"),
    "null-choices": (None, ""),
    "error-event": ("APIError", "The server reported an error"),
    "flat-error": (None, ""),
    "html": ("AttributeError", "This address is not an OpenAI-compatible API"),
    "html-stream": (None, ""),
    "content-type": (None, ""),
    "wrong-path": ("NotFoundError", "Not found: /v1 is probably missing"),
    "refused": ("APIConnectionError", "Connection refused: no server at this address"),
    "dns": ("APIConnectionError", "Host not found"),
    "tls": ("APIConnectionError", "This port does not use HTTPS"),
}


@pytest.mark.parametrize("scenario_id", [scenario.id for scenario in SCENARIOS])
def test_raises_what_the_sdk_raises(run_policy: RunPolicy, scenario_id: str) -> None:
    name, title = EXPECTED[scenario_id]

    run = run_policy("no_retries", scenario_id)

    assert (run.error.name if run.error else None) == name
    assert (run.explanation.title if run.explanation else "") == title
    assert (run.reply is None) == (name is not None)
    assert len(run.attempts) == 1


@pytest.mark.parametrize("scenario_id", ["timeout", "stall", "truncate", "malformed", "disconnect", "html"])
def test_raises_the_same_from_the_async_client(run_policy: RunPolicy, scenario_id: str) -> None:
    name, title = EXPECTED[scenario_id]

    run = run_policy("no_retries", scenario_id, is_async=True)

    assert (run.error.name if run.error else None) == name
    assert (run.explanation.title if run.explanation else "") == title


def test_names_no_other_exception_in_a_preview() -> None:
    for scenario in SCENARIOS:
        name, _ = EXPECTED[scenario.id]
        named = re.findall(r"\b[A-Z]\w+Error\b", scenario.preview)
        assert not named or name in named


def test_describes_an_exception_by_its_classes_and_attributes(run_policy: RunPolicy) -> None:
    error = run_policy("no_retries", "quota").error

    assert error
    assert error.classes == (
        "openai.RateLimitError",
        "openai.APIStatusError",
        "openai.APIError",
        "openai.OpenAIError",
        "Exception",
    )
    attributes = dict(error.attributes)
    assert (attributes["status_code"], attributes["code"]) == ("429", "'insufficient_quota'")
    assert attributes["request_id"].startswith("'req_")
    assert '"type": "insufficient_quota"' in attributes["body"]


def test_describes_the_causes_of_a_failed_connection(run_policy: RunPolicy) -> None:
    error = run_policy("no_retries", "refused").error

    assert error
    assert error.causes[0].startswith("httpx2.ConnectError")
    assert "refused" in error.causes[-1].lower()


def test_exceeds_the_context_of_the_model_itself(run_policy: RunPolicy) -> None:
    run = run_policy("no_retries", "context")

    assert run.error
    assert "maximum context length is 128000 tokens" in run.error.text
    assert "x-sandbox-fault" not in run.attempts[0].headers


def test_sends_a_context_that_is_too_long_to_openai_only() -> None:
    scenario = find_scenario("context")

    assert scenario.unavailable_reason("openai", "https://api.openai.com/v1") == ""
    assert scenario.unavailable_reason("custom", "https://example.com/v1")


@pytest.mark.parametrize(
    ("scenario_id", "base_url", "is_available"),
    [
        ("rate-limit", "https://api.openai.com/v1", False),
        ("wrong-key", "https://api.openai.com/v1", True),
        ("dns", "https://api.openai.com/v1", True),
        ("tls", "https://api.openai.com/v1", False),
        ("tls", "http://localhost:11434/v1", True),
    ],
)
def test_says_why_a_real_server_cannot_show_a_failure(
    scenario_id: str, base_url: str, is_available: bool
) -> None:
    reason = find_scenario(scenario_id).unavailable_reason("custom", base_url)

    assert bool(reason) != is_available
