"""Names of people in a text, by the words around them."""

import re

from core.sandbox.replies.language.sentences import load_words

_NOT_NAMES = load_words("capitalised words that are no names")
# A capitalised pair that ends in one of these is a place or a company.
_NOT_SURNAMES = load_words("endings of places and companies")
_CAPITALISED = r"[A-Z][a-zà-ÿ'’]+(?:-[A-Z][a-zà-ÿ]+)?"
_FULL_NAME = re.compile(rf"\b{_CAPITALISED}(?:[ ](?:{_CAPITALISED}|[A-Z]\.|van|von|de|da|del))+\b(?!@)")
_INTRODUCED = re.compile(
    r"(?:(?:\b(?:[Tt]ell|[Tt]ext|[Cc]all|[Aa]sk|[Dd]ear|[Hh]i|[Nn]amed|[Cc]alled|[Cc]ontact|[Ss]ee|I'm|I am"
    r"|[Tt]his is|[Nn]ame(?:'s| is)|[Aa]unt|[Uu]ncle|[Cc]ousin|[Bb]rother|[Ss]ister|[Mm]ayor|[Cc]aptain"
    r"|[Mm]anager"
    r"|[Cc]olleague|[Ff]riend|[Dd]river|by|with)|\b(?:Mr|Mrs|Ms|Dr|Prof)\.?)\s+)"
    rf"(?P<name>{_CAPITALISED})|\b(?P<before>{_CAPITALISED})(?=\s*\([\w.+-]+@|\s+will\b)"
)
_SURNAME = f"[{''.join(sorted(load_words('korean surnames of one syllable')))}]"
_TITLE = (
    r"(?:씨|님|군|양|학생|선생|선수|대리|과장|차장|부장|사원|주임|팀장|실장|본부장|매니저|교수|작가"
    r"|감독|대표|회장|사장|총무"
    r"|원장|박사|기자|의원|장관|시장|변호사|의사|간호사|셰프|코치|강사|배우|가수|디자이너|연구원|위원"
    r"|반장|담임)"
)
_ROLE = (
    r"(?:담당자?|총무|대표|팀장|원장|작가|감독|저자|강사|예약자|신청자|수신인?|발신인?|받는 ?사람"
    r"|보낸 ?사람|성명|이름|[가-힣]+팀)"
)
_KOREAN_NAME = re.compile(
    rf"(?<![가-힣])(?P<titled>{_SURNAME}[가-힣]{{2}})(?=\s?{_TITLE}(?:입니다|이다|이며|이고|께서|에게|으로|가|이|은|는|을|를|의|께|도|과|와|님|로)*(?![가-힣]))"
    rf"|{_ROLE}(?:은|는)?\s?[:：]?\s+(?P<role>{_SURNAME}[가-힣]{{2}})(?![가-힣]{{4}})"
    rf"|(?:저는|나는|전|제 이름은|내 이름은)\s+(?P<self>{_SURNAME}[가-힣]{{1,2}}?)"
    r"(?=이라고|라고|입니다|이에요|예요|이야|야)"
    rf"|(?<![가-힣])(?P<contact>{_SURNAME}[가-힣]{{2}})(?=\s*(?:<|\(?\d{{2,3}}-|에게|한테))"
    r"|(?:참석자?|명단|참가자?|대상자?|발표자?)\s*[:：]\s*"
    rf"(?P<list>{_SURNAME}[가-힣]{{2}}(?:\s*[,·]\s*{_SURNAME}[가-힣]{{2}})+)"
)
_NOT_KOREAN_NAMES = load_words("korean words like names")


def find_people(text: str) -> list[str]:
    """Return the names in *text*, in their order."""
    names = [
        (match.start(), name) for match in _FULL_NAME.finditer(text) if (name := _full_name(match.group()))
    ]
    for match in _INTRODUCED.finditer(text):
        name = match["name"] or match["before"]
        is_known = any(name in full.split() for _, full in names)
        if name not in _NOT_NAMES and not is_known:
            names.append((match.start(), name))
    for match in _KOREAN_NAME.finditer(text):
        names_in_match = next(group for group in match.groups() if group)
        names += [
            (match.start(), name)
            for name in re.split(r"\s*[,·]\s*", names_in_match)
            if name not in _NOT_KOREAN_NAMES
        ]
    return list(dict.fromkeys(name for _, name in sorted(names, key=lambda pair: pair[0])))


def _full_name(words: str) -> str | None:
    """Return the name in capitalised *words*, without the words before it that are no part of a name."""
    parts = words.split()
    while parts and parts[0].removesuffix("'s") in _NOT_NAMES:
        parts = parts[1:]
    while parts and parts[-1] in _NOT_NAMES:
        parts = parts[:-1]
    if len(parts) < 2 or parts[-1] in _NOT_SURNAMES or any(part in _NOT_NAMES for part in parts):
        return None
    return " ".join(parts)
