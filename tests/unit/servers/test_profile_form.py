"""What a person enters becomes a profile, and a secret stays with its server."""

import pytest

from core.client.profile import OPENAI_URL, InvalidProfile, Profile, parse_headers
from core.servers.profile_form import (
    NEW_AZURE,
    NEW_OPENAI,
    NEW_SERVER,
    ProfileForm,
    discards_key,
    to_profile,
    use_suggested_url,
)

KEY = "sk-proj-Ab3dEf6hIj9kLm2nOp5q"
URL = "http://gpu:8000/v1"
PROFILE = Profile(
    id="x",
    name="x",
    kind="custom",
    base_url=URL,
    api_key=KEY,  # type: ignore[arg-type]
    key_source="environment",
    organization="org-1",
    headers=parse_headers("X-Team: blue"),
)


def test_keeps_the_secrets_that_were_not_entered_again() -> None:
    changed = to_profile(PROFILE, ProfileForm(URL, organization="org-1", timeout=30))

    assert (changed.id, changed.key, changed.headers, changed.timeout) == ("x", KEY, PROFILE.headers, 30)
    assert changed.key_source == "environment"


def test_brings_no_secret_to_another_address() -> None:
    moved = to_profile(PROFILE, ProfileForm("http://other:1/v1", organization="org-1"))

    assert (moved.key, moved.headers, moved.organization, moved.key_source) == ("", (), None, "none")
    assert (moved.id, moved.name) == ("custom-other:1/v1", "other:1")
    assert discards_key(PROFILE, ProfileForm("http://other:1/v1"))


def test_takes_a_key_entered_with_the_new_address() -> None:
    entered = ProfileForm(
        "http://other:1/v1", key=" another-key ", headers="X-Team: red", organization="org-2"
    )

    moved = to_profile(PROFILE, entered)

    assert (moved.key, moved.key_source, moved.organization) == ("another-key", "entered", "org-2")
    assert not discards_key(PROFILE, entered)


@pytest.mark.parametrize(
    ("template", "url", "kind", "name"),
    [
        (NEW_OPENAI, OPENAI_URL, "openai", "OpenAI"),
        (NEW_AZURE, "contoso", "azure", "Azure contoso"),
        (NEW_SERVER, "localhost:1234/v1", "local", "localhost:1234"),
        (NEW_SERVER, "https://llm.example.org/v1", "custom", "llm.example.org"),
        (NEW_SERVER, OPENAI_URL, "openai", "OpenAI"),
    ],
    ids=lambda value: getattr(value, "id", value),
)
def test_names_a_new_server_by_its_address(template: Profile, url: str, kind: str, name: str) -> None:
    made = to_profile(template, ProfileForm(url, key=KEY))

    assert (made.kind, made.name, made.key_source) == (kind, name, "entered")
    assert made.id != template.id


def test_refuses_what_cannot_be_sent() -> None:
    with pytest.raises(InvalidProfile, match="Max retries"):
        to_profile(PROFILE, ProfileForm(URL, max_retries=11))


@pytest.mark.parametrize(
    ("url", "kept"),
    [("http://gpu:8000/other/v1", True), ("https://gpu:8000/v1", False)],
    ids=["path", "scheme"],
)
def test_takes_the_key_to_a_suggestion_only_on_the_same_server(url: str, kept: bool) -> None:
    moved = use_suggested_url(PROFILE, url)

    assert moved.base_url == url
    assert bool(moved.key) is kept
