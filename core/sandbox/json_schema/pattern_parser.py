"""The parser of regular expressions: from the text of a pattern to its parts."""

import re
import string
from collections.abc import Callable
from dataclasses import dataclass

_MAX_REPEAT = 1_000
_MAX_DEPTH = 40
_PREFERRED = (
    "a0A-_.@ /:" + string.ascii_lowercase + string.digits + string.ascii_uppercase + string.punctuation
)

CharacterTest = Callable[[str], bool]


class UnsupportedPattern(Exception):
    """A regular expression that is invalid, or that structured outputs do not support."""


@dataclass(frozen=True, slots=True)
class Character:
    """A character of a class; *sample* is one that passes the *test*."""

    test: CharacterTest
    sample: str


@dataclass(frozen=True, slots=True)
class Anchor:
    """The beginning or the end of the text."""

    at_end: bool


@dataclass(frozen=True, slots=True)
class Sequence:
    """One part after another."""

    items: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several parts."""

    options: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """A part several times; without a *maximum*, any number of times."""

    item: "Node"
    minimum: int
    maximum: int | None


Node = Character | Anchor | Sequence | Choice | Repeat


def parse_nodes(source: str) -> Node:
    """Parse *source*. Raises UnsupportedPattern."""
    parser = _Parser(source)
    root = parser.parse_choice()
    if not parser.at_end:
        raise UnsupportedPattern("unbalanced parenthesis")
    return root


_CLASSES: dict[str, Character] = {
    "d": Character(lambda c: c in string.digits, "0"),
    "w": Character(lambda c: c.isalnum() or c == "_", "a"),
    "s": Character(str.isspace, " "),
}
_NEGATED_SAMPLES = {"D": "a", "W": "-", "S": "a"}
_CONTROL = {"n": "\n", "t": "\t", "r": "\r", "f": "\f", "v": "\v", "0": "\0"}


def _escape_class(letter: str) -> Character | None:
    if letter in _CLASSES:
        return _CLASSES[letter]
    if letter in _NEGATED_SAMPLES:
        test = _CLASSES[letter.lower()].test
        return Character(lambda c: not test(c), _NEGATED_SAMPLES[letter])
    return None


class _Parser:
    """A recursive descent parser of regular expressions."""

    def __init__(self, source: str) -> None:
        self._source, self._position, self._depth = source, 0, 0

    @property
    def at_end(self) -> bool:
        return self._position >= len(self._source)

    def _peek(self) -> str:
        return self._source[self._position] if not self.at_end else ""

    def _take(self) -> str:
        if self.at_end:
            raise UnsupportedPattern("unexpected end of the pattern")
        self._position += 1
        return self._source[self._position - 1]

    def _accept(self, text: str) -> bool:
        if not self._source.startswith(text, self._position):
            return False
        self._position += len(text)
        return True

    def parse_choice(self) -> Node:
        options = [self._parse_sequence()]
        while self._accept("|"):
            options.append(self._parse_sequence())
        return options[0] if len(options) == 1 else Choice(tuple(options))

    def _parse_sequence(self) -> Node:
        items: list[Node] = []
        while not self.at_end and self._peek() not in "|)":
            item = self._parse_atom()
            while (bounds := self._parse_quantifier()) is not None:
                # Lazy or possessive: which match is preferred does not matter here.
                self._accept("?") or self._accept("+")
                if isinstance(item, Anchor):
                    raise UnsupportedPattern("nothing to repeat")
                item = Repeat(item, *bounds)
            items.append(item)
        return Sequence(tuple(items))

    def _parse_quantifier(self) -> tuple[int, int | None] | None:
        for symbol, bounds in (("*", (0, None)), ("+", (1, None)), ("?", (0, 1))):
            if self._accept(symbol):
                return bounds
        match = re.compile(r"\{(\d{1,5})(,(\d{0,5}))?\}").match(self._source, self._position)
        if match is None:
            return None
        self._position = match.end()
        minimum = int(match[1])
        maximum = minimum if match[2] is None else int(match[3]) if match[3] else None
        if minimum > _MAX_REPEAT or (maximum is not None and maximum < minimum):
            raise UnsupportedPattern("invalid repetition")
        return minimum, maximum

    def _parse_atom(self) -> Node:
        character = self._take()
        if character == "(":
            return self._parse_group()
        if character == "[":
            return self._parse_class()
        if character in "^$":
            return Anchor(character == "$")
        if character == ".":
            return Character(lambda c: c != "\n", "a")
        if character == "\\":
            return self._parse_escape()
        if character in "*+?":
            raise UnsupportedPattern("nothing to repeat")
        return _literal(character)

    def _parse_group(self) -> Node:
        named = re.compile(r"\?P?<[A-Za-z_]\w{0,60}>").match(self._source, self._position)
        if named:
            self._position = named.end()
        elif not self._accept("?:") and self._peek() == "?":
            raise UnsupportedPattern("lookaround and inline flags are not supported")
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise UnsupportedPattern("the pattern is nested too deeply")
        node = self.parse_choice()
        self._depth -= 1
        if not self._accept(")"):
            raise UnsupportedPattern("missing ), unterminated group")
        return node

    def _parse_escape(self) -> Node:
        letter = self._take()
        if character := _escape_class(letter):
            return character
        if letter in "AZ":
            return Anchor(letter == "Z")
        return _literal(self._escaped_character(letter))

    def _escaped_character(self, letter: str) -> str:
        if letter in "xu":
            match = re.compile({"x": "[0-9A-Fa-f]{2}", "u": "[0-9A-Fa-f]{4}"}[letter]).match(
                self._source, self._position
            )
            if match is None:
                raise UnsupportedPattern("incomplete escape")
            self._position = match.end()
            return chr(int(match.group(), 16))
        if letter in _CONTROL:
            return _CONTROL[letter]
        if letter.isalnum():
            raise UnsupportedPattern(f"\\{letter} is not supported")
        return letter

    def _parse_class(self) -> Character:
        negated = self._accept("^")
        tests: list[Character] = []
        while not self._accept("]") or not tests:
            tests.append(self._parse_class_item())
        if not negated:
            return Character(lambda c: any(item.test(c) for item in tests), tests[0].sample)
        test: CharacterTest = lambda c: not any(item.test(c) for item in tests)  # noqa: E731
        sample = next((c for c in _PREFERRED if test(c)), None)
        if sample is None:
            raise UnsupportedPattern("a class that matches no character")
        return Character(test, sample)

    def _parse_class_item(self) -> Character:
        first = self._take()
        if first == "\\":
            letter = self._take()
            if character := _escape_class(letter):
                return character
            first = "\b" if letter == "b" else self._escaped_character(letter)
        if self._peek() != "-" or self._source[self._position + 1 : self._position + 2] in ("]", ""):
            return _literal(first)
        self._take()
        last = self._take()
        if last == "\\":
            last = self._escaped_character(self._take())
        if last < first:
            raise UnsupportedPattern(f"bad character range {first}-{last}")
        return Character(lambda c: first <= c <= last, first)


def _literal(character: str) -> Character:
    return Character(lambda c: c == character, character)
