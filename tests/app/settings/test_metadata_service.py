"""Connecting to the metadata service of a cloud needs a confirmation."""

import pytest

from components.session import session
from tests.app.conftest import OpenPage
from tests.app.settings.conftest import connect, find

URL = "http://0xa9fea9fe:8000/v1"


def test_connects_to_a_metadata_service_only_when_that_is_confirmed(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    urls: list[str] = []
    # Not really, because a test must not send anything to such an address.
    monkeypatch.setattr(session, "connect", lambda profile: urls.append(profile.base_url))
    settings = open_page("settings")

    connect(settings, URL)
    assert "cloud metadata service" in settings.warning[0].value
    find(settings.button, "Cancel").click().run()
    assert not settings.warning
    assert urls == []

    connect(settings, URL)
    assert urls == []
    find(settings.button, "Connect anyway").click().run()
    assert not settings.warning
    assert urls == [URL]
