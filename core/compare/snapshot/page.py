"""Write a board as a page that needs nothing else; its policy lets it run its own script and load nothing."""

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from html import escape
from pathlib import Path

from core.compare.boards.board import Board, Case, CellKey
from core.compare.boards.cells import Cell, Cells
from core.compare.judging.ratings import blind_order
from core.compare.snapshot.ballots import LABELS, BallotKey
from core.compare.snapshot.chart import bar_chart
from core.compare.statistics.summary import dollars, seconds, summarise
from core.compare.statistics.variant_statistics import Rate, VariantStatistics, group_answers
from core.compare.variants.reply import NOT_RECORDED, reply_text
from core.compare.variants.requests import variant_request
from core.compare.variants.variant import Variant
from core.files.html_page import html_page

_ASSETS = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class BlindSnapshot:
    """A page that hides the variants, and the file that says which is which."""

    html: str
    key: BallotKey


def snapshot_html(
    board: Board,
    cells: Cells,
    statistics: Sequence[VariantStatistics],
    created: datetime,
    wins: Mapping[str, Rate] = {},
) -> str:
    """Write *board* with its results: summary, charts, figures, replies and prompts.

    *wins* are the comparisons that variants have won, such as by the verdicts of a judge.
    """
    body = [
        _header(board, created),
        f"<ul>{''.join(f'<li>{escape(sentence)}</li>' for sentence in summarise(statistics, wins))}</ul>",
        _charts(statistics, wins),
        _figures(statistics),
        "<h2>Replies</h2>",
        *(_case(board, cells, case, number) for number, case in enumerate(board.cases, 1)),
        "<h2>Prompts and settings</h2>",
        *(_prompt(variant) for variant in board.enabled_variants),
    ]
    return _document(board.name, "".join(body))


def blind_snapshot(board: Board, cells: Cells, created: datetime) -> BlindSnapshot:
    """Write the first replies of *board* in a random order for each case, to vote for without their variants.

    Nothing in the page says where a reply is from, unless the reply itself does.
    """
    # Not the id of the board, by which the orders are made.
    token = secrets.token_hex(8)
    variants = [variant.id for variant in board.enabled_variants][: len(LABELS)]
    orders = [blind_order(token, case.id, variants) for case in board.cases]
    fields = (
        _ballot_case(cells, case, number, order)
        for number, (case, order) in enumerate(zip(board.cases, orders, strict=True), 1)
    )
    body = (
        f"{_header(board, created)}<p>Choose the best reply to each case. The models are hidden, and their "
        "order is different in each case.</p>"
        f'<form class="ballot-form" data-snapshot="{token}">{"".join(fields)}'
        '<p><label>Your name <input type="text" name="voter" maxlength="200" autocomplete="name"></label></p>'
        f'<div class="ballot"><span><output>0</output> of {len(board.cases):,} cases</span>'
        '<button class="button">Download ballot</button></div></form>'
    )
    titles = {variant.id: variant.title for variant in board.enabled_variants}
    key = BallotKey(
        snapshot=token,
        board_id=board.id,
        variants={variant_id: titles[variant_id] for variant_id in variants},
        cases=tuple(map(tuple, orders)),
    )
    return BlindSnapshot(_document(f"{board.name}: vote", body), key)


def _document(title: str, body: str) -> str:
    return html_page(title, body, _ASSETS / "page.css", _ASSETS / "page.js")


def _header(board: Board, created: datetime) -> str:
    counts = (
        f"{len(board.enabled_variants):,} variants · {len(board.cases):,} cases · "
        f"{board.repetitions:,} {'repetition' if board.repetitions == 1 else 'repetitions'} · "
        f"{created.day} {created:%B %Y}"
    )
    return f'<header><h1>{escape(board.name)}</h1><p class="muted">{counts}</p></header>'


def _charts(statistics: Sequence[VariantStatistics], wins: Mapping[str, Rate]) -> str:
    won = [(each.title, wins[each.variant_id]) for each in statistics if each.variant_id in wins]
    checked = [(each.title, each.checks) for each in statistics]
    shares, passed = (
        [(title, rate.share, f"{rate.share:.0%}") for title, rate in rates if rate.share is not None]
        for rates in (won, checked)
    )
    costs = [
        (each.title, float(each.cost_per_1000), dollars(float(each.cost_per_1000)))
        for each in statistics
        if each.cost_per_1000 is not None
    ]
    times = [(each.title, each.total.median, seconds(each.total.median)) for each in statistics if each.total]
    charts = (
        ("Comparisons won", shares, 1.0),
        ("Checks passed", passed, 1.0),
        ("Cost of 1,000 calls", costs, None),
        ("Median time of a reply", times, None),
    )
    drawn = "".join(bar_chart(title, bars, maximum) for title, bars, maximum in charts if bars)
    return f'<div class="charts">{drawn}</div>' if drawn else ""


def _figures(statistics: Sequence[VariantStatistics]) -> str:
    heads = ("Variant", "Replies", "Failed", "Checks", "First token", "Total", "p95", "Tokens", "Per 1,000")
    header = "".join(f'<th scope="col"><button type="button">{escape(head)}</button></th>' for head in heads)
    rows = (
        (
            f"<td>{escape(each.title)}</td>",
            _figure(each.done, f"{each.done:,}"),
            _figure(each.failures, f"{each.failures:,}"),
            _figure(each.checks.share, _checks(each)),
            _seconds(each.first_token.median if each.first_token else None),
            _seconds(each.total.median if each.total else None),
            _seconds(each.total.p95 if each.total else None),
            _figure(each.output_tokens.median if each.output_tokens else None, _tokens(each)),
            _figure(each.cost_per_1000, _cost(each)),
        )
        for each in statistics
    )
    body = "".join(f"<tr>{''.join(row)}</tr>" for row in rows)
    return (
        '<h2>Figures</h2><div class="scroll" tabindex="0" role="region" aria-label="Figures">'
        f'<table class="sortable"><thead><tr>{header}</tr></thead><tbody>{body}</tbody></table></div>'
        '<p class="muted">Checks with their 95% interval. Times and tokens are medians of complete replies; '
        "95% of them take no longer than p95. Costs are at list price.</p>"
    )


def _checks(each: VariantStatistics) -> str:
    low, high = each.checks.interval
    return f"{each.checks.share:.0%} ({low:.0%} to {high:.0%})" if each.checks.share is not None else ""


def _seconds(value: float | None) -> str:
    return _figure(value, "" if value is None else seconds(value))


def _tokens(each: VariantStatistics) -> str:
    return f"{each.output_tokens.median:,.0f}" if each.output_tokens else ""


def _cost(each: VariantStatistics) -> str:
    return "" if each.cost_per_1000 is None else dollars(float(each.cost_per_1000))


def _figure(value: float | Decimal | None, text: str) -> str:
    """Return a cell that is sorted by *value*."""
    return f'<td data-value="{"" if value is None else value}">{escape(text)}</td>'


def _case(board: Board, cells: Cells, case: Case, number: int) -> str:
    cards = []
    for variant in board.enabled_variants:
        keys = (CellKey(variant.id, case.id, repetition) for repetition in range(1, board.repetitions + 1))
        own = [cells[key] for key in keys if key in cells]
        if own:
            cards.append(f'<div class="card"><h3>{escape(variant.title)}</h3>{_replies(own)}</div>')
    return (
        f'<section class="case"><h3>Case {number:,}</h3>{_values(case)}'
        f'<div class="replies">{"".join(cards)}</div></section>'
    )


def _replies(cells: Sequence[Cell]) -> str:
    groups = group_answers(cell.run for cell in cells if cell.has_reply)
    parts = []
    for group in groups:
        times = f'<p class="muted">{group.count:,} times</p>' if group.count > 1 else ""
        parts.append(f'<div class="text">{escape(group.text)}</div>{times}')
    if any(cell.is_done and not cell.has_reply for cell in cells):
        parts.append(f'<p class="muted">{NOT_RECORDED}</p>')
    failed = [cell.run for cell in cells if not cell.is_done]
    for run in failed[:1]:
        reason = run.error.title if run.error else run.state.value.replace("_", " ")
        parts.append(f'<p class="failed">{len(failed):,} failed: {escape(reason)}</p>')
    first = cells[0].run
    facts = [
        seconds(first.total) if first.total is not None else "",
        f"{first.usage.output_tokens:,} tokens" if first.usage else "",
    ]
    return "".join(parts) + f'<p class="muted">{" · ".join(filter(None, facts))}</p>'


def _values(case: Case) -> str:
    rows = [f"{escape(name)}: {escape(value)}" for name, value in case.variables.items()]
    if case.expected:
        rows.append(f"expected: {escape(case.expected)}")
    return "".join(f'<p class="text muted">{row}</p>' for row in rows)


def _prompt(variant: Variant) -> str:
    params = variant_request(variant, {}).params
    source = json.dumps(params, indent=2, ensure_ascii=False)
    return (
        f'<details class="case"><summary>{escape(variant.title)}</summary>'
        f'<div class="text">{escape(source)}</div></details>'
    )


def _ballot_case(cells: Cells, case: Case, number: int, order: Sequence[str]) -> str:
    cards, choices = [], []
    for letter, variant_id in zip(LABELS, order, strict=False):
        cell = cells.get(CellKey(variant_id, case.id, 1))
        text = reply_text(cell.run) if cell and cell.has_reply else "There is no reply."
        cards.append(f'<div class="card"><h3>{letter}</h3><div class="text">{escape(text)}</div></div>')
        choices.append((letter, letter))
    radios = "".join(
        f'<label><input type="radio" name="case-{number}" value="{value}"> {label}</label>'
        for value, label in (*choices, ("tie", "Equally good"))
    )
    return (
        f'<fieldset class="case" data-case="{number}"><legend>Case {number:,}</legend>{_values(case)}'
        f'<div class="replies">{"".join(cards)}</div>'
        f'<div class="choices" role="radiogroup" aria-label="Best reply to case {number:,}">{radios}</div>'
        f'<label class="muted">Comment <input type="text" maxlength="4000"></label></fieldset>'
    )
