"""The sidebar: the connection, the model and the usage of the session."""

from datetime import UTC, datetime
from decimal import Decimal
from html import escape

import streamlit as st

from components.runtime import resources
from components.session import session
from components.session.session import Connection
from components.shell import navigation
from components.shell.navigation import PageEntry
from components.ui.error_card import error_card
from components.ui.formatting import format_dollars, format_seconds
from components.ui.icon_html import icon_html
from components.ui.markdown_escape import escape_markdown
from components.ui.models.model_options import models_of_kind, sentence
from components.ui.models.model_picker import model_picker
from core.client.profile import Profile
from core.models.availability import AvailableModel, available_models
from core.models.selection import badges, default_model_id
from core.pricing.prices import price_summary

_STATUSES = {"active": "", "deprecated": "deprecated", "shut_down": "shut down"}


def sidebar(entry: PageEntry) -> None:
    """Draw the sidebar of a page; if the page uses the chat model, select one if none of the server's is."""
    with st.sidebar:
        connection = session.connection()
        _connection_status(connection)
        if _queued_faults():
            _fault_chip()
        if entry.uses_chat_model:
            # The price table takes 6 MiB, and a tenth of a second to load: neither Home nor a page that is
            # still connecting waits for it.
            _model_picker(connection, show_price=entry.file != "home.py" and not connection.pending)
        live_session = session.live_session()
        if live_session.usage.total_tokens:
            usage = live_session.usage
            amount = sum((cost.amount for cost in live_session.costs if cost.amount), Decimal(0))
            listed = sum((cost.list_amount for cost in live_session.costs if cost.list_amount), Decimal(0))
            list_price = f" (≈ {format_dollars(listed)} at list price)" if listed else ""
            st.caption(
                escape_markdown(
                    f"This session: {usage.input_tokens:,} input · {usage.output_tokens:,} output tokens · "
                    f"{format_dollars(amount)}{list_price}"
                )
            )


def _connection_status(connection: Connection) -> None:
    if connection.pending:
        with st.container(gap="xxsmall"):
            st.html(_server_row(connection.profile))
            _wait_for_connection()
        return
    latency = session.live_session().latency or connection.latency
    count = len(connection.models)
    models = f"{count:,} model{'' if count == 1 else 's'}" if count else "no model list"
    status = ["Not connected"] if connection.error else ["Connected", models]
    if latency is not None:
        status.append(format_seconds(latency))
    st.html(f"{_server_row(connection.profile)}<small>{' · '.join(status)}</small>")
    if connection.error:
        error_card(connection.error, ":material/cloud_off:")


def _server_row(profile: Profile) -> str:
    """Return the name of the server, marked if it is the sandbox, and the link to Settings."""
    name = f"<strong>{escape(profile.name)}</strong>"
    if profile.kind == "sandbox":
        name = (
            '<span class="sandbox-badge" '
            'title="Replies are written in advance or computed by rules, not by a model.">'
            f"{icon_html(':material/science:')} {escape(profile.name)}</span>"
        )
    return f'<div class="server">{name}{navigation.html_link("settings.py", "Switch server")}</div>'


@st.fragment(run_every=0.5)
def _wait_for_connection() -> None:
    """Poll until the server has answered, then rerun the page."""
    st.caption("Connecting…")
    if not session.connection().pending:
        st.rerun()


def _queued_faults() -> int:
    """Return how many of this session's next requests the sandbox is going to fail."""
    profile = session.profile()
    return resources.sandbox().settings.queued_faults(profile.key) if profile.kind == "sandbox" else 0


@st.fragment(run_every=1)
def _fault_chip() -> None:
    """Draw the number of queued faults, which every request reduces, and a button that removes them."""
    count = _queued_faults()
    if not count:
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="faults"):
        st.badge(
            f"{count:,} fault{'' if count == 1 else 's'} queued",
            icon=":material/bug_report:",
            color="orange",
            help="The next requests of this session fail as chosen in Settings.",
        )
        st.button("Clear", type="tertiary", key="sidebar.clear_faults", on_click=_clear_faults)


def _clear_faults() -> None:
    resources.sandbox().settings.update({"faults": []}, session.profile().key)


def _model_picker(connection: Connection, *, show_price: bool) -> None:
    # The catalog has the models of OpenAI, so it says nothing about another server that lists none.
    if not (connection.models or connection.pending) and connection.profile.kind in ("local", "custom"):
        help_text = "The server lists no models: enter the ID of one that it has."
        key = session.MODEL_KEY
        st.text_input("Model", key=key, placeholder="Model ID", help=help_text, persist_state="session")
        return
    live_session = session.live_session()
    live_session.models = connection.models
    today = datetime.now(UTC).date()
    models = models_of_kind(connection.models, "chat", today)
    if not models:
        return
    selected = session.model() or ""
    if selected not in models and selected not in live_session.typed_models:
        selected = default_model_id("chat", list(models)) or next(iter(models))
        session.choose_model(selected)
    available = models.get(selected) or available_models({selected: None}, today)[0]
    model_picker(selected, _STATUSES[available.lifecycle.status])
    _model_details(available, show_price=show_price)


def _model_details(available: AvailableModel, *, show_price: bool) -> None:
    """Draw the price, the capabilities and the end of a model, as one element."""
    details = ""
    if show_price and (price := price_summary(available.model.id, datetime.now(UTC))):
        details += f'<small title="List price in US dollars">{escape(price)}</small>'
    if capabilities := badges(available.model):
        items = "".join(
            f'<li title="{escape(badge.description)}">{escape(badge.label)}</li>' for badge in capabilities
        )
        details += f'<ul class="badges" aria-label="Capabilities">{items}</ul>'
    if lifecycle := available.lifecycle.text:
        icon = icon_html(":material/event_busy:")
        details += f'<p class="{available.lifecycle.status}">{icon} {escape(sentence(lifecycle))}.</p>'
    if details:
        st.html(f'<div class="model-details">{details}</div>')
