"""Equivalent wordings of a reply, between which the sampling parameters of a request choose."""

import random
import re
from functools import lru_cache

from core.paths import DATA
from core.sandbox.replies.prompt import ChatPrompt

# Code, quotations and examples to type are not reworded.
_LITERAL = r"```.*?(?:```|\Z)|`[^`\n]*`|\"[^\"\n]*\"|(?<!\*)\*[^*\n]+\*(?!\*)|^>[^\n]*|https?://\S+"


def vary_wording(text: str, prompt: ChatPrompt) -> str:
    """Return *text* in the wording that the seed of *prompt* selects: one phrase or more is another.

    The higher the temperature, the more phrases change. A phrase that the user wrote does not, because it may
    be quoted. Each phrase has as many words as its alternatives, so that a requested form stays.
    """
    if not prompt.wording_seed or not prompt.temperature:
        return text
    pattern, alternatives = _load_alternatives()
    user_text = "\n".join((prompt.instructions, *(message.text for message in prompt.messages))).lower()
    matches = [
        match
        for match in pattern.finditer(text)
        if match["phrase"] and match["phrase"].lower() not in user_text
    ]
    if not matches:
        return text
    rng = random.Random(prompt.wording_seed)
    changed = [match for match in matches if rng.random() < prompt.temperature / 2] or [rng.choice(matches)]
    for match in reversed(changed):
        text = text[: match.start()] + rng.choice(alternatives[match["phrase"]]) + text[match.end() :]
    return text


@lru_cache(maxsize=1)
def _load_alternatives() -> tuple[re.Pattern[str], dict[str, list[str]]]:
    """Return a pattern for the phrases that have alternatives, and these by phrase."""
    lines = (DATA / "sandbox" / "wordings.txt").read_text(encoding="utf-8").splitlines()
    pairs = (line.split(" = ") for line in lines if line and not line.startswith("#"))
    alternatives = {phrase: others.split(" / ") for phrase, others in pairs}
    # Longer phrases first, as they may contain shorter ones. Korean words are followed by particles.
    phrases = "|".join(
        re.escape(phrase) + (r"(?!\w)" if phrase.isascii() else "")
        for phrase in sorted(alternatives, key=len, reverse=True)
    )
    return re.compile(rf"{_LITERAL}|(?<!\w)(?P<phrase>{phrases})", re.DOTALL | re.MULTILINE), alternatives
