"""Tell a run that goes on from one whose process died."""

import os
import platform
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from pydantic import ValidationError
from sqlalchemy import Connection, Row, func, select, update

from core.runs.run import RunState, from_json, to_json
from core.storage.schema import messages, runs

_LEASE_DURATION = timedelta(seconds=15)
_HOSTNAME = platform.node()
_PROCESS_TOKEN = uuid4().hex


def lease_holder() -> str:
    """Name this process: machine, number, and a token, as a restarted container reuses the number."""
    return f"{_HOSTNAME}/{os.getpid()}/{_PROCESS_TOKEN}"


def lease_expiry() -> datetime:
    """Return how long a run counts as alive from now without another word from its process."""
    return datetime.now(UTC) + _LEASE_DURATION


def is_orphaned(name: str, alive_until: datetime, now: datetime) -> bool:
    """Tell whether the process *name* is gone, for sure on this machine, by its lease on others.

    A lease far ahead was written before the clock was set back: it says nothing.
    """
    machine, number, token = name.rsplit("/", 2)
    if token == _PROCESS_TOKEN:
        return False
    if machine == _HOSTNAME and not _pid_exists(int(number)):
        return True
    return not now <= alive_until <= now + 4 * _LEASE_DURATION


def _pid_exists(number: int) -> bool:
    """Tell whether process *number* exists; ours does, but it is not the one that wrote this name."""
    if number == os.getpid():
        return False
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def interrupt_orphans(connection: Connection) -> None:
    """Mark the running runs of dead processes as interrupted, and give their text to their replies."""
    now = datetime.now(UTC)
    running = connection.execute(select(runs).where(runs.c.state == RunState.RUNNING.value)).all()
    for row in running:
        if is_orphaned(row.holder, row.alive_until, now):
            _interrupt(connection, row)


def _interrupt(connection: Connection, row: Row[Any]) -> None:
    values = {"state": RunState.INTERRUPTED.value}
    try:
        run = replace(from_json(row.body), state=RunState.INTERRUPTED)
    except ValidationError:  # of another version of this app: its text is in its message all the same
        connection.execute(update(runs).where(runs.c.id == row.id).values(values))
        return
    connection.execute(update(runs).where(runs.c.id == run.id).values(**values, body=to_json(run)))
    reply = messages.c.run_id == run.id, messages.c.role == "assistant"
    shorter = func.length(messages.c.text) < len(run.text)
    connection.execute(update(messages).where(*reply, shorter).values(text=run.text))
