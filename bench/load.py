"""The reply of the upstream server in a measure: its tokens, and when they are sent."""

from dataclasses import dataclass
from functools import lru_cache

_WORDS = (
    "the",
    "of",
    "and",
    "to",
    "in",
    "is",
    "that",
    "for",
    "it",
    "as",
    "was",
    "with",
    "on",
    "by",
    "at",
    "from",
)
_PARAGRAPH = 60


@dataclass(frozen=True, slots=True)
class Load:
    """A reply with this number of *tokens*: the first after *first* ms, the others *gap* ms apart.

    Its first and last word contain *mark*, so that the probe recognises it among other replies on the page.
    """

    tokens: int
    first: float = 0.0
    gap: float = 0.0
    mark: int = 0

    @property
    def first_word(self) -> str:
        return f"begin{self.mark}x"

    @property
    def last_word(self) -> str:
        return f"end{self.mark}x"

    @property
    def server_ms(self) -> float:
        """The time from the request to the last token, in ms."""
        return self.first + (self.tokens - 1) * self.gap

    @property
    def text(self) -> str:
        return "".join(self.words())

    def send_time(self, number: int) -> float:
        """Return when chunk *number* is sent, in seconds after the request."""
        return (self.first + min(number, self.tokens - 1) * self.gap) / 1000

    def words(self) -> tuple[str, ...]:
        """Return the tokens: words in paragraphs."""
        return _words(self)

    def __str__(self) -> str:
        rate = f"at {self.gap:g} ms" if self.gap else "at no delay"
        return f"{self.tokens:,} {rate}" + (f", first after {self.first:g} ms" if self.first else "")


@lru_cache(maxsize=4)
def _words(load: Load) -> tuple[str, ...]:
    words = []
    for number in range(load.tokens):
        word = _WORDS[(number * 7 + number // 11) % len(_WORDS)]
        words.append(f".\n\n{word}" if number % _PARAGRAPH == 0 else f" {word}")
    return (load.first_word, *words[1:-1], f" {load.last_word}.")
