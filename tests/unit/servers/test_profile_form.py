"""The form becomes a profile, and secrets stay with their server."""

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


def test_keeps_secrets_whose_fields_are_empty() -> None:
    changed = to_profile(PROFILE, ProfileForm(URL, organization="org-1", timeout=30))

    assert (changed.id, changed.key, changed.headers, changed.timeout) == ("x", KEY, PROFILE.headers, 30)
    assert changed.key_source == "environment"


def test_discards_the_secrets_for_another_base_url() -> None:
    changed = to_profile(PROFILE, ProfileForm("http://other:1/v1", organization="org-1"))

    assert (changed.key, changed.headers, changed.organization, changed.key_source) == ("", (), None, "none")
    assert (changed.id, changed.name) == ("custom-other:1/v1", "other:1")
    assert discards_key(PROFILE, ProfileForm("http://other:1/v1"))


def test_uses_a_key_that_is_entered_with_the_new_base_url() -> None:
    form = ProfileForm("http://other:1/v1", key=" another-key ", headers="X-Team: red", organization="org-2")

    changed = to_profile(PROFILE, form)

    assert (changed.key, changed.key_source, changed.organization) == ("another-key", "entered", "org-2")
    assert not discards_key(PROFILE, form)


@pytest.mark.parametrize(
    ("template", "url", "kind", "name"),
    [
        (NEW_OPENAI, OPENAI_URL, "openai", "OpenAI"),
        (NEW_AZURE, "contoso", "azure", "Azure contoso"),
        (NEW_SERVER, "localhost:1234/v1", "local", "localhost:1234"),
        (NEW_SERVER, "https://llm.example.org/v1", "custom", "llm.example.org"),
        (NEW_SERVER, "https://llm.example.org/other/v1", "custom", "llm.example.org/other"),
        (NEW_SERVER, OPENAI_URL, "openai", "OpenAI"),
    ],
    ids=lambda value: getattr(value, "id", value),
)
def test_names_a_new_server_by_its_base_url(template: Profile, url: str, kind: str, name: str) -> None:
    profile = to_profile(template, ProfileForm(url, key=KEY))

    assert (profile.kind, profile.name, profile.key_source) == (kind, name, "entered")
    assert profile.id != template.id


def test_rejects_an_invalid_value() -> None:
    with pytest.raises(InvalidProfile, match="Max retries"):
        to_profile(PROFILE, ProfileForm(URL, max_retries=11))


@pytest.mark.parametrize(
    ("url", "keeps_key"),
    [("http://gpu:8000/other/v1", True), ("https://gpu:8000/v1", False)],
    ids=["path", "scheme"],
)
def test_keeps_the_key_for_a_suggested_url_only_on_the_same_server(url: str, keeps_key: bool) -> None:
    changed = use_suggested_url(PROFILE, url)

    assert changed.base_url == url
    assert bool(changed.key) is keeps_key
