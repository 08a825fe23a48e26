"""Profiles keep a key with its server, and parse base URLs, keys and headers as users paste them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.client.profile import (
    OPENAI_URL,
    InvalidProfile,
    Profile,
    azure_url,
    is_loopback,
    parse_api_key,
    parse_base_url,
    parse_headers,
    profile_from_environment,
)
from core.redaction import redact

KEY = "sk-proj-Ab3dEf6hIj9kLm2nOp5q"


def profile(**more: object) -> Profile:
    values = {"id": "t", "name": "t", "kind": "custom", "base_url": "http://localhost:1/v1", "api_key": KEY}
    return Profile.model_validate({**values, "key_source": "entered", **more})


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("https://api.openai.com/v1", "https://api.openai.com/v1"),
        (" https://api.openai.com/v1/ \n", "https://api.openai.com/v1"),
        ("localhost:11434", "http://localhost:11434"),
        ("127.0.0.1:8000/v1", "http://127.0.0.1:8000/v1"),
        ("gpu-box:8000/v1", "http://gpu-box:8000/v1"),
        ("api.example.org/v1", "https://api.example.org/v1"),
        ("[::1]:8080/v1", "http://[::1]:8080/v1"),
        ("HTTP://LocalHost:1/V1", "http://localhost:1/V1"),
        ('"http://h:1/v1"', "http://h:1/v1"),
    ],
)
def test_parses_a_base_url_as_users_write_it(text: str, url: str) -> None:
    assert parse_base_url(text) == url


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"),
        ("ftp://h/v1", "must begin with http"),
        ("file:///etc/passwd", "must begin with http"),
        ("javascript:alert(1)", "no valid host"),
        ("https://me:hunter2@h/v1", "user name"),
        ("https://h/v1?key=hunter2", "must not contain"),
        ("https://h/v1#hunter2", "must not contain"),
        ("https://h:99999/v1", "no valid host"),
        ("https://exämple.org/v1", "characters"),
        ("https://h/v1 hunter2", "spaces"),
        ("https://", "no valid host"),
    ],
)
def test_rejects_a_base_url_that_is_invalid_or_contains_a_key(text: str, reason: str) -> None:
    with pytest.raises(InvalidProfile, match=reason) as caught:
        parse_base_url(text)

    assert "hunter2" not in f"{caught.value}{caught.value.hint}"


@given(st.text(max_size=40))
def test_parses_a_parsed_base_url_to_itself(text: str) -> None:
    try:
        url = parse_base_url(text)
    except InvalidProfile:
        return
    assert parse_base_url(url) == url


@pytest.mark.parametrize(
    ("resource", "url"),
    [
        ("contoso", "https://contoso.openai.azure.com/openai/v1"),
        ("https://contoso.openai.azure.com/", "https://contoso.openai.azure.com/openai/v1"),
        ("https://c.services.ai.azure.com/openai/v1/", "https://c.services.ai.azure.com/openai/v1"),
    ],
)
def test_builds_the_v1_url_of_an_azure_resource(resource: str, url: str) -> None:
    assert azure_url(resource) == url


@pytest.mark.parametrize(
    ("url", "loopback"),
    [
        ("http://localhost:1/v1", True),
        ("http://127.9.9.9/v1", True),
        ("http://[::1]:1/v1", True),
        ("http://sandbox.localhost/v1", True),
        ("http://localhost.example.org/v1", False),
        ("http://host.docker.internal/v1", False),
        ("http://10.0.0.1/v1", False),
    ],
)
def test_recognises_this_machine(url: str, loopback: bool) -> None:
    assert is_loopback(url) is loopback


@pytest.mark.parametrize("text", [f"  {KEY}\n", f'"{KEY}"', f"Bearer {KEY}", f"{KEY[:9]}\n{KEY[9:]}"])
def test_strips_what_pasting_adds_to_a_key(text: str) -> None:
    key = parse_api_key(text)

    assert key
    assert key.get_secret_value() == KEY


@pytest.mark.parametrize("key", ["sk-“quoted”-hunter2", "ключ-hunter2", "키-hunter2", "sk-\x07hunter2"])
def test_rejects_an_invalid_key_without_quoting_it(key: str) -> None:
    with pytest.raises(InvalidProfile) as caught:
        parse_api_key(key)

    assert "character" in str(caught.value)
    assert "hunter2" not in f"{caught.value!r}{caught.value.hint}"


def test_registers_every_key_for_redaction() -> None:
    parse_api_key("odd+looking+secret")

    assert redact("got odd+looking+secret") == "got [key]"


def test_hides_key_and_header_values_when_printed() -> None:
    printed = repr(profile(headers=parse_headers("X-Secret: hunter2hunter2"))) + profile().model_dump_json()

    assert KEY not in printed
    assert "hunter2" not in printed


def test_drops_the_key_and_the_headers_when_the_base_url_changes() -> None:
    original = profile(headers=parse_headers("X-Secret: s"), organization="o")

    changed = original.with_base_url("http://other:1/v1")

    assert changed.base_url == "http://other:1/v1"
    assert (changed.key, changed.key_source, changed.headers, changed.organization) == ("", "none", (), None)


def test_keeps_the_key_when_the_base_url_is_the_same() -> None:
    assert profile().with_base_url("http://LOCALHOST:1/v1/").key == KEY


def test_records_that_the_key_was_entered() -> None:
    changed = profile(key_source="environment").with_key(" other-key-1 ")

    assert (changed.key, changed.key_source) == ("other-key-1", "entered")
    assert changed.with_key("  ").key_source == "none"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"timeout": 61}, "Timeout: "),
        ({"max_retries": 11}, "Max retries: "),
        ({"name": ""}, "Name: "),
        ({"project": "prój"}, "Project: only plain letters"),
        ({"headers": (("Host", "h"),)}, "Headers: the header Host cannot"),
        ({"headers": (("X\r\nY", "h"),)}, "Headers: a header's name"),
        ({"headers": (("X", "a\r\nY: hunter2"),)}, "Headers: the value of X"),
    ],
)
def test_names_the_invalid_field_without_quoting_it(changes: dict[str, object], message: str) -> None:
    with pytest.raises(InvalidProfile) as caught:
        profile().with_changes(**changes)

    assert str(caught.value).startswith(message)
    assert "hunter2" not in str(caught.value)


def test_names_the_invalid_line_of_headers() -> None:
    with pytest.raises(InvalidProfile, match="Line 3 of the headers has no colon"):
        parse_headers("A: 1\n\nhunter2")


def test_parses_one_header_per_line() -> None:
    headers = parse_headers("X-A: 1\n\n X-B : a:b ")

    assert [(name, value.get_secret_value()) for name, value in headers] == [("X-A", "1"), ("X-B", "a:b")]


def test_reads_openais_variables_from_the_environment() -> None:
    environ = {"OPENAI_API_KEY": f" {KEY}\n", "OPENAI_ORG_ID": "org-1", "OPENAI_CUSTOM_HEADERS": "X-A: 1"}

    profile = profile_from_environment(environ)

    assert profile
    assert (profile.kind, profile.base_url) == ("openai", OPENAI_URL)
    assert (profile.key, profile.key_source) == (KEY, "environment")
    assert (profile.organization, profile.project, profile.headers[0][0]) == ("org-1", None, "X-A")


@pytest.mark.parametrize(
    ("environ", "kind", "url"),
    [
        ({"OPENAI_BASE_URL": "localhost:11434/v1"}, "local", "http://localhost:11434/v1"),
        ({"OPENAI_BASE_URL": "https://h.org/v1", "OPENAI_API_KEY": KEY}, "custom", "https://h.org/v1"),
        ({"OPENAI_BASE_URL": "", "OPENAI_API_KEY": KEY}, "openai", OPENAI_URL),
        (
            {"AZURE_OPENAI_ENDPOINT": "https://c.openai.azure.com/", "AZURE_OPENAI_API_KEY": KEY},
            "azure",
            "https://c.openai.azure.com/openai/v1",
        ),
    ],
    ids=["local", "custom", "blank url", "azure"],
)
def test_reads_other_servers_from_the_environment(environ: dict[str, str], kind: str, url: str) -> None:
    profile = profile_from_environment(environ)

    assert profile
    assert (profile.kind, profile.base_url) == (kind, url)


@pytest.mark.parametrize("environ", [{}, {"OPENAI_API_KEY": " "}, {"AZURE_OPENAI_API_KEY": KEY}], ids=str)
def test_ignores_incomplete_variables_in_the_environment(environ: dict[str, str]) -> None:
    assert profile_from_environment(environ) is None
