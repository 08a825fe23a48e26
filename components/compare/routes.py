"""The HTTP routes of a comparison: send a prompt to all variants, follow the runs, change the variants."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import orjson
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from components.compare.comparisons import get_comparison, update_comparison
from components.compare.run_streams import stream_runs
from components.compare.views import (
    comparison_view,
    difference_view,
    load_runs,
    reply_message,
    summary_view,
)
from components.session.authorization import authorised
from components.session.live_session import LiveSession
from core.compare.quick.comparison import (
    MAX_TURNS,
    ComparisonTurn,
    QuickComparison,
    repeat_last_turn,
    start_turn,
)
from core.errors.types import PlaygroundError
from core.runs.run import Run, RunState

Change = Callable[[QuickComparison], QuickComparison]

MAX_BODY_BYTES = 2_000_000
_MAX_NAME = 100


def compare_routes() -> list[BaseRoute]:
    """Return the routes; each needs the token of an open session and the id of a comparison."""
    return [
        Route("/{id}", authorised(_get_comparison)),
        Route("/{id}/prompt", authorised(_save_prompt), methods=["POST"]),
        Route("/{id}/run", authorised(_run), methods=["POST"]),
        Route("/{id}/stream", authorised(_follow)),
        Route("/{id}/differences", authorised(_differences)),
        Route("/{id}/stop", authorised(_stop), methods=["POST"]),
        Route("/{id}/variants/{variant}/{change}", authorised(_change_variant), methods=["POST"]),
    ]


async def _get_comparison(request: Request, session: LiveSession) -> Response:
    return await _view_response(session, get_comparison(request.path_params["id"]))


async def _view_response(session: LiveSession, comparison: QuickComparison) -> Response:
    view = await asyncio.to_thread(comparison_view, comparison, session.calls, session.profiles)
    return Response(orjson.dumps(view), media_type="application/json")


async def _save_prompt(request: Request, _session: LiveSession) -> Response:
    text = _text(await _json_body(request), "text")
    await asyncio.to_thread(
        update_comparison, request.path_params["id"], lambda current: replace(current, prompt=text)
    )
    return JSONResponse({})


async def _run(request: Request, session: LiveSession) -> Response:
    """Send a prompt to all variants, as the first turn or a follow-up, or the last prompt to one of them."""
    comparison_id, body = request.path_params["id"], await _json_body(request)
    async with session.send_lock:
        comparison = get_comparison(comparison_id)
        runs = await asyncio.to_thread(session.calls.current_runs, comparison.run_ids)
        if variant_id := str(body.get("variant") or ""):
            _ensure_not_running(comparison, session, variant_id)
            turn = await repeat_last_turn(session.calls, session.profiles, comparison, variant_id, runs)
            run_ids = [turn.run_ids[variant_id]]
            change: Change = partial(_with_last_turn, turn=turn)
        else:
            _ensure_not_running(comparison, session)
            turn, change = await _start(session, comparison, runs, body)
            run_ids = [*turn.run_ids.values()]
        comparison = await asyncio.to_thread(update_comparison, comparison_id, change)
    view = await asyncio.to_thread(comparison_view, comparison, session.calls, session.profiles)
    return await _stream(
        session, comparison_id, dict.fromkeys(run_ids, 0), {"t": "start", "started": run_ids, **view}
    )


async def _start(
    session: LiveSession, comparison: QuickComparison, runs: Mapping[str, Run], body: Mapping[str, Any]
) -> tuple[ComparisonTurn, Change]:
    """Start a turn, and return it with what adds it to the comparison."""
    text = _text(body, "text").strip()
    if not text:
        raise PlaygroundError("The prompt is empty", "Enter what to ask the models.")
    is_follow_up = bool(body.get("follow_up"))
    earlier = comparison.turns if is_follow_up else ()
    if len(earlier) >= MAX_TURNS:
        raise PlaygroundError(f"A comparison has at most {MAX_TURNS} turns", "Run a new prompt instead.")
    prompt = comparison.prompt if is_follow_up else text
    turn = await start_turn(session.calls, session.profiles, replace(comparison, turns=earlier), text, runs)
    return turn, lambda current: replace(current, prompt=prompt, turns=(*earlier, turn))


def _with_last_turn(comparison: QuickComparison, turn: ComparisonTurn) -> QuickComparison:
    return replace(comparison, turns=(*comparison.turns[:-1], turn))


def _ensure_not_running(comparison: QuickComparison, session: LiveSession, variant_id: str = "") -> None:
    """Raise PlaygroundError if replies are in progress: those of one variant, or of any."""
    if not comparison.turns:
        if variant_id:
            raise PlaygroundError("Nothing was sent yet", "Run the prompt first.")
        return
    last = comparison.turns[-1].run_ids
    run_ids = [last[variant_id]] if variant_id in last else [] if variant_id else [*last.values()]
    if any(session.calls.job(run_id) for run_id in run_ids):
        raise PlaygroundError("Replies are still in progress", "Stop them, or wait until they end.")


async def _follow(request: Request, session: LiveSession) -> Response:
    """Stream the runs in the query, each as `run=ID:AFTER`, from delta number AFTER on."""
    comparison_id = request.path_params["id"]
    known = set(get_comparison(comparison_id).run_ids)
    positions = {}
    for source in request.query_params.getlist("run"):
        run_id, _, after = source.partition(":")
        if run_id in known:
            positions[run_id] = int(after) if after.isdecimal() and len(after) < 10 else 0
    return await _stream(session, comparison_id, positions)


async def _stream(
    session: LiveSession, comparison_id: str, positions: Mapping[str, int], first: Any = None
) -> Response:
    jobs = {run_id: (job, after) for run_id, after in positions.items() if (job := session.calls.job(run_id))}
    ended_ids = [run_id for run_id in positions if run_id not in jobs]
    runs = await asyncio.to_thread(load_runs, session.calls, ended_ids) if ended_ids else {}
    ended = [run for run in runs.values() if run.state is not RunState.RUNNING]
    return stream_runs(jobs, ended, session, partial(_summary_event, session, comparison_id), first)


def _summary_event(session: LiveSession, comparison_id: str) -> dict[str, Any]:
    """The last line of a stream: what stands out, and whether there is anything left to follow."""
    comparison = get_comparison(comparison_id)
    runs = session.calls.current_runs(comparison.run_ids)
    return {"t": "summary", "summary": summary_view(comparison, runs)}


async def _differences(request: Request, session: LiveSession) -> Response:
    """Return the last replies of the variants `left` and `right`, in pieces that are changed or not."""
    last = get_comparison(request.path_params["id"]).turns[-1:]
    ids = [
        turn.run_ids.get(request.query_params.get(side, ""), "")
        for turn in last
        for side in ("left", "right")
    ]

    def compare_texts() -> Any:
        runs = load_runs(session.calls, ids)
        texts = (reply_message(runs[run_id])["text"] if run_id in runs else "" for run_id in ids)
        return difference_view(*texts)

    if not all(ids) or not ids:
        raise PlaygroundError("There are no two replies to compare", "Run the prompt first.")
    return Response(orjson.dumps(await asyncio.to_thread(compare_texts)), media_type="application/json")


async def _stop(request: Request, session: LiveSession) -> Response:
    """Stop the run in the body, or all of the comparison, without waiting: the stream has their ends."""
    comparison = get_comparison(request.path_params["id"])
    run_id = (await _json_body(request)).get("run")
    for known in comparison.run_ids:
        if run_id in (None, known) and (job := session.calls.job(known)):
            job.stop()
    return JSONResponse({})


async def _change_variant(request: Request, session: LiveSession) -> Response:
    comparison_id, variant_id = request.path_params["id"], request.path_params["variant"]
    change = _CHANGES.get(request.path_params["change"])
    if change is None:
        raise PlaygroundError("Unknown change", "Reload the page.")
    body = await _json_body(request)
    before = get_comparison(comparison_id)
    comparison = await asyncio.to_thread(
        update_comparison, comparison_id, lambda current: change(current, variant_id, body)
    )
    # What nobody sees any more should cost nothing more.
    for run_id in {*before.run_ids} - {*comparison.run_ids}:
        if job := session.calls.job(run_id):
            job.stop()
    return await _view_response(session, comparison)


def _rename(comparison: QuickComparison, variant_id: str, body: Mapping[str, Any]) -> QuickComparison:
    name = _text(body, "name").strip()[:_MAX_NAME]
    return comparison.with_variant(comparison.variant(variant_id).model_copy(update={"name": name}))


def _set_model(comparison: QuickComparison, variant_id: str, body: Mapping[str, Any]) -> QuickComparison:
    variant = comparison.variant(variant_id)
    changed = variant.with_model(_text(body, "model").strip(), _text(body, "server") or None)
    return comparison.with_variant(changed)


def _move(comparison: QuickComparison, variant_id: str, body: Mapping[str, Any]) -> QuickComparison:
    return comparison.moved(variant_id, -1 if body.get("steps") == -1 else 1)


_CHANGES: Mapping[str, Callable[[QuickComparison, str, Mapping[str, Any]], QuickComparison]] = {
    "rename": _rename,
    "model": _set_model,
    "move": _move,
    "copy": lambda comparison, variant_id, _body: comparison.with_copy(variant_id),
    "remove": lambda comparison, variant_id, _body: comparison.without(variant_id),
}


def _text(body: Mapping[str, Any], name: str) -> str:
    value = body.get(name)
    return value if isinstance(value, str) else ""


async def _json_body(request: Request) -> Mapping[str, Any]:
    """Return the JSON object of the request. Raises PlaygroundError if it is none, or too large."""
    raw = bytearray()
    invalid = PlaygroundError("The request body is not valid", "Reload the page and try again.")
    try:
        async for chunk in request.stream():
            raw += chunk
            if len(raw) > MAX_BODY_BYTES:
                raise PlaygroundError("The prompt is too long", "The limit is 2 MB.")
        body = orjson.loads(raw)
    except (ClientDisconnect, orjson.JSONDecodeError):
        raise invalid from None
    if not isinstance(body, dict):
        raise invalid
    return body
