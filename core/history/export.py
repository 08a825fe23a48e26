"""Runs as JSON Lines, with their requests, responses, tags and notes."""

import json
from collections.abc import Iterator

from core.history.filter import HistoryFilter
from core.history.repository import HistoryRepository
from core.redaction import redact
from core.runs.run import to_json
from core.storage.run_repository import RunRepository

_RUNS_PER_CHUNK = 100


def export_chunks(history: HistoryRepository, runs: RunRepository, chosen: HistoryFilter) -> Iterator[str]:
    """Yield a line for each run that meets the conditions, newest first, without API keys, some at a time.

    The ids are read at once, so that runs which end or are deleted meanwhile do not shift the others.
    """
    run_ids = history.run_ids(chosen)
    for start in range(0, len(run_ids), _RUNS_PER_CHUNK):
        some = run_ids[start : start + _RUNS_PER_CHUNK]
        by_id, lines = runs.get_many(some), []
        for entry in history.list(HistoryFilter(run_ids=some), len(some)):
            if run := by_id.get(entry.run_id):
                line = json.loads(to_json(run))
                line |= {"tags": entry.tags, "user_note": entry.note}
                lines.append(redact(json.dumps(line, ensure_ascii=False)) + "\n")
        yield "".join(lines)
