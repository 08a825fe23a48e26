"""The answer of a skill, before it gets the requested form."""

from dataclasses import dataclass
from typing import Literal

# How a reply was made: written in advance, computed, or not at all.
ReplyOrigin = Literal["script", "rules", "refusal"]


@dataclass(frozen=True, slots=True)
class Answer:
    """A reply in Markdown, and the parts of it that a form may ask for.

    *plain* is the answer without an introduction, *span* its shortest form (a name, a number), and *items*
    its parts if it is a list. An *exact* answer has a form of its own, which nothing may change, a
    *scripted* one was written in advance, and one that *has_wordings* was chosen from several texts.
    """

    text: str
    plain: str = ""
    span: str = ""
    items: tuple[str, ...] = ()
    exact: bool = False
    is_refusal: bool = False
    is_scripted: bool = False
    has_wordings: bool = False


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply in its final form, and how it was made."""

    text: str
    origin: ReplyOrigin = "rules"


def join_answers(answers: list[Answer]) -> Answer:
    """Return one answer with the parts of *answers*, without repetitions."""
    unique = list(dict.fromkeys(answers))
    if len(unique) == 1:
        return unique[0]
    return Answer(
        "\n\n".join(dict.fromkeys(answer.text for answer in unique)),
        " ".join(dict.fromkeys(answer.plain or answer.text for answer in unique)),
        ", ".join(answer.span for answer in unique if answer.span),
        tuple(answer.span or answer.plain or answer.text for answer in unique),
    )
