"""Every test runs in an environment without keys and proxies, and with a data directory of its own."""

import os
from pathlib import Path

import anyio
import pytest

# The developer's own settings must not affect a test, and a test must not use the developer's account.
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
    # pytest parses the modules of anyio, which are imported when they are first used. In a thread, while
    # Streamlit parses a script in another one, Python 3.11 raises a SystemError.
    for name in dir(anyio):
        getattr(anyio, name)
    # pytest-base-url, a dependency of pytest-playwright, still applies marks to fixtures.
    config.addinivalue_line("filterwarnings", "ignore::pytest.PytestRemovedIn10Warning")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Return the workers of `-n auto`: two more than processors, because a third of the time tests wait."""
    return (os.cpu_count() or 1) + 2


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run browser tests last: Playwright leaves an event loop running in the main thread."""
    items.sort(key=lambda item: "e2e" in item.path.parts)
