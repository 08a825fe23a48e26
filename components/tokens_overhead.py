"""What of a request is overhead, and what the server itself counts."""

from typing import Any

import streamlit as st

from components import session
from components.plain import plain
from core import clients, counted
from core.counting import Estimate, estimate, message_tokens
from core.errors import explain
from core.readings import Reading

_MOST_ROWS = 500
_WHAT = {
    "start of the reply": "start of the reply (priming)",
    "tools": "tools",
    "reply schema": "reply schema",
}


def overhead_panel(found: Reading) -> None:
    """Break down the request that the reading is, or would be as a user's message, and offer to count it."""
    params = {**found.as_request(), "model": found.choice.model}
    estimated = found.estimate or estimate(params)
    if not found.estimate:
        st.caption("As the one message of a user:")
    st.dataframe(
        _rows(params, estimated), hide_index=True, placeholder="–", alt="Tokens by message and what for"
    )
    st.markdown(_summary(params, estimated))
    if st.button("Count exactly on the server", icon=":material/calculate:", key="tokens.count"):
        _count(params, estimated)


def _rows(params: dict[str, Any], estimated: Estimate) -> dict[str, list[Any]]:
    messages = message_tokens(params)[:_MOST_ROWS]
    whole = [(_WHAT[name], tokens) for name, tokens in estimated.parts if name in _WHAT]
    blank = [None] * len(whole)
    return {
        "Part": [f"{at}. {message.role}" for at, message in enumerate(messages, 1)]
        + [name for name, _ in whole],
        "Framing": [message.framing for message in messages] + blank,
        "Role": [message.role_tokens for message in messages] + blank,
        "Name": [message.name for message in messages] + blank,
        "Text": [message.text for message in messages] + blank,
        "Images": [message.images for message in messages] + blank,
        "Total": [message.total for message in messages] + [tokens for _, tokens in whole],
    }


def _summary(params: dict[str, Any], estimated: Estimate) -> str:
    said = sum(message.text + message.images for message in message_tokens(params))
    notes = f" Not certain: {plain('; '.join(estimated.notes))}." if estimated.notes else ""
    return (
        f"Estimated: **{estimated.tokens:,} tokens**, {said:,} for what the messages say and "
        f"{estimated.tokens - said:,} of overhead.{notes}"
    )


def _count(params: dict[str, Any], estimated: Estimate) -> None:
    profile = session.profile()

    async def ask() -> int:
        return await counted.count(clients.client_for(profile), params)

    try:
        tokens = session.run_async(ask())
    except Exception as error:  # noqa: BLE001 - `explain` says what it was, or logs a bug
        explained = explain(error, base_url=profile.base_url)
        st.info(f"This server did not count: {plain(explained.title)}. {plain(explained.hint)}")
        return
    off = tokens - estimated.tokens
    difference = "exactly as estimated" if not off else f"{off:+,} against the estimate"
    st.success(f"Counted by the server: **{tokens:,} tokens**, {difference}.", icon=":material/check:")
