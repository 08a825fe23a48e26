"""Regular expressions of a schema that may come from anyone: matched within bounds of time and memory."""

import math

import regex  # type: ignore[import-untyped]

# A pattern is compiled with its repetitions written out, at about 300 bytes for each character.
_MAX_EXPANDED_CHARACTERS = 500_000


class PatternNotChecked(ValueError):
    """A pattern could not be applied, for the reason in the message."""


def matches(pattern: str, text: str, seconds: float) -> bool:
    """Return whether *pattern* matches a part of *text*. Raises PatternNotChecked, also after *seconds*.

    The time is processor time, so that a busy machine does not make a harmless pattern fail.
    """
    # Repetitions can be nested. A verbose pattern can have spaces and comments in a count.
    counts = (int("".join(count.split())[:9]) for count in regex.findall(r"\{\s*(\d[\d\s]*)", pattern))
    size = len(pattern) * math.prod(max(count, 1) for count in counts)
    if size > _MAX_EXPANDED_CHARACTERS or regex.search(r"\(\?[a-zA-Z0-9]*x", pattern):
        raise PatternNotChecked(f"The pattern {pattern[:80]!r} is too complex to check.")
    try:
        # A negative time would be no limit.
        return regex.search(pattern, text, timeout=max(seconds, 0.0)) is not None
    except TimeoutError:
        raise PatternNotChecked(f"The pattern {pattern[:80]!r} takes too long to check.") from None
    except (regex.error, RecursionError) as error:
        raise PatternNotChecked(f"The pattern {pattern[:80]!r} is not valid: {error}") from None
