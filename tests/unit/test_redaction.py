"""Keys are redacted from texts and logs; ordinary text stays."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.redaction import REDACTED, RedactingFilter, install_log_redaction, redact, register_key

KEY = "sk-proj-Ab3dEf6hIj9kLm2nOp5q"
KEY_WITHOUT_PREFIX = "Zx9-harmless_looking-Qw8"

keys = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=8, max_size=60)


@given(before=st.text(), key=keys, after=st.text())
def test_redacts_a_given_key_in_any_text(before: str, key: str, after: str) -> None:
    assert key not in redact(before + key + after, [key])


@given(texts=st.lists(st.text(max_size=20), max_size=4), secrets=st.lists(keys, min_size=1, max_size=3))
def test_is_idempotent(texts: list[str], secrets: list[str]) -> None:
    redacted = redact("".join(text + key for text, key in zip(texts, secrets, strict=False)), secrets)

    assert redact(redacted, secrets) == redacted


@given(key=keys, data=st.data())
def test_redacts_a_key_escaped_for_json(key: str, data: st.DataObject) -> None:
    text = json.dumps({"echo": data.draw(st.text(max_size=9)) + key})

    assert json.dumps(key)[1:-1] not in redact(text, [key])


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f"Incorrect API key provided: {KEY}.", id="bare key"),
        pytest.param("Incorrect API key provided: sk-12********************34ab.", id="masked key"),
        pytest.param("Authorization: Bearer eyJhbGciOi.J9abcdefgh", id="bearer header"),
        pytest.param("{'api-key': 'c2f9aa11bb22cc33dd44ee55ff660077'}", id="azure header in a repr"),
        pytest.param('{"authorization": "Basic dXNlcjpwYXNz"}', id="authorization in json"),
        pytest.param("https://user:hunter2@example.org/v1", id="userinfo of a url"),
        pytest.param("GET /v1/models?api_key=hunter2&x=1", id="query parameter"),
        pytest.param("OPENAI_API_KEY=hunter2-and-more", id="shell assignment"),
        pytest.param("A1b2" * 21, id="azure key"),
    ],
)
def test_redacts_what_looks_like_a_key(text: str) -> None:
    redacted = redact(text)

    assert REDACTED in redacted
    assert not any(
        secret in redacted for secret in (KEY, "hunter2", "34ab", "eyJ", "c2f9aa11", "dXNlcj", "A1b2A1b2")
    )


@pytest.mark.parametrize(
    "text",
    [
        "You didn't provide an API key.",
        "Use Bearer authentication in the Authorization header.",
        "A risk-adjusted approach with sk-learn",
        "The model `gpt-6-luna` does not exist",
        "request id req_0123456789abcdef0123456789abcdef",
        "**bold** and ***very bold*** text",
        "http://127.0.0.1:8123/v1/models?limit=20",
        "mail me@example.org",
        '{"token": "Hello2024world", "logprob": -0.1}',
        "max_completion_tokens=4096 prompt_cache_key=abc",
    ],
)
def test_leaves_ordinary_text_unchanged(text: str) -> None:
    assert redact(text) == text


@pytest.mark.parametrize(
    "echo", ["Zx9-ha****Qw8", KEY_WITHOUT_PREFIX[:17]], ids=["around asterisks", "truncated"]
)
def test_redacts_the_parts_of_a_key_that_servers_echo(echo: str) -> None:
    assert redact(f"refused: {echo}", [KEY_WITHOUT_PREFIX]) == f"refused: {REDACTED}"


def test_ignores_short_keys() -> None:
    assert redact("ollama is running", ["ollama"]) == "ollama is running"


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Return what a handler writes that was added before the redaction."""
    stream, factory = io.StringIO(), logging.getLogRecordFactory()
    handler = logging.StreamHandler(stream)
    logger = logging.getLogger("redaction-test")
    logger.addHandler(handler)
    yield stream
    logger.removeHandler(handler)
    logging.setLogRecordFactory(factory)


def test_redacts_messages_and_tracebacks_in_the_log(log: io.StringIO) -> None:
    install_log_redaction({})
    register_key(KEY_WITHOUT_PREFIX)
    logger = logging.getLogger("redaction-test")

    try:
        raise ValueError(f"refused {KEY_WITHOUT_PREFIX}")
    except ValueError:
        logger.exception("call with %s failed", KEY_WITHOUT_PREFIX)

    assert "call with [key] failed" in log.getvalue()
    assert "ValueError: refused [key]" in log.getvalue()
    assert KEY_WITHOUT_PREFIX not in log.getvalue()


@pytest.mark.usefixtures("log")
def test_silences_the_logs_of_the_http_client() -> None:
    environ = {"OPENAI_LOG": "debug"}

    install_log_redaction(environ)

    assert environ == {}
    assert logging.getLogger("openai").getEffectiveLevel() >= logging.WARNING
    assert logging.getLogger("httpx2").getEffectiveLevel() >= logging.WARNING


def test_redacts_a_record_whose_format_string_is_wrong() -> None:
    record = logging.LogRecord("x", logging.INFO, "", 0, "%d items", (KEY,), None)

    RedactingFilter().filter(record)

    assert record.getMessage() == "%d items ('[key]',)"


@pytest.mark.parametrize(
    "repeated", ["a", "sk-", "password=", "://", "&key", "bearer ", '"authorization":"', "0123abcd"]
)
def test_redacts_a_megabyte_of_hostile_text_in_linear_time(repeated: str) -> None:
    text = repeated * (1_000_000 // len(repeated))

    assert redact(text, [KEY_WITHOUT_PREFIX]).count(KEY_WITHOUT_PREFIX) == 0
