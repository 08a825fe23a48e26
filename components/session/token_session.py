"""What a session has on its Tokens page, shared by the page and the routes that count while one types."""

import json
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from threading import RLock
from typing import Any, TypeVar

from core.errors.types import PlaygroundError
from core.tokens.analysis import Choice, Kind, Reading, read
from core.tokens.request_parser import EXAMPLE

T = TypeVar("T")
_TEXT = (
    "Tokens are what a model reads: hello is one, but Donaudampfschifffahrt takes several.\n"
    "안녕하세요! 토큰은 글자가 아닙니다. 뷁 👩‍👩‍👧‍👦\n"
    "\tdef area(r): return 3.14159 * r ** 2    # <|endoftext|>\n"
)
_IDS = "24912, 2375, 0"


@dataclass(frozen=True, slots=True)
class Problem:
    """Why there is nothing to show."""

    title: str
    hint: str


@dataclass(slots=True, eq=False)
class Sheet:
    """The texts by kind, what is chosen, and the reading of it, which is made once for both who ask."""

    kind: Kind = "text"
    choice: Choice = field(default_factory=Choice)
    texts: dict[Kind, str] = field(
        default_factory=lambda: {"text": _TEXT, "request": EXAMPLE, "ids": _IDS, "file": ""}
    )
    file: str = ""
    file_id: str = ""
    version: int = 0
    _lock: RLock = field(default_factory=RLock)
    _of: tuple[Kind, str, Choice] | None = None
    _reading: Reading | Problem | None = None
    _worked_on: Reading | None = None
    _work: dict[str, tuple[Hashable, Any]] = field(default_factory=dict)

    def write(self, kind: Kind, text: str) -> None:
        """Take over *text* as what the person has typed; it may come late, when another kind is on show."""
        self.texts[kind] = text

    def put(self, kind: Kind, text: str) -> None:
        """Set *text* from outside the view, which then fetches it."""
        self.write(kind, text)
        self.version += 1

    def put_messages(self, messages: Sequence[Mapping[str, Any]]) -> None:
        """Count *messages*, wire messages of a chat."""
        self.put("request", json.dumps(messages, ensure_ascii=False, indent=2))

    def take_file(self, file_id: str, name: str, text: str) -> None:
        """Count the *text* of an uploaded file, which *file_id* tells from others."""
        self.file_id, self.file = file_id, name
        self.put("file", text)

    def forget_file(self) -> None:
        """Show nothing of the last file: what was uploaded after it cannot be read."""
        if self.file_id:
            self.take_file("", "", "")

    def choose(self, kind: Kind, choice: Choice) -> None:
        """Settle what is on show and how to read it."""
        self.kind, self.choice = kind, choice

    def reading(self, kind: Kind | None = None) -> Reading | Problem:
        """Read *kind*, else what is on show. May take seconds for 10 MB: not for the loop."""
        with self._lock:
            wanted = (kind or self.kind, self.texts[kind or self.kind], self.choice)
            if self._reading is None or self._of != wanted:
                self._reading, self._of = _read(*wanted), wanted
            return self._reading

    def worked_out(self, panel: str, found: Reading, inputs: Hashable, work: Callable[[], T]) -> T:
        """Return what *work* makes of *found* for *panel*; anew only for another or other *inputs*."""
        if found is not self._worked_on:
            self._work.clear()
            self._worked_on = found
        former = self._work.get(panel)
        if former is None or former[0] != inputs:
            former = self._work[panel] = (inputs, work())
        done: T = former[1]
        return done


def _read(kind: Kind, text: str, choice: Choice) -> Reading | Problem:
    try:
        return read(kind, text, choice)
    except PlaygroundError as problem:
        return Problem(str(problem), problem.hint)
