"""Make the lines of an input file from a prompt with columns in braces, and rows."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from core.apis import APIS
from core.batches.input.request_line import RequestLine
from core.batches.limits import API_URLS, EMBEDDINGS_URL
from core.completions.request import ChatSettings
from core.files.source_rows import Row, RowSource
from core.json_schema.schema import SchemaDocument
from core.models.catalog import get_model

_PLACEHOLDER = re.compile(r"\{\{\s*([^{}]+?)\s*\}\}|\{([^{}\n]+)\}")


@dataclass(frozen=True, slots=True)
class PromptTemplate:
    """A text with the values of columns as {{column}} or {column}.

    Other text in braces, such as JSON, stays as it is.
    """

    text: str

    def missing(self, columns: Collection[str]) -> list[str]:
        """Return the names in double braces that are not *columns*: most likely they are misspelt."""
        names = [match[1] for match in _PLACEHOLDER.finditer(self.text) if match[1]]
        return list(dict.fromkeys(name for name in names if name not in columns))

    def render(self, row: Row) -> str:
        """Insert the values of *row*; braces in a value are text."""
        return _PLACEHOLDER.sub(lambda match: row.get(match[1] or match[2].strip(), match[0]), self.text)


@dataclass(frozen=True, slots=True)
class CustomIds:
    """Where custom ids come from: a column, or else a prefix and the number of the row.

    A row without a value in the column gets a number, too.
    """

    column: str | None = None
    prefix: str = "row"

    def of(self, row: Row, number: int) -> str:
        value = row.get(self.column, "").strip() if self.column else ""
        return value or f"{self.prefix}-{number:06}"


@dataclass(frozen=True, slots=True)
class ChatTemplate:
    """Replies to one prompt by the API of *settings*, whose instructions are a template, too."""

    prompt: PromptTemplate
    settings: ChatSettings
    response_format: Mapping[str, Any] | None = None
    ids: CustomIds = field(default_factory=CustomIds)


@dataclass(frozen=True, slots=True)
class EmbeddingTemplate:
    """Embeddings of one text per row."""

    text: PromptTemplate
    model: str
    dimensions: int | None = None
    ids: CustomIds = field(default_factory=CustomIds)


def chat_lines(template: ChatTemplate, source: RowSource) -> Iterator[RequestLine]:
    """Yield a line for each row of *source*; the first ones are made without reading the others."""
    instructions = PromptTemplate(template.settings.instructions)
    for number, row in enumerate(source.rows(), 1):
        # A batch accepts no stream.
        update = {"instructions": instructions.render(row), "stream": False}
        settings = template.settings.model_copy(update=update)
        message = {"role": "user", "content": template.prompt.render(row)}
        body = settings.request_params(settings.messages([message]))
        if template.response_format is not None:
            body["response_format"] = dict(template.response_format)
        body, url = APIS[settings.api].params(body), API_URLS[settings.api]
        yield RequestLine(template.ids.of(row, number), body, url)


def embedding_lines(template: EmbeddingTemplate, source: RowSource) -> Iterator[RequestLine]:
    """Yield a line for each row of *source*."""
    dimensions = get_model(template.model).dimensions
    is_adjustable = dimensions is None or dimensions.adjustable
    options = {"dimensions": template.dimensions} if template.dimensions and is_adjustable else {}
    for number, row in enumerate(source.rows(), 1):
        body = {"model": template.model, "input": template.text.render(row), **options}
        yield RequestLine(template.ids.of(row, number), body, EMBEDDINGS_URL)


def preview_lines(lines: Iterator[RequestLine], limit: int = 3) -> list[RequestLine]:
    """Return the first *limit* lines; the others are not made."""
    return list(islice(lines, limit))


def schema_format(document: SchemaDocument) -> dict[str, Any]:
    """Return the `response_format` of a chat that makes each reply follow the schema."""
    schema = {"name": document.name, "schema": document.schema, "strict": True}
    return {"type": "json_schema", "json_schema": schema}
