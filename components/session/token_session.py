"""What a session has on its Tokens page, shared by the page and the routes that count while one types."""

import json
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from threading import RLock
from typing import Any, TypeVar

from core.errors.types import PlaygroundError
from core.tokens.analysis import EncodingOptions, InputKind, TokenAnalysis, analyse
from core.tokens.request_parser import EXAMPLE_REQUEST

T = TypeVar("T")
_EXAMPLE_TEXT = (
    "Tokens are what a model reads: hello is one, but Donaudampfschifffahrt takes several.\n"
    "안녕하세요! 토큰은 글자가 아닙니다. 뷁 👩‍👩‍👧‍👦\n"
    "\tdef area(r): return 3.14159 * r ** 2    # <|endoftext|>\n"
)
_EXAMPLE_IDS = "24912, 2375, 0"


@dataclass(frozen=True, slots=True)
class AnalysisError:
    """Why there is nothing to show."""

    title: str
    hint: str


@dataclass(slots=True, eq=False)
class TokenSession:
    """The texts by kind, what is chosen, and the reading of it, which is made once for both who ask."""

    kind: InputKind = "text"
    options: EncodingOptions = field(default_factory=EncodingOptions)
    texts: dict[InputKind, str] = field(
        default_factory=lambda: {
            "text": _EXAMPLE_TEXT,
            "request": EXAMPLE_REQUEST,
            "ids": _EXAMPLE_IDS,
            "file": "",
        }
    )
    file_name: str = ""
    file_id: str = ""
    version: int = 0
    _lock: RLock = field(default_factory=RLock)
    _analysed_input: tuple[InputKind, str, EncodingOptions] | None = None
    _analysis: TokenAnalysis | AnalysisError | None = None
    _cached_analysis: TokenAnalysis | None = None
    _cache: dict[str, tuple[Hashable, Any]] = field(default_factory=dict)

    def set_text(self, kind: InputKind, text: str) -> None:
        """Take over *text* as what the person has typed; it may come late, when another kind is on show."""
        self.texts[kind] = text

    def replace_text(self, kind: InputKind, text: str) -> None:
        """Set *text* from outside the view, which then fetches it."""
        self.set_text(kind, text)
        self.version += 1

    def replace_with_messages(self, messages: Sequence[Mapping[str, Any]]) -> None:
        """Count *messages*, wire messages of a chat."""
        self.replace_text("request", json.dumps(messages, ensure_ascii=False, indent=2))

    def set_file(self, file_id: str, name: str, text: str) -> None:
        """Count the *text* of an uploaded file, which *file_id* tells from others."""
        self.file_id, self.file_name = file_id, name
        self.replace_text("file", text)

    def clear_file(self) -> None:
        """Show nothing of the last file: what was uploaded after it cannot be read."""
        if self.file_id:
            self.set_file("", "", "")

    def select(self, kind: InputKind, choice: EncodingOptions) -> None:
        """Settle what is on show and how to read it."""
        self.kind, self.options = kind, choice

    def analysis(self, kind: InputKind | None = None) -> TokenAnalysis | AnalysisError:
        """Read *kind*, else what is on show. May take seconds for 10 MB: not for the loop."""
        with self._lock:
            wanted = (kind or self.kind, self.texts[kind or self.kind], self.options)
            if self._analysis is None or self._analysed_input != wanted:
                self._analysis, self._analysed_input = _read(*wanted), wanted
            return self._analysis

    def memoised(self, panel: str, found: TokenAnalysis, inputs: Hashable, work: Callable[[], T]) -> T:
        """Return what *work* makes of *found* for *panel*; anew only for another or other *inputs*."""
        if found is not self._cached_analysis:
            self._cache.clear()
            self._cached_analysis = found
        former = self._cache.get(panel)
        if former is None or former[0] != inputs:
            former = self._cache[panel] = (inputs, work())
        done: T = former[1]
        return done


def _read(kind: InputKind, text: str, choice: EncodingOptions) -> TokenAnalysis | AnalysisError:
    try:
        return analyse(kind, text, choice)
    except PlaygroundError as problem:
        return AnalysisError(str(problem), problem.hint)
