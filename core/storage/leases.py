"""Leases by which a process marks its runs as alive, and the recovery of runs whose process died."""

import os
import platform
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

from pydantic import ValidationError
from sqlalchemy import Connection, func, select, update

from core.runs.run import RunState, from_json, to_json
from core.storage.schema import messages, runs

_LEASE_DURATION = timedelta(seconds=15)
_LOST_TEXT_NOTE = (
    "The app stopped unexpectedly, so the end of this reply may be missing: "
    "usually less than 0.3 seconds of it."
)
_PROCESS_TOKEN = uuid4().hex


def _host() -> str:
    """Identify the system in which process ids are unique: machines and containers may share a name."""
    parts = [platform.node()]
    with suppress(OSError):
        parts += [
            Path("/proc/sys/kernel/random/boot_id").read_text().strip(),
            str(Path("/proc/self/ns/pid").readlink()),
        ]
    return "/".join(parts)


_HOST = _host()


def lease_holder() -> str:
    """Identify this process by its host, its id and a token, as a restarted container reuses ids."""
    return f"{_HOST}/{os.getpid()}/{_PROCESS_TOKEN}"


def lease_expiry() -> datetime:
    """Return until when a run that is saved now counts as alive without being saved again."""
    return datetime.now(UTC) + _LEASE_DURATION


def is_orphaned(holder: str, alive_until: datetime, now: datetime) -> bool:
    """Return True if the process *holder* no longer runs: known on this host, by its lease on others."""
    host, pid, token = holder.rsplit("/", 2)
    if token == _PROCESS_TOKEN:
        return False
    if host == _HOST and not _pid_exists(int(pid)):
        return True
    # A lease far in the future was written before the clock was set back, so it has expired.
    return not now <= alive_until <= now + 4 * _LEASE_DURATION


def _pid_exists(pid: int) -> bool:
    """Return True if another process with this id exists."""
    if pid == os.getpid():
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:  # it exists, but belongs to another user
        return True
    return True


def interrupt_orphans(connection: Connection) -> None:
    """Mark the running runs of dead processes as interrupted, and copy their text to their replies."""
    now = datetime.now(UTC)
    # Without the requests: thousands of calls may be running.
    columns = runs.c.id, runs.c.holder, runs.c.alive_until
    running = connection.execute(select(*columns).where(runs.c.state == RunState.RUNNING.value)).all()
    for row in running:
        if not is_orphaned(row.holder, row.alive_until, now):
            continue
        mark_interrupted = update(runs).where(runs.c.id == row.id).values(state=RunState.INTERRUPTED.value)
        body = connection.execute(select(runs.c.body).where(runs.c.id == row.id)).scalar_one()
        try:
            run = replace(from_json(body), state=RunState.INTERRUPTED)
            run = replace(run, note=" ".join(filter(None, (run.note, _LOST_TEXT_NOTE))))
        except ValidationError:  # saved by another version of this app; the reply has its text already
            connection.execute(mark_interrupted)
            continue
        connection.execute(mark_interrupted.values(body=to_json(run)))
        # A reply with more text is newer than the run, or contains the text that the run continues.
        is_reply = messages.c.run_id == run.id, messages.c.role == "assistant"
        is_shorter = func.length(messages.c.text) < len(run.text)
        connection.execute(update(messages).where(*is_reply, is_shorter).values(text=run.text))
