"""Join the results of a batch to the lines of its input file, and page through them."""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import orjson
from sqlalchemy import Connection, Select, delete, func, insert, or_, select

from core.batches.batch import BatchRecord, RequestCounts
from core.batches.check.findings import LineFinding
from core.batches.check.raw_lines import parse_line, raw_lines
from core.batches.folder import BatchFolder
from core.batches.repository import BatchRepository
from core.batches.results.result_lines import ResultLine, ResultState, parse_result, result_lines
from core.errors.types import PlaygroundError
from core.pricing.prices import Price, price_of
from core.pricing.usage import Usage
from core.storage.schema import batch_results

if TYPE_CHECKING:
    from core.storage.store import Store

T = TypeVar("T")

_ROWS_READ = 2_000
# Other threads can hardly run while rows are written.
_ROWS_WRITTEN = 500
# Without pauses, each time that a click needs the interpreter it would wait for the switch interval, 5 ms.
_LINES_WITHOUT_PAUSE = 20
_PAUSE = 0.0002
_NANODOLLARS = Decimal(1_000_000_000)


@dataclass(frozen=True, slots=True)
class ResultRow:
    """The result of line *number* of the input file; *cost* is the list price of the batch, in dollars."""

    number: int
    custom_id: str
    state: ResultState
    status_code: int | None
    text: str
    usage: Usage | None
    cost: Decimal | None
    error_code: str
    error_message: str

    @property
    def parsed(self) -> dict[str, Any] | None:
        """The text as a JSON object; None if it is not one."""
        if not self.text.lstrip().startswith("{"):
            return None
        try:
            value = orjson.loads(self.text)
        except ValueError:
            return None
        return value if isinstance(value, dict) else None


@dataclass(frozen=True, slots=True)
class ErrorCluster:
    """Results with the same error, with one of their custom ids."""

    code: str
    message: str
    count: int
    example: str


def import_results(
    repository: BatchRepository,
    record: BatchRecord,
    folder: BatchFolder,
    on_progress: Callable[[int], object] = lambda _lines: None,
) -> BatchRecord:
    """Read the result files in *folder* into the table and return *record* with its usage and cost.

    The order of the lines does not matter. Of several results of a line a success counts, else the first one.
    Lines without a result are saved as missing. It can be repeated. Blocking. Raises PlaygroundError if the
    input file is not valid, and NotFound if the batch was deleted here.
    """
    numbers = line_numbers(folder.input_file)
    # Blank lines have numbers as well, so that the last number may be larger than the number of ids.
    new_numbers = count(max(numbers.values(), default=0) + 1)
    best: dict[int, ResultState] = {}
    prices = _prices(record)
    rows: dict[int, dict[str, Any]] = {}
    usage, costs = Usage(), [Decimal(0), Decimal(0)]
    for line in paced(chain(result_lines(folder.output_file), result_lines(folder.error_file))):
        if line.custom_id not in numbers:
            numbers[line.custom_id] = next(new_numbers)
        number = numbers[line.custom_id]
        if number in best and (best[number] == ResultState.SUCCEEDED or line.state != ResultState.SUCCEEDED):
            continue
        best[number] = line.state
        charges = [_charge(price, line.usage) for price in prices]
        usage += line.usage or Usage()
        costs = [total + (charge or 0) for total, charge in zip(costs, charges, strict=True)]
        rows[number] = _row(record.id, number, line, charges[0])
        if len(rows) == _ROWS_WRITTEN:
            _replace_rows(repository.store, record.id, list(rows.values()))
            rows.clear()
            on_progress(len(best))
    _replace_rows(repository.store, record.id, list(rows.values()))
    for part in _missing_rows(record.id, numbers, best):
        _replace_rows(repository.store, record.id, part)
    on_progress(len(numbers))
    known_costs = [cost if price else None for cost, price in zip(costs, prices, strict=True)]
    return repository.update(record.id, partial(replace, **_totals(len(numbers), best, usage, known_costs)))


def paced(lines: Iterable[T]) -> Iterator[T]:
    """Yield *lines*, with short pauses in which other threads run."""
    for number, line in enumerate(lines):
        if number % _LINES_WITHOUT_PAUSE == 0:
            time.sleep(_PAUSE)
        yield line


def save_result(store: "Store", record: BatchRecord, number: int, line: dict[str, Any]) -> None:
    """Save the result *line* of the line *number*, as of a batch whose requests are made now. Blocking."""
    result = parse_result(line)
    row = _row(record.id, number, result, _charge(_prices(record)[0], result.usage))
    _replace_rows(store, record.id, [row])


def _prices(record: BatchRecord) -> list[Price | None]:
    """Return the price of the requests of *record*, and that of the same requests without a batch."""
    is_batch = record.job_id is None
    return [price_of(record.model, record.created_at, batch=batch) for batch in (is_batch, False)]


def _totals(
    lines: int, best: dict[int, ResultState], usage: Usage, costs: list[Decimal | None]
) -> dict[str, Any]:
    """Return the fields of a record that its results fill; *costs* are those of the batch and without it."""
    succeeded = Counter(best.values())[ResultState.SUCCEEDED]
    if succeeded and not usage.total_tokens:  # some servers send no usage
        costs = [None, None]
    results = RequestCounts(lines, succeeded, len(best) - succeeded)
    return {"lines": lines, "usage": usage, "cost": costs[0], "sync_cost": costs[1], "results": results}


def line_numbers(path: Path) -> dict[str, int]:
    """Return the numbers of the custom ids; none without the input file, as of a batch made elsewhere."""
    numbers: dict[str, int] = {}
    if path.exists():
        for line in paced(raw_lines(path)):
            if line.continued or line.is_blank:
                continue
            value = parse_line(line)
            if isinstance(value, LineFinding) or not isinstance(value.get("custom_id"), str):
                problem = f"Line {line.number:,} of the input file is not a request with a custom_id."
                hint = "Download the result files instead: they cannot be matched with this input."
                raise PlaygroundError(problem, hint)
            numbers.setdefault(value["custom_id"], line.number)
    return numbers


def _charge(price: Price | None, usage: Usage | None) -> Decimal | None:
    return price.rates_for(usage.input_tokens).charge(usage)[0] if price and usage else None


def _row(batch_id: str, number: int, line: ResultLine, cost: Decimal | None) -> dict[str, Any]:
    return {
        "batch_id": batch_id,
        "number": number,
        "custom_id": _storable(line.custom_id),
        "state": line.state.value,
        "status_code": line.status_code,
        "text": _storable(line.text),
        "input_tokens": line.usage.input_tokens if line.usage else 0,
        "output_tokens": line.usage.output_tokens if line.usage else 0,
        "cost": int(cost * _NANODOLLARS) if cost is not None else None,
        "error_code": _storable(line.error_code),
        "error_message": _storable(line.error_message),
    }


def _storable(text: str) -> str:
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}")  # PostgreSQL stores no NUL


def _missing_rows(
    batch_id: str, numbers: dict[str, int], states: dict[int, ResultState]
) -> Iterator[list[dict[str, Any]]]:
    missing = [(number, custom_id) for custom_id, number in numbers.items() if number not in states]
    for start in range(0, len(missing), _ROWS_WRITTEN):
        yield [
            _row(batch_id, number, ResultLine(custom_id, ResultState.MISSING, error_code="missing"), None)
            for number, custom_id in missing[start : start + _ROWS_WRITTEN]
        ]


def _replace_rows(store: "Store", batch_id: str, rows: Sequence[dict[str, Any]]) -> None:
    """Write one part of the rows, in a transaction that others need not wait for long."""
    if not rows:
        return
    columns = batch_results.c
    numbers = [row["number"] for row in rows]

    def write(connection: Connection) -> None:
        matches = columns.batch_id == batch_id, columns.number.in_(numbers)
        connection.execute(delete(batch_results).where(*matches))
        connection.execute(insert(batch_results), rows)

    store.write(write)


@dataclass(frozen=True, slots=True)
class ResultTable:
    """The imported results of the batch with our id *batch_id*, of which *store* reads a page at a time."""

    store: "Store"
    batch_id: str

    def page(
        self, limit: int = 100, offset: int = 0, search: str = "", state: ResultState | None = None
    ) -> list[ResultRow]:
        """Return the rows in the order of the input, with *search* in their id, text or error."""
        query = self._filter(select(batch_results), search, state)
        query = query.order_by(batch_results.c.number).limit(limit).offset(offset)
        return [_result_row(row) for row in self.store.read(lambda db: db.execute(query).all())]

    def count(self, search: str = "", state: ResultState | None = None) -> int:
        query = self._filter(select(func.count()).select_from(batch_results), search, state)
        return self.store.read(lambda db: db.scalar(query)) or 0

    def counts(self) -> dict[ResultState, int]:
        """Return the number of rows of each state that occurs."""
        state = batch_results.c.state
        query = self._filter(select(state, func.count())).group_by(state)
        rows = self.store.read(lambda db: db.execute(query).all())
        return {ResultState(value): count for value, count in rows}

    def clusters(self, limit: int = 100) -> list[ErrorCluster]:
        """Return the errors by code and message, the most frequent first."""
        columns = batch_results.c
        query = self._filter(
            select(columns.error_code, columns.error_message, func.count(), func.min(columns.custom_id))
        )
        query = query.where(columns.state != ResultState.SUCCEEDED.value)
        query = query.group_by(columns.error_code, columns.error_message)
        query = query.order_by(func.count().desc(), columns.error_code).limit(limit)
        return [ErrorCluster(*row) for row in self.store.read(lambda db: db.execute(query).all())]

    def rows(self) -> Iterator[ResultRow]:
        """Read all rows in the order of the input, a part at a time."""
        last = -1
        columns = batch_results.c
        while True:
            query = self._filter(select(batch_results)).where(columns.number > last)
            query = query.order_by(columns.number).limit(_ROWS_READ)
            part = [_result_row(row) for row in self._all(query)]
            if not part:
                return
            yield from part
            last = part[-1].number

    def _all(self, query: Select[Any]) -> Sequence[Any]:
        return self.store.read(lambda db: db.execute(query).all())

    def _filter(self, query: Select[Any], search: str = "", state: ResultState | None = None) -> Select[Any]:
        columns = batch_results.c
        query = query.where(columns.batch_id == self.batch_id)
        if state:
            query = query.where(columns.state == state.value)
        if search:
            searched = columns.custom_id, columns.text, columns.error_code, columns.error_message
            query = query.where(or_(*(column.icontains(search, autoescape=True) for column in searched)))
        return query


def _result_row(row: Any) -> ResultRow:
    has_usage = row.input_tokens or row.output_tokens
    return ResultRow(
        row.number,
        row.custom_id,
        ResultState(row.state),
        row.status_code,
        row.text,
        Usage(row.input_tokens, row.output_tokens) if has_usage else None,
        Decimal(row.cost) / _NANODOLLARS if row.cost is not None else None,
        row.error_code,
        row.error_message,
    )
