"""What the tests of loops share."""

import pytest

from core.calls import CallService
from tests.unit.tools.loop_runner import LoopRunner


@pytest.fixture
def run(calls: CallService) -> LoopRunner:
    """Starts loops with the call service of the test."""
    return LoopRunner(calls)
