"""Settings for every unit test, and a database of its own for each that wants one."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from core.storage.store import Store

# The first example of a property may load a vocabulary, and the machine may be busy.
settings.register_profile("playground", deadline=None)
settings.load_profile("playground")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store.open(directory=tmp_path)
    yield store
    store.close()
