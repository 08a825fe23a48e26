"""Access to parsed JSON of unknown structure: from a server, an import or a text field."""

from collections.abc import Mapping
from typing import Any

JsonObject = Mapping[str, Any]


def json_object(value: object) -> JsonObject:
    """Return *value* if it is an object, else an empty one."""
    return value if isinstance(value, Mapping) else {}


def json_objects(value: object) -> list[JsonObject]:
    """Return the objects in *value* if it is a list, else none."""
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list | tuple) else []
