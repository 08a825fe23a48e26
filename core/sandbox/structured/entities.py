"""Names that the sandbox knows, in English and Korean: companies, places, currencies, units, languages."""

import json
import re
from dataclasses import dataclass
from functools import lru_cache

from core.paths import DATA

_HANGUL = re.compile(r"[\uac00-\ud7a3]")
# Letters that are units only after a number, or after a word of a conversion.
_TEMPERATURES = {"c": "celsius", "f": "fahrenheit"}
_TEMPERATURE = (
    r"(?:(?<=\d)|(?<=\d )|(?<=\bto )|(?<=\bfrom )|(?<=\bin )|(?<=몇 )|(?<=를 )|(?<=은 ))[CF](?![A-Za-z])"
)
# What may follow a Korean name within the same word: particles, and the words that compounds end in.
_AFTER_KOREAN = (
    r"(?=(?:에서|에는|에|의|은|는|이|가|을|를|도|과|와|랑|이랑|하고|으로|로|까지|부터|행|시|발"
    r"|날씨|주가|주식|시간"
    r"|시각|현재|기온|어|달러|야|이야|예요|이에요|인가요|인지|입니까|정도)?(?![가-힣]))"
)


@dataclass(frozen=True, slots=True)
class Mention:
    """An entity in a text: its canonical name, the words of the text, and where they start."""

    name: str
    text: str
    start: int


@lru_cache(maxsize=1)
def load_entities() -> dict[str, dict[str, list[str]]]:
    """Load the canonical names of each kind, with their other spellings."""
    entities: dict[str, dict[str, list[str]]] = json.loads(
        (DATA / "sandbox" / "entities.json").read_text(encoding="utf-8")
    )
    return entities


@lru_cache(maxsize=64)
def find_entities(kind: str, text: str) -> tuple[Mention, ...]:
    """Return the mentions of entities of *kind* in *text*, each entity once, in the order of the text."""
    pattern, names = _pattern(kind)
    mentions: dict[str, Mention] = {}
    for match in pattern.finditer(text):
        name = names[match.group().casefold()]
        mentions.setdefault(name, Mention(name, match.group(), match.start()))
    return tuple(mentions.values())


def find_time_zones(text: str) -> list[str]:
    """Return the time zones that *text* names, and those of its cities and countries."""
    places = [mention.name for kind in ("cities", "countries") for mention in find_entities(kind, text)]
    zones = load_entities()["time_zones"]
    named = [zone for zone in zones if zone in text]
    return named + [zone for place in places for zone, names in zones.items() if place in names]


@lru_cache(maxsize=16)
def _pattern(kind: str) -> tuple[re.Pattern[str], dict[str, str]]:
    """Return a pattern of all spellings of *kind*, and the canonical name of each spelling."""
    names = {
        spelling.casefold(): name
        for name, spellings in load_entities()[kind].items()
        for spelling in (name, *spellings)
    }
    # The longest first, so that "US dollar" is not read as "US".
    spellings = [re.escape(spelling) for spelling in sorted(names, key=len, reverse=True)]
    korean = [spelling for spelling in spellings if _HANGUL.search(spelling)]
    words = [spelling for spelling in spellings if spelling not in korean and spelling[-1].isalnum()]
    symbols = [spelling for spelling in spellings if not spelling[-1].isalnum()]
    parts = (
        rf"(?<![가-힣])(?:{'|'.join(korean)}){_AFTER_KOREAN}" if korean else "",
        # Nor after an apostrophe within a word: the "s" of "What's" is no second.
        rf"(?<![A-Za-z])(?<![A-Za-z]['’])(?:{'|'.join(words)})(?![A-Za-z])" if words else "",
        "|".join(symbols),
        _TEMPERATURE if kind == "units" else "",
    )
    if kind == "units":
        names |= _TEMPERATURES
    return re.compile("|".join(filter(None, parts)), re.IGNORECASE), names
