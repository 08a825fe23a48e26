"""Replies that were written in advance, and the questions that they answer."""

import json
import re
from dataclasses import dataclass, field
from functools import lru_cache

from core.paths import DATA
from core.sandbox.replies.language.detection import Language

_FOLDER = DATA / "sandbox" / "scripts"
_HEADING = re.compile(r"^=== (.+)$", re.MULTILINE)
_PART = re.compile(r"^--- (brief|reply|more)$", re.MULTILINE)
_VARIABLE = re.compile(r"\{\{\s*([^\W\d]\w*)\s*\}\}")


@dataclass(frozen=True, slots=True)
class Script:
    """The replies to one question: *wordings* of equal rank, a *brief* one, and what a large model adds.

    *span* is the answer in a word. The form of a *fixed* reply, such as code or a poem, is part of it, and
    *library* names the prompt of the library that it answers, with the texts that the library has.
    """

    name: str
    questions: re.Pattern[str] | None = None
    wordings: tuple[str, ...] = ()
    brief: str = ""
    more: str = ""
    span: str = ""
    library: str = ""
    is_fixed: bool = False


@dataclass(slots=True)
class _Head:
    """The lines between the heading of a script and its first part."""

    questions: list[str] = field(default_factory=list)
    library: str = ""
    span: str = ""
    is_fixed: bool = False


@lru_cache(maxsize=2)
def load_scripts(language: Language) -> tuple[Script, ...]:
    """Load the replies in *language*, with those to questions about capitals last."""
    templates = load_templates(language)
    files = sorted(_FOLDER.glob(f"*.{language}.md"))
    scripts = [script for file in files for script in _parse(file.read_text(encoding="utf-8"), templates)]
    return (*scripts, *_load_capitals(language, templates))


@lru_cache(maxsize=1)
def load_library() -> dict[tuple[str, str], str]:
    """Return the names of the prompts of the library by their instructions and question."""
    prompts = json.loads((DATA / "prompts.json").read_text(encoding="utf-8"))["prompts"]
    names = {}
    for prompt in prompts:
        texts = [
            _VARIABLE.sub(lambda match: prompt["variables"].get(match[1], match[0]), message["content"])  # noqa: B023
            for message in prompt["messages"]
        ]
        names["\n".join(texts[:-1]), texts[-1]] = prompt["name"]
    return names


@lru_cache(maxsize=2)
def load_templates(language: Language) -> dict[str, str]:
    """Return regular expressions by name: ways to ask for `%s`, and what a question loses before."""
    lines = (_FOLDER / f"questions.{language}.txt").read_text(encoding="utf-8").splitlines()
    templates: dict[str, str] = {}
    for line in lines:
        name, separator, pattern = line.partition(" = ")
        if separator and not line.startswith("#"):
            templates[name] = _expand(pattern, templates)
    return templates


def _expand(pattern: str, templates: dict[str, str]) -> str:
    """Replace each <name> in *pattern* by the template of that name."""
    for name, inserted in templates.items():
        pattern = pattern.replace(f"<{name}>", inserted)
    return pattern


def _parse(source: str, templates: dict[str, str]) -> list[Script]:
    sections = _HEADING.split(source)[1:]
    scripts = []
    for name, section in zip(sections[::2], sections[1::2], strict=True):
        head, *parts = _PART.split(section)
        texts = [(kind, text.strip()) for kind, text in zip(parts[::2], parts[1::2], strict=True)]
        properties = _parse_head(head, templates)
        scripts.append(
            Script(
                name.strip(),
                re.compile("|".join(properties.questions)) if properties.questions else None,
                tuple(text for kind, text in texts if kind == "reply"),
                next((text for kind, text in texts if kind == "brief"), ""),
                next((text for kind, text in texts if kind == "more"), ""),
                properties.span,
                properties.library,
                properties.is_fixed,
            )
        )
    return scripts


def _parse_head(head: str, templates: dict[str, str]) -> _Head:
    result = _Head()
    for line in filter(None, head.splitlines()):
        key, _, value = line.partition(": ")
        match key:
            case "library":
                result.library = value
            case "span":
                result.span = value
            case "fixed":
                result.is_fixed = True
            case _:
                result.questions.append(templates[key].replace("%s", f"(?:{_expand(value, templates)})"))
    return result


def _load_capitals(language: Language, templates: dict[str, str]) -> list[Script]:
    """Make a script of each line of the list: country and capital in English, and both in Korean."""
    lines = (_FOLDER / "capitals.txt").read_text(encoding="utf-8").splitlines()
    scripts = []
    for line in lines:
        if line.startswith("#"):
            continue
        english, english_capital, korean, korean_capital = line.split(" | ")
        country, capital = (
            language.localise(english, korean),
            language.localise(english_capital, korean_capital),
        )
        names = country.lower() if language is Language.ENGLISH else country.replace(" ", "")
        country = country.split("/")[0]
        pattern = templates["capital"].replace("%s", f"(?:{names.replace('/', '|')})")
        wordings = (
            language.localise(
                f"The capital of {country} is **{capital}**.", f"{country}의 수도는 **{capital}**입니다."
            ),
            language.localise(
                f"**{capital}** is the capital of {country}.", f"**{capital}**, {country}의 수도입니다."
            ),
        )
        name = f"capital of {english.split('/')[0]}"
        scripts.append(Script(name, re.compile(pattern), wordings, f"**{capital}**", "", capital))
    return scripts
