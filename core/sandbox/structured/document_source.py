"""A document as the source of the values of a schema."""

from collections.abc import Sequence
from fractions import Fraction

from core.sandbox.json_schema.strict import Schema, schema_types
from core.sandbox.replies.language.matching import similarity
from core.sandbox.replies.language.sentences import content_words
from core.sandbox.structured import choices, numbers_in_text, records, strings_in_text
from core.sandbox.structured.document import Document
from core.sandbox.structured.kinds import split_name
from core.sandbox.structured.question import FieldQuestion, ask
from core.sandbox.structured.source import SchemaField, ValueProvider


class DocumentSource:
    """Finds the values of one object in a document.

    *owner* has the words of what the object describes, and *properties* the names of its fields.
    """

    def __init__(self, document: Document, owner: str = "", properties: Sequence[str] = ()) -> None:
        self._document, self._owner, self._properties = document, owner, properties

    def find_strings(self, field: SchemaField) -> Sequence[str]:
        return strings_in_text.find_strings(self._ask(field), self._document)

    def find_number(self, field: SchemaField) -> Fraction | None:
        return numbers_in_text.find_number(self._ask(field), self._document)

    def find_boolean(self, field: SchemaField) -> bool | None:
        return choices.find_boolean(self._ask(field), self._document)

    def choose(self, field: SchemaField, options: Sequence[object]) -> tuple[int, bool]:
        return choices.choose(self._ask(field), options, self._document)

    def find_items(self, field: SchemaField, items: Schema) -> "Sequence[ValueProvider | str]":
        question = self._ask(field)
        if "enum" in items:
            lower = self._document.text.lower()
            return [option for option in items["enum"] if isinstance(option, str) and option.lower() in lower]
        if "object" in schema_types(items) or "properties" in items:
            documents = records.find_object_items(question, self._document, items)
            properties = list(items.get("properties", ()))
            return [DocumentSource(document, question.words, properties) for document in documents]
        if "anyOf" in items or "array" in schema_types(items):
            return ()
        return records.find_text_items(question, self._document, items)

    def narrow(self, field: SchemaField) -> ValueProvider:
        """Return the source for an object: the part of the document below its heading, if there is one."""
        properties = list(field.schema.get("properties", ()))
        if not field.path:
            return DocumentSource(self._document, self._owner or split_name(field.description), properties)
        words = content_words(split_name(field.name))
        for heading, lines in self._document.blocks:
            names = content_words(heading)
            if (
                names
                and words
                and all(max(similarity(word, name) for name in names) >= 0.8 for word in words)
            ):
                return DocumentSource(Document("\n".join(lines)), split_name(field.name), properties)
        return DocumentSource(self._document, split_name(field.name), properties)

    def _ask(self, field: SchemaField) -> FieldQuestion:
        return ask(field, self._properties, self._owner)
