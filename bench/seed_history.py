"""Fills a database with many runs, as months of use leave them. For SQLite."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Integer,
    TableClause,
    Text,
    column,
    func,
    insert,
    literal,
    select,
    table,
    true,
    values,
)

from core.history.indexer import HistoryIndexer
from core.pricing.prices import Cost
from core.pricing.usage import Usage
from core.runs.run import Run, RunState
from core.storage.history_schema import history_entries, history_texts
from core.storage.run_repository import insert_runs
from core.storage.schema import runs
from core.storage.store import Store
from core.storage.text_search import tokens

OWNER = "local"
_PAGES = ("chat", "chat", "chat", "compare", "compare", "tools", "vision", "extractor", "batches")
_MODELS = ("gpt-5.4", "gpt-5.4-mini", "gpt-5.4-nano", "gpt-4o-mini", "qwen3:8b")
_SERVERS = ("OpenAI", "OpenAI", "Sandbox", "Ollama")
_STATES = (*[RunState.DONE] * 17, RunState.FAILED, RunState.STOPPED, RunState.CUT_OFF)
_DAYS = 180
# Every run has some of these words; the rare ones are in one run of a hundred and of a thousand.
_TEXT = """
서울 날씨 광합성 번역 요약 회의록 고객 문의 답변 이메일 초안 코드 검토 데이터
분석 보고서 일정 예산 계약 설명 예시 비교
model prompt token reply schema stream image batch error retry price latency table query summary draft
"""
RARE_WORDS = {"노을": 100, "오로라": 1_000}
# So many runs are saved and indexed like those of a page; the others are copies of them.
DISTINCT_RUNS = 1_000
_SEARCH = table("history_search", column("rowid"), column("tokens"))


def seed_history(store: Store, count: int, reply_words: int = 60) -> None:
    """Save and index *count* runs of the last months, a multiple of `DISTINCT_RUNS`, greater than it.

    Their replies have *reply_words* words; the fewer, the faster.
    """
    interval = timedelta(days=_DAYS) / count
    oldest = datetime.now(UTC) - interval * count
    distinct = [
        replace(run, started_at=oldest + interval * number)
        for number, run in enumerate(distinct_runs(reply_words))
    ]
    store.write(partial(insert_runs, owner=OWNER, new=distinct))
    indexer = HistoryIndexer(store)
    indexer.index(indexer.outstanding())
    store.run_transaction(lambda connection: _copy_rows(connection, count, interval))


def distinct_runs(reply_words: int = 60) -> list[Run]:
    """Return the runs that `seed_history` saves, without its copies of them: the same ones each time."""
    generator = random.Random(20_261_120)
    return [_run(generator, number, reply_words) for number in range(DISTINCT_RUNS)]


def _run(generator: random.Random, number: int, reply_words: int) -> Run:
    words = _TEXT.split()
    model, state = generator.choice(_MODELS), generator.choice(_STATES)
    rare = [word for word, runs_per_word in RARE_WORDS.items() if number % runs_per_word == 0]
    prompt = " ".join([*generator.choices(words, k=20), *rare])
    params: dict[str, Any] = {"model": model, "messages": [{"role": "user", "content": prompt}]}
    usage = Usage(generator.randrange(20, 4_000), generator.randrange(20, 1_000))
    return Run(
        generator.choice(_PAGES),
        "chat.completions.create",
        params,
        id=f"{number:032x}",
        profile=generator.choice(_SERVERS),
        state=state,
        text=" ".join(generator.choices(words, k=reply_words)),
        model=model,
        usage=usage,
        cost=Cost(Decimal(usage.output_tokens) / 100_000, model),
        first_token=generator.uniform(0.2, 1.5),
        total=generator.uniform(1.5, 20),
    )


def _copy_rows(connection: Connection, count: int, interval: timedelta) -> None:
    """Copy the rows of the distinct runs until there are *count*, each copy later than the one before."""
    copies = select(literal(1).label("number")).cte("copies", recursive=True)
    copies = copies.union_all(select(copies.c.number + 1).where(copies.c.number < count // DISTINCT_RUNS - 1))
    offset = copies.c.number * DISTINCT_RUNS
    later = func.printf("%f seconds", offset * interval.total_seconds())

    def copy(source: FromClause, target: TableClause, **changed: ColumnElement[Any]) -> None:
        columns = [changed.get(column.name, column) for column in source.c]
        rows = select(*columns).select_from(source).join(copies, true()).order_by(copies.c.number)
        connection.execute(insert(target).from_select([*target.c], rows))

    for each in (runs, history_entries):
        run_id = func.printf("%032x", each.c.seq + offset - 1)
        started_at = func.strftime("%Y-%m-%d %H:%M:%f000", each.c.started_at, later)
        changed = {"seq": each.c.seq + offset, "id": run_id, "run_id": run_id, "started_at": started_at}
        changed["day"] = func.substr(started_at, 1, 10)
        body_time = func.replace(started_at, " ", "T").concat("Z")
        changed["body"] = func.json_set(runs.c.body, "$.id", run_id, "$.started_at", body_time)
        copy(each, each, **changed)
    texts = connection.execute(select(history_texts)).all()
    copy(history_texts, history_texts, seq=history_texts.c.seq + offset)
    rows = [(row.seq, " ".join(tokens(row.text))) for row in texts]
    words = values(column("rowid", Integer), column("tokens", Text)).data(rows).cte("words")
    copy(words, _SEARCH, rowid=words.c.rowid + offset)
