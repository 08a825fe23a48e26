"""What is asked of every contender: so many tokens, at such a pace, between two words to look for."""

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
    """A reply of *tokens*, the first after *first* ms and each other *gap* ms later.

    It begins and ends with words that carry *mark*, so that no other reply on a page is taken for it.
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
        """What the server alone needs."""
        return self.first + (self.tokens - 1) * self.gap

    @property
    def text(self) -> str:
        return "".join(self.words())

    def due(self, number: int) -> float:
        """When chunk *number* is sent, in seconds after the question."""
        return (self.first + min(number, self.tokens - 1) * self.gap) / 1000

    def words(self) -> tuple[str, ...]:
        """The tokens: prose in paragraphs."""
        return _words(self)

    def __str__(self) -> str:
        pace = f"at {self.gap:g} ms" if self.gap else "at no delay"
        return f"{self.tokens:,} {pace}" + (f", first after {self.first:g} ms" if self.first else "")


@lru_cache(maxsize=4)
def _words(load: Load) -> tuple[str, ...]:
    words = [_word(number) for number in range(load.tokens)]
    return (load.first_word, *words[1:-1], f" {load.last_word}.")


def _word(number: int) -> str:
    word = _WORDS[(number * 7 + number // 11) % len(_WORDS)]
    return f".\n\n{word}" if number % _PARAGRAPH == 0 else f" {word}"
