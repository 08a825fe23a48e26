"""Every failure that a user can choose is one of the sandbox."""

import pytest

from core.chat.faults import SIMULATED_FAULTS
from core.sandbox.simulation.faults import parse_fault


@pytest.mark.parametrize("fault", SIMULATED_FAULTS)
def test_is_a_fault_of_the_sandbox(fault: str) -> None:
    assert parse_fault(fault).fault_type.name == fault.partition("=")[0].partition("*")[0]
