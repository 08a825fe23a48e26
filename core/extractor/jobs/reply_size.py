"""How many tokens a reply for a schema probably has."""

import json
from dataclasses import dataclass, field
from typing import Any

from core.json_schema.schema import JsonSchema, resolve_ref
from core.tokens.encodings import count_tokens

# Between a name and a sentence: texts in replies for the example schemas have 4 to 40.
_TEXT_TOKENS = 10
_LIST_ITEMS = 2
_MAX_VALUES = 5_000  # references can repeat a schema without end
_VALUES: dict[str, Any] = {"integer": 10, "number": 10.5, "boolean": True, "null": None}
_FORMATS = {"date": "2026-01-01", "time": "09:00:00", "date-time": "2026-01-01T09:00:00Z"}


@dataclass(frozen=True, slots=True)
class ReplySize:
    """The tokens of a reply: those of its JSON without texts, and those of the texts in it."""

    structure: int
    texts: int

    def tokens(self, document_tokens: int) -> int:
        """Return the size of the reply for a document, which cannot have more text than that."""
        return self.structure + min(self.texts, document_tokens)


def reply_size(schema: JsonSchema, encoding: str) -> ReplySize:
    """Estimate the reply for *schema*. Raises PlaygroundError without the vocabulary of *encoding*."""
    reply = _TypicalReply(schema)
    source = json.dumps(reply.value(schema), ensure_ascii=False, separators=(",", ":"))
    return ReplySize(count_tokens(source, encoding), reply.texts * _TEXT_TOKENS)


@dataclass(slots=True)
class _TypicalReply:
    """An object with a typical value for each property; *texts* of them are left empty."""

    root: JsonSchema
    texts: int = 0
    values: int = 0
    references: list[str] = field(default_factory=list)

    def value(self, schema: Any) -> Any:
        self.values += 1
        if not isinstance(schema, dict) or self.values > _MAX_VALUES:
            return None
        if "$ref" in schema:
            return self._referenced(str(schema["$ref"]))
        variants = [v for v in schema.get("anyOf", ()) if v != {"type": "null"}]
        if variants:
            return self.value(variants[0])
        if values := schema.get("enum", [schema["const"]] if "const" in schema else []):
            return max(values, key=lambda value: len(str(value)))
        return self._declared(schema)

    def _declared(self, schema: JsonSchema) -> Any:
        declared = schema.get("type")
        match declared[0] if isinstance(declared, list) and declared else declared:
            case "object":
                return {name: self.value(child) for name, child in schema.get("properties", {}).items()}
            case "array":
                return [self.value(schema.get("items")) for _ in range(_LIST_ITEMS)]
            case "string" if schema.get("format") in _FORMATS:
                return _FORMATS[schema["format"]]
            case str(name) if name in _VALUES:
                return _VALUES[name]
        self.texts += 1
        return ""

    def _referenced(self, ref: str) -> Any:
        # An object that contains itself ends somewhere.
        if ref in self.references:
            return None
        self.references.append(ref)
        value = self.value(resolve_ref(self.root, ref))
        self.references.pop()
        return value
