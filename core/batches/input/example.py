"""The input of a first batch: reviews to summarise, in Korean and in English."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import chain, count

from core.batches.input.request_line import RequestLine
from core.batches.input.template import ChatTemplate, CustomIds, PromptTemplate, chat_lines
from core.completions.request import ChatSettings
from core.files.source_rows import RowSource, json_lines_source
from core.paths import DATA

TITLE = "Summaries of 100 reviews"
# The columns {i}, {ko} and {en} are those of the file.
PROMPTS = {"ko": "항목 {i} 한 문장 요약: {ko}", "en": "Summarize item {i} in one sentence: {en}"}
_ROWS_FILE = DATA / "batch_example.jsonl"


@dataclass(frozen=True, slots=True)
class ExampleInput:
    """A template and its twin in the other language, both to be filled with the rows of *source*."""

    title: str
    source: RowSource
    templates: tuple[ChatTemplate, ...]

    def lines(self) -> Iterator[RequestLine]:
        """Yield the requests, the languages in turn."""
        pairs = zip(*(chat_lines(template, self.source) for template in self.templates), strict=True)
        return chain.from_iterable(pairs)


def example_input(model: str, titles: Collection[str] = ()) -> ExampleInput:
    """Return a hundred chat requests to *model*, with a title that is not one of *titles*."""
    settings = ChatSettings(model=model)
    names = (TITLE if number == 1 else f"{TITLE} ({number})" for number in count(1))
    return ExampleInput(
        next(name for name in names if name not in titles),
        json_lines_source(_ROWS_FILE.read_bytes()),
        tuple(
            ChatTemplate(PromptTemplate(prompt), settings, ids=CustomIds(prefix=language))
            for language, prompt in PROMPTS.items()
        ),
    )
