"""Where the values of a schema come from: the protocol, and sources without a document."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol

from core.sandbox.json_schema.strict import Schema


@dataclass(frozen=True, slots=True)
class SchemaField:
    """A part of a schema to fill: its name and those of the objects around it, and its schema."""

    path: tuple[str, ...]
    schema: Schema

    @property
    def name(self) -> str:
        return self.path[-1] if self.path else ""

    @property
    def description(self) -> str:
        return " ".join(str(self.schema.get(key, "")) for key in ("title", "description")).strip()


class ValueProvider(Protocol):
    """Where the values come from."""

    def find_strings(self, field: SchemaField) -> Sequence[str]:
        """Return the candidates for a string, the best first."""

    def find_number(self, field: SchemaField) -> Fraction | None: ...

    def find_boolean(self, field: SchemaField) -> bool | None: ...

    def choose(self, field: SchemaField, options: Sequence[object]) -> tuple[int, bool]:
        """Return the index of the option that fits best, and whether the text names it."""

    def find_items(self, field: SchemaField, items: Schema) -> "Sequence[ValueProvider | str]":
        """Return the items of a list: texts, or a source for each object in it."""

    def narrow(self, field: SchemaField) -> "ValueProvider":
        """Return the source for the properties of an object."""


class EmptySource:
    """A source without values: what is required gets a value that says nothing."""

    def find_strings(self, _field: SchemaField) -> Sequence[str]:
        return ()

    def find_number(self, _field: SchemaField) -> Fraction | None:
        return None

    def find_boolean(self, _field: SchemaField) -> bool | None:
        return None

    def choose(self, _field: SchemaField, _options: Sequence[object]) -> tuple[int, bool]:
        return 0, False

    def find_items(self, _field: SchemaField, _items: Schema) -> "Sequence[ValueProvider | str]":
        return ()

    def narrow(self, _field: SchemaField) -> ValueProvider:
        return self


class TextItem(EmptySource):
    """The source of an item that is known: a text."""

    def __init__(self, text: str) -> None:
        self._text = text

    def find_strings(self, _field: SchemaField) -> Sequence[str]:
        return (self._text,)

    def choose(self, _field: SchemaField, options: Sequence[object]) -> tuple[int, bool]:
        names = [str(option).casefold() for option in options]
        is_named = self._text.casefold() in names
        return (names.index(self._text.casefold()), True) if is_named else (0, False)

    def find_number(self, _field: SchemaField) -> Fraction | None:
        try:
            return Fraction(self._text)
        except ValueError:
            return None
