"""The entities that a request mentions, such as cities and currencies, for the parameters of a function."""

import re

from core.sandbox.structured.entities import Mention, find_entities
from core.sandbox.structured.question import FieldQuestion

ENTITY_KINDS = {
    "city": "cities",
    "place": "cities",
    "country": "countries",
    "ticker": "companies",
    "organization": "companies",
    "currency": "currencies",
    "unit": "units",
    "language": "languages",
}
_VARIANT_KINDS = {**ENTITY_KINDS, "time_zone": "cities"}
_SOURCE = re.compile(r"\b(?:from|base|source|origin|departure|input)\b|출발|원본|변환 ?전")
_TARGET = re.compile(r"\b(?:to|target|destination|arrival|output|into)\b|도착|목적|목표|변환 ?후")
_BEFORE_TARGET = re.compile(r"\b(?:to|in|into|how many|what is that in)\s*$|몇\s*$", re.I)
_AFTER_TARGET = re.compile(r"^(?:으로|로|까지|행)(?![가-힣])")
_AFTER_NUMBER = re.compile(r"[\d억만천백]\s?$")


def is_entity_kind(kind: str) -> bool:
    return kind in _VARIANT_KINDS


def is_directed(words: str) -> bool:
    """Return whether a field is one of a pair, such as `from_currency` and `to_currency`."""
    return bool(_SOURCE.search(words) or _TARGET.search(words))


def find_mention(question: FieldQuestion, kind: str, text: str) -> Mention | None:
    """Return the entity of *kind* in *text* that *question* asks for; of a pair, the source or the target."""
    mentions = find_entities(kind, text)
    if not is_directed(question.words):
        return mentions[question.rank] if question.rank < len(mentions) else None
    # What has a number is the source: "how many euros are 10 dollars".
    measured = [
        mention
        for mention in mentions
        if _AFTER_NUMBER.search(text[: mention.start])
        or re.match(r"\s?\d", text[mention.start + len(mention.text) :])
    ]
    targets = [
        mention
        for mention in mentions
        if mention not in measured
        and (
            _BEFORE_TARGET.search(text[: mention.start])
            or _AFTER_TARGET.match(text[mention.start + len(mention.text) :])
        )
    ]
    if measured and not targets:
        targets = [mention for mention in mentions if mention not in measured]
    if _TARGET.search(question.words):
        return next(iter(targets or mentions[1:]), None)
    sources = measured or [mention for mention in mentions if mention not in targets]
    return next(iter(sources or mentions), None)


def mention_variants(text: str, kind: str) -> list[str]:
    """Return *text* once for each entity of *kind* in it, without the other ones."""
    mentions = find_entities(_VARIANT_KINDS[kind], text)
    variants = []
    for mention in mentions:
        variant = text
        # From the end, so that the places of those before stay the same.
        for other in sorted(mentions, key=lambda each: -each.start):
            if other is not mention:
                variant = variant[: other.start] + variant[other.start + len(other.text) :]
        variants.append(variant)
    return variants
