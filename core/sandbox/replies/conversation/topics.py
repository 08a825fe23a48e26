"""Short explanations of the SDK, selected by keywords."""

import re
from dataclasses import dataclass
from functools import lru_cache

from core.paths import DATA
from core.sandbox.replies.answer import Answer
from core.sandbox.replies.language.detection import Language
from core.sandbox.replies.language.sentences import split_blocks, split_sentences
from core.sandbox.replies.language.style import Style, strip_form, strip_markdown
from core.sandbox.replies.prompt import ChatPrompt, ModelSize

_HEADING = re.compile(r"^=== (?P<title>[^:\n]+): (?P<keywords>.+)$", re.MULTILINE)
_IS_QUESTION = re.compile(
    r"\?|\b(?:what|how|why|when|which|explain|tell|show|describe|teach|help|about|example)\b"
    r"|설명|알려|뭐|뭔|무엇|무슨|어떻게|왜|보여|가르쳐|예제|대해|란\b",
    re.I,
)
# An everyday word such as "temperature" is a topic only beside one of these.
_IS_ABOUT_API = re.compile(
    r"\b(?:api|apis|openai|sdk|llms?|models?|parameters?|requests?|completions?|repl(?:y|ies)"
    r"|responses?|prompts?|tokens?|json"
    r"|sandbox|playground"
    r"|gpt[\w.-]*|code|python|explain|tell me about|describe)\b|api|openai|sdk|모델|매개변수|파라미터"
    r"|요청|프롬프트|토큰"
    r"|설명|샌드박스|호출",
    re.I,
)
_NAMES_API = re.compile(r"\b(?:openai|sdk|api|chat completions)\b|openai|오픈ai|api", re.I)
_WORD = re.compile(r"[a-z0-9][a-z0-9'_.-]*[a-z0-9_]|[a-z0-9]|[가-힣]+")
_REMARK = re.compile(r"\([^()]{1,40}\)")
_MAX_LENGTH = 200
_MAX_UNKNOWN_WORDS = 3
_AMBIGUOUS = "*"
_BEFORE_MORE = "\n---\n"
_BEFORE_DETAILS = "\n+++\n"


@dataclass(frozen=True, slots=True)
class Topic:
    """An explanation and its keywords. An everyday word as a keyword ends in an asterisk.

    *more* are further sentences, for a question that asks for more of them than the text has, and *details*
    a section that only a large model adds.
    """

    title: str
    keywords: tuple[str, ...]
    text: str
    more: tuple[str, ...] = ()
    details: str = ""

    def matches(self, question: str, *, about_api: bool) -> list[str]:
        """Return the keywords in *question*, which is in lower case; everyday words only if *about_api*."""
        return [
            keyword.removesuffix(_AMBIGUOUS)
            for keyword in self.keywords
            if (about_api or not keyword.endswith(_AMBIGUOUS))
            and _keyword_pattern(keyword.removesuffix(_AMBIGUOUS)).search(question)
        ]


@lru_cache(maxsize=2)
def load_topics(language: Language) -> tuple[Topic, ...]:
    """Load the explanations in *language*."""
    source = (DATA / "sandbox" / f"topics.{language}.md").read_text(encoding="utf-8")
    headings = list(_HEADING.finditer(source))
    ends = [heading.start() for heading in headings[1:]] + [len(source)]
    topics = []
    for heading, end in zip(headings, ends, strict=True):
        body, _, details = source[heading.end() : end].strip().partition(_BEFORE_DETAILS)
        text, _, more = body.partition(_BEFORE_MORE)
        keywords = tuple(heading["keywords"].split(", "))
        topics.append(Topic(heading["title"], keywords, text, tuple(more.splitlines()), details))
    return tuple(topics)


def explain_topic(prompt: ChatPrompt, style: Style) -> Answer | None:
    """Explain the topic of a short question, or return None if there is no explanation."""
    question = strip_form(prompt.question)
    # "(slow)" is a remark, while "retrieval (RAG)" names the topic.
    topic = find_topic(question, style.language) or find_topic(_REMARK.sub(" ", question), style.language)
    if topic is None:
        return None
    prose = strip_markdown(topic.text)
    number = style.sentences or style.bullets_or(0)
    if len(split_sentences(prose)) >= number:
        text = topic.text if style.has_form else _text_for_size(topic, prompt.size)
        return Answer(text, is_scripted=True)
    sentences = [*split_sentences(prose), *topic.more]
    if len(sentences) < number:
        sentences.append(
            style.language.localise(
                f"The sandbox has only these {len(sentences)} sentences about it.",
                f"샌드박스에 있는 설명은 이 {len(sentences)}문장이 전부입니다.",
            )
        )
    return Answer(topic.text, " ".join(sentences))


def _text_for_size(topic: Topic, size: ModelSize) -> str:
    """Return the explanation of a model of *size*: the smallest are short, and larger ones add something."""
    match size:
        case "smallest":
            blocks = split_blocks(topic.text)
            code = next((block for block in blocks if block.startswith("```")), "")
            return f"{blocks[0]}\n\n{code}".strip()
        case "large" if topic.details:
            return f"{topic.text}\n\n{topic.details}"
        case "medium" | "large" if topic.more:
            return "\n".join((topic.text, "", *(f"- {sentence}" for sentence in topic.more)))
    return topic.text


def find_topic(question: str, language: Language) -> Topic | None:
    """Return the topic whose keywords, in either language, match *question* best.

    A question with other words than the keywords and those of questions is about something else.
    """
    question = question.lower()
    if len(question) > _MAX_LENGTH or "```" in question:
        return None
    if not _IS_QUESTION.search(question) and len(question.split()) > 4:
        return None
    topics = [topic for each in Language for topic in load_topics(each)]
    about_api = _IS_ABOUT_API.search(question) is not None or any(
        topic.matches(question, about_api=False) for topic in topics
    )
    matches = [
        (sum(map(len, words)), topic.title, words)
        for topic in topics
        if (words := topic.matches(question, about_api=about_api))
    ]
    if not matches:
        return None
    keywords = [word for _, _, words in matches for word in words]
    rest = question
    for keyword in sorted(keywords, key=len, reverse=True):
        rest = _keyword_pattern(keyword).sub(" ", rest)
    unknown = [word for word in unknown_words(rest) if not re.fullmatch(r"[가-힣]", word)]
    # A question that names the API may have a few other words.
    if unknown and (len(unknown) > _MAX_UNKNOWN_WORDS or not _NAMES_API.search(question)):
        return None
    title = max(matches)[1]
    # Not every explanation exists in Korean.
    candidates = (*load_topics(language), *load_topics(Language.ENGLISH))
    return next(topic for topic in candidates if topic.title == title)


def unknown_words(text: str) -> list[str]:
    """Return the words of *text*, in lower case, that no question about the API contains."""
    exact, beginnings = _question_words()
    return [
        word
        for word in _WORD.findall(text)
        if word not in exact and word.rstrip("s") not in exact and not word.startswith(beginnings)
    ]


@lru_cache(maxsize=1_000)
def _keyword_pattern(keyword: str) -> re.Pattern[str]:
    pattern = re.escape(keyword)
    if keyword.isascii():
        return re.compile(rf"(?<![a-z0-9_]){pattern}s?(?![a-z0-9_])")
    # Korean words end in particles, which belong to the keyword.
    return re.compile(
        rf"(?<![가-힣]){pattern}(?:이|가|은|는|을|를|의|도|란|이란|에|로|으로|과|와|이야|예요|이에요"
        rf"|인가요|이고|에서)*"
    )


@lru_cache(maxsize=1)
def _question_words() -> tuple[frozenset[str], tuple[str, ...]]:
    """Return the words, and the beginnings of words."""
    lines = (DATA / "sandbox" / "question_words.txt").read_text(encoding="utf-8").splitlines()
    words = [word for line in lines if not line.startswith("#") for word in line.split()]
    beginnings = tuple(word[:-1] for word in words if word.endswith("*"))
    return frozenset(word for word in words if not word.endswith("*")), beginnings
