"""The garbage collection at the end of each script run visits no module."""

import gc
import sys
from types import ModuleType

import pytest

from components.runtime import startup


def is_visited(module: ModuleType) -> bool:
    """Whether collections visit *module*: frozen objects are not listed."""
    return any(item is module for item in gc.get_objects())


def import_modules(monkeypatch: pytest.MonkeyPatch, count: int) -> ModuleType:
    modules = [ModuleType(f"imported_{number}") for number in range(count)]
    for module in modules:
        monkeypatch.setitem(sys.modules, module.__name__, module)
    return modules[0]


def test_freezes_what_a_page_has_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    startup.import_without_gc(lambda: None)
    module = import_modules(monkeypatch, 100)
    assert is_visited(module)

    startup.mark_page_rendered()

    assert not is_visited(module)


def test_does_not_freeze_after_a_run_that_imported_little(monkeypatch: pytest.MonkeyPatch) -> None:
    startup.import_without_gc(lambda: None)
    module = import_modules(monkeypatch, 1)

    startup.mark_page_rendered()

    assert is_visited(module)
