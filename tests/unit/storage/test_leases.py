"""Runs of processes that died."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.conversations.repository import ConversationRepository
from core.runs.run import RunState
from core.storage.leases import is_orphaned, lease_holder
from core.storage.run_repository import RunRepository
from core.storage.store import Store

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)

PARTIAL_REPLY = """
import os, sys
from dataclasses import replace
from pathlib import Path
from core.conversations.repository import ConversationRepository
from core.storage.run_repository import RunRepository
from core.runs.run import Run
from core.storage.store import Store

store = Store.open(directory=Path(sys.argv[1]))
conversations, runs = ConversationRepository(store), RunRepository(store)
run = Run("chat", "/chat/completions", {"model": "m"})
conversations.append(conversations.create().id, None, "assistant", "", run.id)
runs.save(run)
runs.save(replace(run, text="Partial reply"))
print(run.id, flush=True)
sys.stdin.read()
"""


def start_partial_reply(directory: Path) -> tuple[subprocess.Popen[str], str]:
    """Start a process that saves part of a reply and stays alive; return it with the run's id."""
    process = subprocess.Popen(
        [sys.executable, "-c", PARTIAL_REPLY, str(directory)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path.cwd(),
    )
    assert process.stdout
    return process, process.stdout.readline().strip()


def test_interrupts_the_run_of_a_killed_process_and_restores_its_reply(tmp_path: Path) -> None:
    process, run_id = start_partial_reply(tmp_path)
    process.kill()
    process.communicate()

    store = Store.open(directory=tmp_path)

    run = RunRepository(store).get(run_id)
    assert run.state is RunState.INTERRUPTED
    assert "the end of this reply may be missing" in run.note
    assert RunRepository(store).list(state=RunState.INTERRUPTED)
    conversations = ConversationRepository(store)
    assert conversations.branch(conversations.list()[0].id)[0].text == "Partial reply"


def test_does_not_interrupt_the_run_of_another_live_process(tmp_path: Path) -> None:
    process, run_id = start_partial_reply(tmp_path)

    store = Store.open(directory=tmp_path)

    assert RunRepository(store).get(run_id).state is RunState.RUNNING
    process.kill()
    process.communicate()


@pytest.mark.parametrize(
    ("holder", "seconds", "orphaned"),
    [
        pytest.param(lease_holder(), -60, False, id="this process, suspended"),
        pytest.param("other-host/1/token", 10, False, id="another host, alive"),
        pytest.param("other-host/1/token", -1, True, id="another host, expired"),
        pytest.param("other-host/1/token", 3_600, True, id="clock set back"),
        pytest.param(lease_holder()[:-1] + "-", 10, True, id="our process id before a container restart"),
    ],
)
def test_detects_the_runs_of_dead_processes(holder: str, seconds: int, orphaned: bool) -> None:
    assert is_orphaned(holder, NOW + timedelta(seconds=seconds), NOW) is orphaned
