"""Runs as JSON Lines, with their requests, responses, tags and notes."""

import json
from collections.abc import Iterator

from core.history.filter import HistoryFilter
from core.history.repository import HistoryRepository
from core.redaction import redact
from core.runs.run import to_json
from core.storage.run_repository import RunRepository

_PAGE = 200


def export_lines(history: HistoryRepository, runs: RunRepository, chosen: HistoryFilter) -> Iterator[str]:
    """Return a line for each run that meets the conditions, newest first, without API keys."""
    offset = 0
    while entries := history.list(chosen, _PAGE, offset):
        offset += len(entries)
        by_id = runs.get_many([entry.run_id for entry in entries])
        for entry in entries:
            if run := by_id.get(entry.run_id):
                line = json.loads(to_json(run))
                line |= {"tags": entry.tags, "user_note": entry.note}
                yield redact(json.dumps(line, ensure_ascii=False)) + "\n"
