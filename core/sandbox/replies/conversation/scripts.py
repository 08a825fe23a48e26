"""Replies that were written in advance, and the questions that they answer."""

import json
import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from core.paths import DATA
from core.sandbox.replies.language.detection import Language

_FOLDER = DATA / "sandbox" / "scripts"
_HEADING = re.compile(r"^=== (.+)$", re.MULTILINE)
_PART = re.compile(r"^--- (brief|reply|more)$", re.MULTILINE)
_VARIABLE = re.compile(r"\{\{\s*([^\W\d]\w*)\s*\}\}")


class Question(NamedTuple):
    """A template by name, an expression for its subject, and the number of the wording about it, if any."""

    template: str
    subject: str
    wording: int = 0


@dataclass(frozen=True, slots=True)
class Script:
    """The replies to one question: *wordings* of equal rank, brief ones, and what a large model adds.

    *span* is the answer in a word. The form of a *fixed* reply, such as code or a poem, is part of it, and
    *library* names the prompt of the library that it answers, with the texts that the library has. Each
    wording translates the one at its place in the other language, unless the script is *untranslated*. The
    wordings of a *work*, such as a story, are no versions of each other, so each may have a brief one.
    """

    name: str
    questions: tuple[Question, ...] = ()
    wordings: tuple[str, ...] = ()
    briefs: tuple[str, ...] = ()
    more: str = ""
    span: str = ""
    library: str = ""
    is_fixed: bool = False
    is_untranslated: bool = False
    is_work: bool = False

    @property
    def brief(self) -> str:
        """The first of the brief wordings; empty if there is none."""
        return next(iter(self.briefs), "")

    def brief_of(self, wording: str) -> str:
        """Return a brief version of *wording*: that of a work is about the same work."""
        if self.is_work:
            return dict(zip(self.wordings, self.briefs, strict=False)).get(wording, "")
        return self.brief

    @property
    def texts(self) -> tuple[str, ...]:
        """All texts of the script."""
        return (*self.wordings, *self.briefs, *filter(None, (self.more,)))


@dataclass(slots=True)
class _Head:
    """The lines between the heading of a script and its first part."""

    questions: list[Question] = field(default_factory=list)
    library: str = ""
    span: str = ""
    is_fixed: bool = False
    is_untranslated: bool = False
    is_work: bool = False


@lru_cache(maxsize=2)
def load_scripts(language: Language) -> tuple[Script, ...]:
    """Load the replies in *language*, with the capitals of countries last."""
    files = sorted(_FOLDER.glob(f"*.{language}.md"))
    scripts = [script for file in files for script in _parse(file.read_text(encoding="utf-8"))]
    return (*scripts, *_load_capitals(language))


@lru_cache(maxsize=2)
def load_questions(language: Language) -> tuple[re.Pattern[str], ...]:
    """Return the pattern of each template. Its group `s3` has the subjects of the script at index 3.

    The group `s3_2` has those that the second wording is about. One pattern for all scripts, because a
    template is long, and takes milliseconds to compile.
    """
    templates = load_templates(language)
    groups: dict[str, dict[str, list[str]]] = {}
    for index, script in enumerate(load_scripts(language)):
        # What a single wording is about comes first, as it may also match the other questions.
        for template, subject, wording in sorted(script.questions, key=lambda each: -each.wording):
            name = f"s{index}_{wording}" if wording else f"s{index}"
            groups.setdefault(template, {}).setdefault(name, []).append(_expand(subject, templates))
    return tuple(
        re.compile(templates[template].replace("%s", f"(?:{_join(subjects)})"))
        for template, subjects in groups.items()
    )


def _join(subjects: dict[str, list[str]]) -> str:
    """Return an expression for all *subjects*, with a group for each name."""
    return "|".join(f"(?P<{name}>{'|'.join(each)})" for name, each in subjects.items())


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


@lru_cache(maxsize=1)
def load_spellings() -> dict[str, str]:
    """Return what people mean by the words that they often misspell or shorten."""
    lines = (_FOLDER / "spellings.txt").read_text(encoding="utf-8").splitlines()
    return dict(line.split(" = ") for line in lines if line and not line.startswith("#"))


def _expand(pattern: str, templates: dict[str, str]) -> str:
    """Replace each <name> in *pattern* by the template of that name."""
    for name, inserted in templates.items():
        pattern = pattern.replace(f"<{name}>", inserted)
    return pattern


def _parse(source: str) -> list[Script]:
    sections = _HEADING.split(source)[1:]
    scripts = []
    for name, section in zip(sections[::2], sections[1::2], strict=True):
        head, *parts = _PART.split(section)
        texts = [(kind, text.strip()) for kind, text in zip(parts[::2], parts[1::2], strict=True)]
        properties = _parse_head(head)
        scripts.append(
            Script(
                name.strip(),
                tuple(properties.questions),
                tuple(text for kind, text in texts if kind == "reply"),
                tuple(text for kind, text in texts if kind == "brief"),
                next((text for kind, text in texts if kind == "more"), ""),
                properties.span,
                properties.library,
                properties.is_fixed,
                properties.is_untranslated,
                properties.is_work,
            )
        )
    return scripts


def _parse_head(head: str) -> _Head:
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
            case "untranslated":
                result.is_untranslated = True
            case "work":
                result.is_work = True
            case _:
                template, _, wording = key.partition(" ")
                result.questions.append(Question(template, value, int(wording or 0)))
    return result


@lru_cache(maxsize=2)
def load_countries(language: Language) -> tuple[re.Pattern[str], dict[str, str]]:
    """Return the pattern of a question about a capital, and the names of the scripts by country.

    One pattern for all countries, because a pattern for each would take a tenth of a second to compile.
    """
    names = {}
    for english, korean in ((row[0], row[2]) for row in _read_capitals()):
        for country in language.localise(english.lower(), korean.replace(" ", "")).split("/"):
            names[country] = _capital_name(english)
    return re.compile(load_templates(language)["capital"].replace("%s", "(.+?)")), names


def _load_capitals(language: Language) -> list[Script]:
    scripts = []
    for english, english_capital, korean, korean_capital in _read_capitals():
        country = language.localise(english, korean).split("/")[0]
        capital = language.localise(english_capital, korean_capital)
        wordings = (
            language.localise(
                f"The capital of {country} is **{capital}**.", f"{country}의 수도는 **{capital}**입니다."
            ),
            language.localise(
                f"**{capital}** is the capital of {country}.", f"**{capital}**, {country}의 수도입니다."
            ),
            language.localise("| Country | Capital |", "| 나라 | 수도 |")
            + f"\n| --- | --- |\n| {country} | **{capital}** |",
        )
        scripts.append(Script(_capital_name(english), (), wordings, (f"**{capital}**",), span=capital))
    return scripts


def _capital_name(english: str) -> str:
    return f"capital of {english.split('/')[0]}"


def _read_capitals() -> list[list[str]]:
    """Return country and capital in English, and both in Korean."""
    lines = (_FOLDER / "capitals.txt").read_text(encoding="utf-8").splitlines()
    return [line.split(" | ") for line in lines if not line.startswith("#")]
