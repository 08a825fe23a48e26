"""What an exception of the SDK tells: its classes, its attributes and its causes."""

import json
from dataclasses import dataclass
from typing import Any

from core.json_values import storable_text
from core.redaction import redact

_ATTRIBUTES = ("status_code", "code", "type", "param", "request_id", "body", "message")
_MAX_TEXT = 2_000
_MAX_CAUSES = 5


@dataclass(frozen=True, slots=True)
class SdkError:
    """An exception as it reached the caller. *classes* are its own class and those above it, up to Exception.

    *attributes* are those that errors of the SDK have, as Python source; *causes* are innermost last.
    """

    classes: tuple[str, ...]
    text: str
    attributes: tuple[tuple[str, str], ...]
    causes: tuple[str, ...]

    @property
    def name(self) -> str:
        return self.classes[0].rpartition(".")[2]


def describe_error(error: BaseException, keys: tuple[str, ...] = ()) -> SdkError:
    """Describe *error*; its texts are redacted."""

    def clean(value: object) -> str:
        return redact(storable_text(str(value)[:_MAX_TEXT]), keys)

    classes = type(error).__mro__[: type(error).__mro__.index(Exception) + 1]
    return SdkError(
        tuple(_class_name(cls) for cls in classes),
        clean(error),
        tuple((name, clean(_source(getattr(error, name)))) for name in _ATTRIBUTES if hasattr(error, name)),
        tuple(f"{_class_name(type(cause))}: {clean(cause)}" for cause in _causes(error)),
    )


def _class_name(cls: type) -> str:
    """Return the name by which a program imports *cls*."""
    package = cls.__module__.partition(".")[0]
    return cls.__qualname__ if package in ("builtins", "core") else f"{package}.{cls.__qualname__}"


def _source(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) if isinstance(value, dict) else repr(value)


def _causes(error: BaseException) -> list[BaseException]:
    causes: list[BaseException] = []
    while len(causes) < _MAX_CAUSES:
        context = None if error.__suppress_context__ else error.__context__
        cause = error.__cause__ or context
        if cause is None:
            break
        causes.append(cause)
        error = cause
    return causes
