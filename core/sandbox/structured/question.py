"""What a field asks a document for, and the labels of the document that answer it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from core.sandbox.replies.language.matching import similarity
from core.sandbox.replies.language.sentences import content_words
from core.sandbox.structured.document import Document, Label
from core.sandbox.structured.kinds import find_kind, find_role, split_name
from core.sandbox.structured.source import SchemaField

# A label of one of these kinds answers only a field of the same role, or with the same words.
_BROAD_KINDS = frozenset(("person", "organization", "id", "thing", "answer", "place", "reason", ""))

_SIMILAR = 0.8
_GENERIC_NAMES = re.compile(r"^(?:name|full name|value|label|이름|성명)$")


@dataclass(frozen=True, slots=True)
class FieldQuestion:
    """A field with the words, the kind and the role that it asks for.

    *rank* is the number of fields before it, in the same object, that ask for the same.
    """

    field: SchemaField
    words: str
    kind: str
    role: str = ""
    rank: int = 0

    @property
    def format(self) -> str:
        return str(self.field.schema.get("format", ""))

    @property
    def name_words(self) -> list[str]:
        return content_words(self.words) or self.words.split()


def ask(field: SchemaField, siblings: Sequence[str] = (), owner: str = "") -> FieldQuestion:
    """Return what *field* asks for; *owner* has the words of what the object around it describes."""
    words = split_name(field.name)
    description = split_name(field.description)
    kind = find_kind(words) or find_kind(description)
    owner_kind = find_kind(owner)
    if _GENERIC_NAMES.match(words) and owner_kind in ("thing", "organization"):
        kind = owner_kind
    if kind == "title" and owner_kind == "job":
        kind = owner_kind
    role = find_role(words) or find_role(owner) or find_role(description)
    before = siblings[: siblings.index(field.name)] if field.name in siblings else ()
    rank = sum(1 for name in before if find_kind(split_name(name)) == kind) if kind else 0
    return FieldQuestion(field, words, kind, role, rank)


def find_labels(question: FieldQuestion, document: Document) -> list[Label]:
    """Return the labels that answer *question*, the best first."""
    scored = [(_score(question, label), -index, label) for index, label in enumerate(document.labels)]
    best = sorted((item for item in scored if item[0]), reverse=True, key=lambda item: item[:2])
    if best or question.kind != "id":
        return [label for _, _, label in best]
    ids = [label for label in document.labels if label.kind == "id"]
    return ids if len(ids) == 1 else []


def _score(question: FieldQuestion, label: Label) -> int:
    names, label_names = question.name_words, content_words(label.name) or label.name.split()
    if label.name == question.words:
        return 4
    if names and label_names and _covers(names, label_names) and _covers(label_names, names):
        return 3
    if _GENERIC_NAMES.match(question.words) and label.name in ("name", "item"):
        return 2
    if question.kind in ("person", "organization"):
        return _score_role(question, label)
    if label.kind != question.kind:
        return 0
    if question.kind not in _BROAD_KINDS:
        return 2
    if question.kind == "id":
        return 2 if set(names) & set(label_names) - {"number", "no", "id", "code"} else 0
    return 1 if names and _covers(names, label_names) else 0


def _score_role(question: FieldQuestion, label: Label) -> int:
    """Score a label for a person or an organization: by the role, else by the kind."""
    role = find_role(label.name)
    if question.role:
        return 2 if question.role == role else int(not role and label.kind == question.kind)
    return 2 if label.kind == question.kind and not role else 0


def _covers(words: Sequence[str], others: Sequence[str]) -> bool:
    """Return whether each of *words* has a similar one in *others*."""
    return all(max((similarity(word, other) for other in others), default=0.0) >= _SIMILAR for word in words)


def relevant_sentences(question: FieldQuestion, document: Document) -> list[str]:
    """Return the sentences with words of the field's name, else with most words of its description."""
    names = [word for word in question.name_words if len(word) > 1]
    pairs = list(zip(document.sentences, document.sentence_words, strict=False))
    by_name = [sentence for sentence, words in pairs if names and _covers(names, words)]
    described = content_words(question.field.description)[:12]
    if by_name or not described:
        return by_name
    scores = [
        (sum(1 for word in described if _covers([word], words)), -index)
        for index, (_, words) in enumerate(pairs)
    ]
    best = max(scores, default=(0, 0))
    is_about = best[0] * 2 >= len(described) and best[0] > 1
    return [document.sentences[-best[1]]] if is_about else []
