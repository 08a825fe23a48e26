"""What every test gets: an environment without keys or proxies, and a data directory of its own."""

import os
from pathlib import Path

import pytest

# Whatever the machine's owner has set must not reach a test, nor a test the owner's account.
_SETTING_PREFIXES = ("OPENAI_", "AZURE_", "PLAYGROUND_", "STREAMLIT_", "XDG_")
_SETTING_NAMES = {"DATABASE_URL", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"}


def affects_app(name: str) -> bool:
    """Whether the environment variable *name* could change what the app does."""
    return name.upper().startswith(_SETTING_PREFIXES) or name.upper() in _SETTING_NAMES


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in os.environ if affects_app(name)]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PLAYGROUND_DATA_DIR", str(tmp_path / "data"))


def pytest_configure(config: pytest.Config) -> None:
    # pytest-base-url, which pytest-playwright brings along, still marks its fixtures the old way.
    config.addinivalue_line("filterwarnings", "ignore::pytest.PytestRemovedIn10Warning")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run browser tests last: Playwright keeps a loop in the main thread, where async tests need theirs."""
    items.sort(key=lambda item: "e2e" in item.path.parts)
