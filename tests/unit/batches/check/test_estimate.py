"""The estimated cost of a batch is half of that of the same requests at once."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from core.batches.check.estimate import BatchEstimate, estimate_batch, estimate_time
from core.batches.check.preflight import CheckReport, check_file
from core.pricing.prices import price_of
from tests.unit.batches.input_lines import MODEL, chat_line, embedding_line, write_file

NOW = datetime(2026, 11, 26, tzinfo=UTC)
REPORT = CheckReport(
    None, (), {}, {}, 100, 0, 0, 1_000_000, None, "/v1/chat/completions", MODEL, {}, {}, errors=0, warnings=0
)


def test_compares_the_batch_with_requests_at_once() -> None:
    estimate = estimate_batch(REPORT, NOW, output_tokens=1_000)
    price = price_of(MODEL, NOW)
    assert price is not None
    assert estimate.tokens_out_assumed == 100_000
    assert estimate.cost_sync == price.input + price.output / 10
    assert estimate.cost_batch == estimate.cost_sync / 2 == estimate.saving
    assert "100,000 output tokens assumed" in estimate.basis


def test_assumes_no_more_output_than_the_requests_allow() -> None:
    assert estimate_batch(replace(REPORT, output_limit=5_000), NOW).tokens_out_assumed == 5_000


def test_prices_each_request_by_its_own_length(tmp_path: Path) -> None:
    """Many short requests are no long context, however many tokens they have together."""
    price = price_of("gpt-5.4", NOW, batch=True)
    assert price is not None
    assert price.long_context_rates is not None
    report = replace(REPORT, model="gpt-5.4")
    assert estimate_batch(report, NOW, output_tokens=0).cost_batch == price.input
    long = replace(report, long_lines=1, long_tokens=300_000)
    assert estimate_batch(long, NOW, output_tokens=0).cost_batch == (
        Decimal("0.7") * price.input + Decimal("0.3") * price.long_context_rates.input
    )
    messages = [{"role": "user", "content": "rain " * 300_000}]
    path = write_file(
        tmp_path, chat_line("a", model="gpt-5.4", messages=messages), chat_line("b", model="gpt-5.4")
    )
    checked = check_file(path)
    assert checked.long_lines == 1
    assert 300_000 < checked.long_tokens < checked.tokens < 301_000


def test_assumes_no_output_of_embeddings(tmp_path: Path) -> None:
    report = check_file(write_file(tmp_path, embedding_line(value="비 " * 100)))
    estimate = estimate_batch(report, NOW)
    assert (estimate.tokens_in, estimate.tokens_out_assumed) == (report.tokens, 0)
    assert estimate.cost_batch == report.tokens * Decimal("0.01") / 1_000_000


def test_has_no_cost_for_an_unknown_model(tmp_path: Path) -> None:
    estimate = estimate_batch(check_file(write_file(tmp_path, chat_line(model="my-model"))), NOW)
    assert (estimate.cost_sync, estimate.cost_batch, estimate.saving) == (None, None, None)
    assert "my-model" in estimate.basis


@given(st.integers(0, 10**7), st.integers(0, 10**7), st.integers(1, 50_000), st.integers(1, 50_000))
def test_adds_up(tokens: int, more_tokens: int, lines: int, more_lines: int) -> None:
    parts = [
        estimate_batch(replace(REPORT, tokens=tokens, lines=lines), NOW),
        estimate_batch(replace(REPORT, tokens=more_tokens, lines=more_lines), NOW),
    ]
    whole = estimate_batch(replace(REPORT, tokens=tokens + more_tokens, lines=lines + more_lines), NOW)
    total: BatchEstimate = parts[0] + parts[1]
    assert replace(total, basis="") == replace(whole, basis="")


def test_estimates_the_time_of_both_ways() -> None:
    estimate = estimate_batch(REPORT, NOW, output_tokens=320)
    time = estimate_time(estimate, REPORT.lines, "openai")
    # Two rounds of fifty requests, of 1 second and 320 tokens at 80 a second.
    assert (time.now, time.batch) == (10.0, 24 * 3600)
    assert "50 requests at once of 5.0 seconds" in time.basis
    assert estimate_time(estimate, REPORT.lines, "local").now == 25 * 5
    sandbox = estimate_time(estimate, REPORT.lines, "sandbox")
    assert 0 < sandbox.now < sandbox.batch < 60
