"""The state of the Tokens page, shared by the page and by the routes that count while the user types."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from threading import RLock
from typing import Any

from components.session.panel_cache import PanelCache
from core.errors.types import PlaygroundError
from core.token_analysis.analysis import EncodingOptions, InputKind, TokenAnalysis, analyse
from core.token_analysis.request_parser import EXAMPLE_REQUEST

_EXAMPLE_TEXT = (
    "Tokens are what a model reads: hello is one, but Donaudampfschifffahrt takes several.\n"
    "안녕하세요! 토큰은 글자가 아닙니다. 뷁 👩‍👩‍👧‍👦\n"
    "\tdef area(r): return 3.14159 * r ** 2    # <|endoftext|>\n"
)
_EXAMPLE_IDS = "24912, 2375, 0"


@dataclass(frozen=True, slots=True)
class AnalysisError:
    """Why an input cannot be analysed."""

    title: str
    hint: str


@dataclass(slots=True, eq=False)
class TokenSession:
    """The texts by kind, the selected kind and options, and their analysis.

    The analysis is cached, so that the page and the routes do not compute it twice. `version` tells the view
    that a text was replaced.
    """

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
    panel_cache: PanelCache = field(default_factory=PanelCache)
    _rejected: dict[InputKind, AnalysisError] = field(default_factory=dict)
    _lock: RLock = field(default_factory=RLock)
    _analysed_input: tuple[InputKind, str, EncodingOptions] | None = None
    _analysis: TokenAnalysis | AnalysisError | None = None

    def set_text(self, kind: InputKind, text: str) -> None:
        """Store *text* as typed; *kind* may differ from the selected one if the request arrives late."""
        self.texts[kind] = text
        self._rejected.pop(kind, None)

    def reject_text(self, kind: InputKind, reason: AnalysisError) -> None:
        """Replace the text by the *reason* why what was entered instead of it is not counted."""
        self.set_text(kind, "")
        self._rejected[kind] = reason

    def replace_text(self, kind: InputKind, text: str) -> None:
        """Store *text* that was not typed into the view, and make the view fetch it."""
        self.set_text(kind, text)
        self.version += 1

    def replace_with_messages(self, messages: Sequence[Mapping[str, Any]]) -> None:
        """Replace the request by *messages*, in the format of the API."""
        self.replace_text("request", json.dumps(messages, ensure_ascii=False, indent=2))

    def set_file(self, file_id: str, name: str, text: str) -> None:
        """Replace the file by the *text* of an upload; *file_id* identifies it."""
        self.file_id, self.file_name = file_id, name
        self.replace_text("file", text)

    def clear_file(self) -> None:
        """Remove the last file, because the next upload cannot be read."""
        if self.file_id:
            self.set_file("", "", "")

    def select(self, kind: InputKind, options: EncodingOptions) -> None:
        self.kind, self.options = kind, options

    def analysis(self, kind: InputKind | None = None) -> TokenAnalysis | AnalysisError:
        """Return the analysis of *kind*, or of the selected kind.

        It takes seconds for 10 MB, so call it outside the event loop.
        """
        if rejected := self._rejected.get(kind or self.kind):
            return rejected
        # The page and a route may ask at the same moment, from two threads.
        with self._lock:
            current = (kind or self.kind, self.texts[kind or self.kind], self.options)
            if self._analysis is None or self._analysed_input != current:
                try:
                    self._analysis = analyse(*current)
                except PlaygroundError as error:
                    self._analysis = AnalysisError(str(error), error.hint)
                self._analysed_input = current
            return self._analysis
