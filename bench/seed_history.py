"""Fills a database with many runs, as months of use leave them."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from itertools import islice
from typing import Any

from core.history.indexer import HistoryIndexer
from core.pricing.prices import Cost
from core.pricing.usage import Usage
from core.runs.run import Run, RunState
from core.storage.run_repository import insert_runs
from core.storage.store import Store

OWNER = "local"
_PAGES = ("chat", "chat", "chat", "compare", "compare", "tools", "vision", "extractor", "batches")
_MODELS = ("gpt-5.4", "gpt-5.4-mini", "gpt-5.4-nano", "gpt-4o-mini", "qwen3:8b")
_SERVERS = ("OpenAI", "OpenAI", "Sandbox", "Ollama")
_STATES = (*[RunState.DONE] * 17, RunState.FAILED, RunState.STOPPED, RunState.CUT_OFF)
_DAYS = 180
_BATCH = 1_000
# Every run has some of these words, and one in a thousand has the rare one.
_TEXT = """
서울 날씨 광합성 번역 요약 회의록 고객 문의 답변 이메일 초안 코드 검토 데이터
분석 보고서 일정 예산 계약 설명 예시 비교
model prompt token reply schema stream image batch error retry price latency table query summary draft
"""
RARE_WORD = "오로라"


def seed_history(store: Store, count: int) -> None:
    """Save and index *count* runs of the last months, always the same ones but for their times."""
    unsaved, indexer = _runs(count), HistoryIndexer(store)
    while batch := list(islice(unsaved, _BATCH)):
        store.write(partial(insert_runs, owner=OWNER, new=batch))
        indexer.index(indexer.outstanding())


def _runs(count: int) -> Iterator[Run]:
    generator = random.Random(20_261_120)
    newest = datetime.now(UTC)
    for number in range(count):
        started_at = newest - timedelta(days=_DAYS) * ((count - number) / count)
        run = _run(generator, started_at, [RARE_WORD] if number % 1_000 == 0 else [])
        yield replace(run, id=f"{number:032x}")


def _run(generator: random.Random, started_at: datetime, extra: Sequence[str]) -> Run:
    words = _TEXT.split()
    model, state = generator.choice(_MODELS), generator.choice(_STATES)
    prompt = " ".join([*generator.choices(words, k=20), *extra])
    params: dict[str, Any] = {"model": model, "messages": [{"role": "user", "content": prompt}]}
    usage = Usage(generator.randrange(20, 4_000), generator.randrange(20, 1_000))
    return Run(
        generator.choice(_PAGES),
        "chat.completions.create",
        params,
        profile=generator.choice(_SERVERS),
        started_at=started_at,
        state=state,
        text=" ".join(generator.choices(words, k=60)),
        model=model,
        usage=usage,
        cost=Cost(Decimal(usage.output_tokens) / 100_000, model),
        first_token=generator.uniform(0.2, 1.5),
        total=generator.uniform(1.5, 20),
    )
