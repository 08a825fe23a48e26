"""The items of a list: rows of a table, entries of a list, lines of the same form, people, sentences."""

import re
from collections.abc import Sequence

from core.sandbox.json_schema.strict import Schema, schema_types
from core.sandbox.replies.extraction.answer_types import EMAIL
from core.sandbox.replies.language.matching import similarity
from core.sandbox.replies.language.sentences import content_words
from core.sandbox.structured.dates import find_date_mentions
from core.sandbox.structured.document import Document, bullet_text, find_numbers
from core.sandbox.structured.kinds import find_kind, split_name
from core.sandbox.structured.names_in_text import find_all_people
from core.sandbox.structured.question import FieldQuestion, find_labels
from core.sandbox.structured.strings_in_text import find_texts

_SEPARATOR = re.compile(r"\s*[,;、·]\s*(?:and\s+)?|\s+and\s+|\s+및\s+")
_RULE = re.compile(r"^[\s|:+=-]+$")
_CELLS = re.compile(r"\s*\|\s*|\t+|\s{2,}")
# A line of a receipt: "Milk 1L    $2.49".
_PRICED_LINE = re.compile(
    r"^(?P<name>[^\d$€£₩¥@:|][^$€£₩¥@:|]{0,60}?)\s+(?P<price>[$€£₩¥]\s?\d[\d,.]*"
    r"|\d[\d,.]*\s?(?:원|USD|EUR|KRW)|\d{1,6}\.\d{2})\s*$"
)
# An entry that begins with an amount: "200 g flour".
_MEASURED = re.compile(
    r"^(?P<quantity>\d[\d/.,]*\s?(?:k?g|m?l|cups?|tbsp|tsp|pcs|개|큰술|작은술|컵"
    r"|그램)?)\s+(?P<name>[^\d\s].*)$",
    re.I,
)
# "2017 to 2022", "2022부터 현재".
_PERIOD = re.compile(
    r"(?:19|20)\d{2}년?\s?(?:to|until|[-–~]|부터)\s?(?:(?:19|20)\d{2}|present|now|today|현재)", re.I
)
_TOTALS = re.compile(
    r"^\W*(?:sub-?total|total|tax|vat|discount|grand total|balance|amount due|합계|소계|총액|총계"
    r"|부가세|세금|할인|배송비)\b|^\W*(?:합계|소계|총액|총계|부가세|세금|할인|배송비)",
    re.I,
)
_JOB_WORDS = re.compile(
    r"\b(?:engineer|manager|developer|designer|analyst|director|lead|head|officer|consultant"
    r"|scientist|assistant|intern|teacher"
    r"|researcher|administrator|specialist)\b|엔지니어|개발자|디자이너|매니저|연구원|팀장|분석가"
    r"|과장|대리|사원|인턴|교사",
    re.I,
)
_ACTION = re.compile(
    r"\b(?:will|should|must|needs? to|has to|have to|is going to|to do|action|please)\b|까지"
    r"|하기로|해야|할 예정|담당|맡|준비|부탁",
    re.I,
)
# "Desk lamp x 2 @ $35.00", "노트북 2대 1,500,000원": a name, a number and an amount.
_LINE_ITEM = re.compile(
    r"^(?P<name>[^\d$€£₩¥@][^$€£₩¥@"
    r"|:]*?)[\s,:(]+(?:-\s+)?(?:[x×*]\s*)?(?P<quantity>\d{1,5})(?![,.]?\d)\s*(?:개|대"
    r"|권|장|명|병|박스|ea|pcs|units?|[x×*])?\s*[,@)x×*-]*\s*(?:각|at|each|개당|단가)?\s*"
    r"(?P<price>[$€£₩¥]?\s?\d[\d,.]*\s?(?:원|달러|USD|EUR|KRW|won|dollars)?)(?P<rest>.*)$",
    re.I,
)
_TOTAL_OF_LINE = re.compile(r"[=:]\s*(?P<total>[$€£₩¥]?\s?\d[\d,.]*\s?(?:원)?)")


def find_text_items(question: FieldQuestion, document: Document, items: Schema) -> list[str]:
    """Return the items of a list of texts or numbers."""
    labels = find_labels(question, document)
    if types := set(schema_types(items)) & {"number", "integer"}:
        numbers = find_numbers(labels[0].value if labels else document.text)[:50]
        fitting = [number for number in numbers if number.denominator == 1 or types != {"integer"}]
        return [str(int(number)) if number.denominator == 1 else str(float(number)) for number in fitting]
    if labels:
        return [part.strip(" .\"'") for part in _SEPARATOR.split(labels[0].value) if part.strip(" .\"'")]
    if entries := _entries_below_heading(question, document):
        return entries
    return find_texts(question, document)


def find_object_items(question: FieldQuestion, document: Document, items: Schema) -> list[Document]:
    """Return a document for each object of a list."""
    names = [split_name(name) for name in items.get("properties", {})]
    kinds = {find_kind(name) for name in names}
    if rows := _table_rows(document, names):
        return rows
    if entries := _entries_below_heading(question, document):
        return [_entry_document(entry, kinds) for entry in entries]
    is_line_item = bool(kinds & {"quantity", "unit_price", "money", "total"})
    if is_line_item and (lines := _line_items(document)):
        return lines
    if re.search(r"action|task|todo|할 ?일|업무|액션", question.words):
        return [Document(sentence) for sentence in _all_entries(document) if _ACTION.search(sentence)]
    if "year" in kinds and (periods := [line for line in document.lines if _PERIOD.search(line)]):
        return [Document(_position_labels(line)) for line in periods]
    if kinds & {"person", "email"} and (people := _person_documents(document)):
        return people
    entries = _all_entries(document, lists_only=True)
    return [_entry_document(entry, kinds) for entry in entries if not _TOTALS.match(entry)]


def _entry_document(entry: str, kinds: set[str]) -> Document:
    """Return a document for an entry of a list, with its name as a label if it is no person."""
    document = Document(entry)
    if document.people or document.labels:
        return document
    if match := _MEASURED.match(entry):
        return Document(f"name: {match['name']}\nquantity: {match['quantity']}")
    return Document(f"{entry}\nname: {entry}" if "person" in kinds else entry)


def _entries_below_heading(question: FieldQuestion, document: Document) -> list[str]:
    """Return the entries of the list below the heading that has the name of the field."""
    for heading, lines in document.blocks:
        same_kind = bool(heading) and find_kind(heading) == question.kind != ""
        words = content_words(heading)
        named = words and any(
            similarity(word, other) >= 0.8 for word in question.name_words for other in words
        )
        if heading and (named or same_kind):
            entries = [text for line in lines if (text := bullet_text(line))]
            return entries or [line.strip() for line in lines]
    return []


def _all_entries(document: Document, *, lists_only: bool = False) -> list[str]:
    entries = [text for line in document.lines if (text := bullet_text(line))]
    return entries if lists_only else entries or document.sentences


def _table_rows(document: Document, names: Sequence[str]) -> list[Document]:
    """Return the rows of a table, each as lines of `column: cell`."""
    grid = [[cell.strip() for cell in _split_cells(line)] for line in document.lines]
    header_index = next(
        (index for index, cells in enumerate(grid) if len(cells) > 1 and _is_header(cells, names)), None
    )
    if header_index is None:
        return []
    header = grid[header_index]
    documents = []
    for line, cells in zip(document.lines[header_index + 1 :], grid[header_index + 1 :], strict=True):
        if _RULE.match(line):
            continue
        if len(cells) != len(header) or _TOTALS.match(cells[0]):
            break
        labels = [(name, cell) for name, cell in zip(header, cells, strict=True) if cell]
        if not any(find_kind(split_name(name)) == "person" for name in header):
            # The first column usually names the row.
            labels += [(name, cells[0]) for name in ("item", "description", "name") if name not in header]
        documents.append(Document("\n".join(f"{name}: {cell}" for name, cell in labels)))
    return documents


def _split_cells(line: str) -> list[str]:
    if "|" in line or "\t" in line or "  " in line:
        return _CELLS.split(line.strip().strip("|").strip())
    return line.split(",") if line.count(",") > 1 else [line]


def _is_header(cells: Sequence[str], names: Sequence[str]) -> bool:
    """Return whether half of *cells* name columns that the objects have, and none is a number."""
    if any(find_numbers(cell) for cell in cells):
        return False
    kinds = {find_kind(name) for name in names} - {""}
    known = sum(
        1
        for cell in cells
        if find_kind(split_name(cell)) in kinds
        or any(
            similarity(word, other) >= 0.8
            for word in content_words(cell)
            for name in names
            for other in name.split()
        )
    )
    return known * 2 >= len(cells)


def _line_items(document: Document) -> list[Document]:
    """Return a document for each line with a name and a price, with these as labels."""
    items = []
    for line in document.lines:
        part = bullet_text(line) or line
        if _TOTALS.match(part) or EMAIL.search(part) or find_date_mentions(part):
            continue
        if match := _LINE_ITEM.match(part):
            name, price, quantity = match["name"].strip(" -,"), match["price"].strip(), int(match["quantity"])
            labels = [f"{label}: {name}" for label in ("name", "item", "description")]
            labels += [f"quantity: {quantity}", f"unit price: {price}"]
            if total := _TOTAL_OF_LINE.search(match["rest"]):
                labels.append(f"total: {total['total'].strip()}")
            elif numbers := find_numbers(price.strip("$€£₩¥ ")):
                labels.append(f"total: {float(numbers[0] * quantity):.10g}")
            items.append(Document("\n".join(labels)))
        elif match := _PRICED_LINE.match(part):
            items.append(Document(f"name: {match['name']}\nitem: {match['name']}\nprice: {match['price']}"))
    return items


def _position_labels(line: str) -> str:
    """Return a line of a resume as lines with labels: the job is the part that names one."""
    parts = [part.strip() for part in re.split(r",\s+|\s[|–-]\s", line)]
    names = [part for part in parts if not _PERIOD.search(part)]
    jobs = [part for part in names if _JOB_WORDS.search(part)]
    companies = [part for part in names if part not in jobs]
    labels = [("title", jobs), ("position", jobs), ("company", companies), ("organization", companies)]
    return "\n".join([*(f"{name}: {values[0]}" for name, values in labels if values), parts[-1]])


def _person_documents(document: Document) -> list[Document]:
    """Return a document for each person: the line or the sentence with the name."""
    result = []
    for name in find_all_people(document):
        parts = [line for line in document.lines if name in line]
        line = parts[0] if parts else name
        alone = sum(1 for other in find_all_people(document) if other in line) == 1
        after = line[line.find(name) + len(name) :]
        context = line if alone else re.split(r"[,;]\s|\s+and\s+", after)[0]
        result.append(Document(f"name: {name}\n{context}"))
    return result
