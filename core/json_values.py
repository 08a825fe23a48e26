"""Parse JSON of unknown structure, from a server, an import or a text field, and read its values."""

import json
from collections.abc import Mapping
from typing import Any

import orjson

JsonObject = Mapping[str, Any]

_MAX_DEPTH = 100


def parse_json(text: str | bytes) -> Any:
    """Parse *text*, also if it has half a surrogate pair, NaN or Infinity. Raises ValueError.

    Half a pair is kept, because a server can send the other half later; see `storable_text`. NaN and Infinity
    become None, as JavaScript writes them, and integers of more than 64 bits become floats.
    """
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return parse_exact_json(text)


def parse_exact_json(text: str | bytes) -> Any:
    """Parse *text* as `parse_json` does, more slowly, with integers of any size. Raises ValueError."""
    try:
        return json.loads(text, parse_constant=lambda _: None)
    except RecursionError:
        raise ValueError("The JSON is nested too deeply") from None


def storable_text(text: str) -> str:
    """Join the surrogate pairs in *text* and replace what is left of others: UTF-8 cannot encode it."""
    if text.isascii():
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def storable_json(value: Any) -> Any:
    """Return the JSON *value* as it can be serialised: by `storable_text`, without very deep nesting."""
    try:
        orjson.dumps(value)  # takes a hundredth of the time of the copy
    except TypeError:
        return _storable_copy(value, _MAX_DEPTH)
    return value


def _storable_copy(value: Any, depth: int) -> Any:
    if isinstance(value, str):
        return storable_text(value)
    if isinstance(value, list):
        return [_storable_copy(item, depth - 1) for item in value] if depth else None
    if isinstance(value, dict):
        items = value.items() if depth else ()
        return {storable_text(key): _storable_copy(item, depth - 1) for key, item in items}
    return value


def indented_json(text: str) -> str | None:
    """Return the JSON object or array in *text* over several lines; None if it is anything else."""
    try:
        value = json.loads(text)
        indented = json.dumps(value, ensure_ascii=False, indent=2)
    except (ValueError, RecursionError):
        # No JSON, or nested too deeply to be indented.
        return None
    return storable_text(indented) if isinstance(value, dict | list) else None


def json_object(value: object) -> JsonObject:
    """Return *value* if it is an object, else an empty one."""
    return value if isinstance(value, Mapping) else {}


def json_objects(value: object) -> list[JsonObject]:
    """Return the objects in *value* if it is a list, else none."""
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list | tuple) else []
