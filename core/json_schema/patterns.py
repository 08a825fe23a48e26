"""Regular expressions of a schema that may come from anyone: matched within bounds of time and memory."""

import regex  # type: ignore[import-untyped]

# A pattern is compiled with its repetitions written out, at about 300 bytes for each character.
_MAX_EXPANDED_CHARACTERS = 500_000

# What a group or a count may contain of other text: verbose patterns, comments, and sets within sets.
_UNBOUNDED_SYNTAX = regex.compile(r"\(\?[a-zA-Z0-9-]*[xV]|\(\?#|\[:")
_TOKEN = regex.compile(
    r"""\\. | \[\^?\]?(?:\\.|[^\]\\])*\] | (?<open>\() | (?<close>\)) | \{(?<count>\d+)[^}]*\} | .""",
    regex.VERBOSE | regex.DOTALL,
)


class PatternNotChecked(ValueError):
    """A pattern could not be applied, for the reason in the message."""


def matches(pattern: str, text: str, seconds: float) -> bool:
    """Return whether *pattern* matches a part of *text*. Raises PatternNotChecked, also after *seconds*.

    The time is processor time, so that a busy machine does not make a harmless pattern fail.
    """
    if _UNBOUNDED_SYNTAX.search(pattern) or _expanded_length(pattern) > _MAX_EXPANDED_CHARACTERS:
        raise PatternNotChecked(f"The pattern {pattern[:80]!r} is too complex to check.")
    try:
        # A negative time would be no limit.
        return regex.search(pattern, text, timeout=max(seconds, 0.0)) is not None
    except TimeoutError:
        raise PatternNotChecked(f"The pattern {pattern[:80]!r} takes too long to check.") from None
    except (regex.error, RecursionError) as error:
        raise PatternNotChecked(f"The pattern {pattern[:80]!r} is not valid: {error}") from None


def _expanded_length(pattern: str) -> int:
    """Return the length of *pattern* with its repetitions, which can be nested, written out."""
    lengths = [0]  # of the open groups
    last = 0  # of what a count repeats
    for token in _TOKEN.finditer(pattern):
        if token["open"]:
            lengths.append(1)
        elif token["close"] and len(lengths) > 1:
            last = lengths.pop() + 1
            lengths[-1] += last
        elif token["count"]:
            added = last * (int(token["count"][:9]) - 1)
            last += added
            lengths[-1] += added
        else:
            last = len(token[0])
            lengths[-1] += last
    return sum(lengths)
