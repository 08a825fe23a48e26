"""JSON as it is shown: without keys, and shortened where a value would hide everything else."""

import json
from typing import Any

from core.redaction import redact

MAX_ITEMS = 50
_MAX_DATA_URL = 200


def shown_json(value: Any) -> str:
    """Return *value* over several lines, with data URLs and long lists truncated."""
    return redact(json.dumps(_shorten(value), indent=2, ensure_ascii=False))


def _shorten(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _shorten(item) for key, item in value.items()}
    if isinstance(value, list):
        more = [f"… and {len(value) - MAX_ITEMS:,} more"] if len(value) > MAX_ITEMS else []
        return [*(_shorten(item) for item in value[:MAX_ITEMS]), *more]
    if isinstance(value, str) and value.startswith("data:") and len(value) > _MAX_DATA_URL:
        return f"{value[:60]}… ({len(value):,} characters)"
    return value
