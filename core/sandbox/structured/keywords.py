"""The keywords of a text: its most frequent nouns, names first, as the text writes them."""

import re
from collections import Counter
from functools import lru_cache

from core.sandbox.replies.language.sentences import content_words

# Words, and names of several words: "Harbour City".
_WORD = re.compile(r"(?:[A-Z][a-z]+ )(?:[A-Z][a-z]+ ){0,2}[A-Z][a-z]+|[A-Za-z][A-Za-z0-9'&-]*|[가-힣]+")
_HANGUL = re.compile(r"[\uac00-\ud7a3]")
_PARTICLE = re.compile(
    r"(?:에서는|으로는|에게서|에서도|까지|부터|에서|에게|으로|이라는|이라고|라는|은|는|이|가|을"
    r"|를|에|의|도|로|와|과|만|께)$"
)
# Forms of verbs and adjectives, adverbs, and numbers with a unit.
_NOT_KOREAN_NOUN = re.compile(
    r"(?:다|며|고|면|면서|는데|아서|어서|여서|해서|려고|기로|하는|되는|하게|하여|하며|하고|했던"
    r"|한다|된다|이번|지난|크게|모두|매우"
    r"|가장|다시|특히|통해|위해|대해|따라|따르|있는|없는|같은|많은|새로운|좋은|오늘|내일|어제"
    r"|올해|내년|작년|이날|최근|현재|그리고|하지만"
    r"|그러나|또한|앞으로|웃도|밝혔|전했|말했)$"
)
_NOT_ENGLISH_NOUN = re.compile(
    r"^(?:new|good|great|big|small|first|last|next|many|much|more|most|very|said|says|say|make"
    r"|made|makes|makes|like"
    r"|get|got|use|used|also|still|even|just|one|two|three|four|five|six|seven|eight|nine|ten"
    r"|year|years|day|days|week|today|tomorrow"
    r"|month|months|time|people|including|monday|tuesday|wednesday|thursday|friday|saturday"
    r"|sunday|january|february|march|april|may"
    r"|june|july|august|september|october|november|december|better|best|strong|expected|expects"
    r"|well|it's|i'm|however|bought"
    r"|went|come|came|take|took|give|gave|want|wants|need|needs|let|don't|isn't|wasn't)$|(?:ly|ed|ing)$"
)


def find_keywords(text: str, number: int) -> list[str]:
    """Return at most *number* keywords, the most frequent first."""
    counts: Counter[str] = Counter()
    forms: dict[str, str] = {}
    names: set[str] = set()
    for match in _WORD.finditer(text[:20_000]):
        form = match.group()
        word = _korean_noun(form) if _HANGUL.match(form) else _english_noun(form)
        if not word:
            continue
        counts[word] += 1
        # A capital at the beginning of a sentence says nothing.
        if form[0].isupper() and text[max(0, match.start() - 8) : match.start()].rstrip()[-1:] not in (
            ".",
            "!",
            "?",
            "",
        ):
            names.add(word)
        forms.setdefault(word, word if _HANGUL.match(form) else form.removesuffix("'s"))
    order = {word: index for index, word in enumerate(forms)}
    ranked = sorted(forms, key=lambda word: (-counts[word] - 0.5 * (word in names), order[word]))
    return [forms[word] for word in ranked[:number]]


@lru_cache(maxsize=20_000)
def _english_noun(form: str) -> str:
    word = form.lower().removesuffix("'s")
    is_content = all(content_words(part) for part in word.split()) and len(word) > 2
    return word if is_content and not _NOT_ENGLISH_NOUN.search(word) else ""


@lru_cache(maxsize=20_000)
def _korean_noun(form: str) -> str:
    if _NOT_KOREAN_NOUN.search(form):
        return ""
    word = _PARTICLE.sub("", form)
    is_noun = len(word) > 1 and not _NOT_KOREAN_NOUN.search(word) and bool(content_words(word))
    return word if is_noun else ""
