"""What of a request is overhead, and what the server itself counts."""

from dataclasses import dataclass
from typing import Any

import streamlit as st

from components.session import repositories, session
from components.ui import run_inspector
from components.ui.error_card import error_card
from components.ui.markdown_escape import escape_markdown
from core.client.client import connect
from core.errors.explain import explain
from core.errors.types import Explanation
from core.runs.log import RunLog
from core.runs.run import Run, RunState
from core.tokens import server_count
from core.tokens.analysis import TokenAnalysis
from core.tokens.estimate import TokenEstimate, estimate_tokens, message_breakdown

_MAX_ROWS = 500
_PART_LABELS = {
    "start of the reply": "reply priming",
    "tools": "tools",
    "reply schema": "reply schema",
}


@dataclass(slots=True)
class _LastCount:
    """What the server counted last: *counted* is *of*, or what of it the server takes."""

    requested_params: dict[str, Any] | None = None
    counted_params: dict[str, Any] | None = None
    run: Run | None = None


def breakdown_panel(found: TokenAnalysis) -> None:
    """Break down the request that the reading is, or would be as a user's message, and offer to count it."""
    params = {**found.to_request(), "model": found.options.model}
    estimated = found.estimate or estimate_tokens(params)
    if not found.estimate:
        st.caption("As the one message of a user:")
    st.dataframe(
        _rows(params, estimated), hide_index=True, placeholder="–", alt="Tokens by message and what for"
    )
    st.markdown(_summary(params, estimated))
    last = session.session_object(_LastCount)
    if st.button("Count exactly on the server", icon=":material/calculate:", key="tokens.count"):
        last.requested_params, (last.counted_params, last.run) = params, _count_what_is_taken(params)
    if last.run and last.counted_params and last.requested_params == params:
        _result(last.run, last.counted_params, partly=last.counted_params != params)


def _rows(params: dict[str, Any], estimated: TokenEstimate) -> dict[str, list[Any]]:
    messages = message_breakdown(params)[:_MAX_ROWS]
    whole = [(_PART_LABELS[name], tokens) for name, tokens in estimated.parts if name in _PART_LABELS]
    blank = [None] * len(whole)
    return {
        "Part": [f"{at}. {message.role}" for at, message in enumerate(messages, 1)]
        + [name for name, _ in whole],
        "Framing": [message.framing_tokens for message in messages] + blank,
        "Role": [message.role_tokens for message in messages] + blank,
        "Name": [message.name_tokens for message in messages] + blank,
        "Text": [message.text_tokens for message in messages] + blank,
        "Images": [message.image_tokens for message in messages] + blank,
        "Total": [message.total for message in messages] + [tokens for _, tokens in whole],
    }


def _summary(params: dict[str, Any], estimated: TokenEstimate) -> str:
    said = sum(message.text_tokens + message.image_tokens for message in message_breakdown(params))
    notes = f" Not certain: {escape_markdown('; '.join(estimated.notes))}." if estimated.notes else ""
    return (
        f"Estimated: **{estimated.tokens:,} tokens**, {said:,} for what the messages say and "
        f"{estimated.tokens - said:,} of overhead.{notes}"
    )


def _count_what_is_taken(params: dict[str, Any]) -> tuple[dict[str, Any], Run]:
    """Count all of it, or the messages alone where the server refuses tools and schemas."""
    run = _count(params)
    messages = {name: params[name] for name in ("model", "messages")}
    if run.error is None or run.error.status not in (400, 422) or messages == params:
        return params, run
    alone = _count(messages)
    return (params, run) if alone.error else (messages, alone)


def _count(params: dict[str, Any]) -> Run:
    """Have the server count, and keep the run of it as any other."""
    profile = session.profile()
    log = RunLog(Run("tokens", server_count.ENDPOINT, {}, profile=profile.name, base_url=profile.base_url))

    async def ask() -> None:
        await server_count.count_and_record(await connect(profile), params, log)

    try:
        session.run_async(ask())
    except TimeoutError as late:
        log.end(RunState.FAILED, explain(late, base_url=profile.base_url))
    runs = repositories.run_repository()
    runs.save(log.snapshot())
    runs.append_events(log.id, log.events)
    return log.snapshot()


def _result(run: Run, counted_params: dict[str, Any], partly: bool) -> None:
    if run.error or not run.response:
        why = run.error or Explanation("The server did not say how many", "Trust the estimate.")
        error_card(why, ":material/info:", prefix="This server did not count:", level="info")
    else:
        tokens = int(run.response["input_tokens"])
        off = tokens - estimate_tokens(counted_params).tokens
        difference = f"{off:+,} against the estimate" if off else "exactly as estimated"
        of = " for the messages alone, as it counts no tools or schemas" if partly else ""
        st.success(
            f"Counted by the server: **{tokens:,} tokens**{of}, {difference}.", icon=":material/check:"
        )
        if any(message.name_tokens for message in message_breakdown(counted_params)):
            st.caption("It does not count the names of messages: the Responses API has none.")
    if st.button("Code, request, response, events", icon=":material/code:", key="tokens.inspect"):
        run_inspector.show(run.id)
