"""Add tools from MCP servers, see the state of each server, and choose its tools."""

from typing import TYPE_CHECKING

import streamlit as st

from components.session import session
from components.tools.mcp_session import McpSession, mcp_session, used_tools
from components.ui.error_card import error_card
from components.ui.markdown_escape import escape_markdown
from core.errors.explain import explain
from core.mcp.servers import (
    SWITCH,
    InvalidServer,
    McpAccess,
    StdioServer,
    mcp_access,
    parse_http_server,
    parse_stdio_server,
)
from core.mcp.tools import ToolList
from core.tools.definitions.mcp_tool import McpTool, usable_tools

if TYPE_CHECKING:
    from core.mcp.connection import McpConnection

_KEY = "tools.mcp"
# More cards would hide the question; the API takes 128 tools.
_DEFAULT_TOOLS = 8
_MAX_TOOLS = 64
_POLL_INTERVAL = 0.5
_MAX_NOTES = 5
_KIND_KEY = f"{_KEY}.kind"
_PROGRAM, _URL = "Program (stdio)", "URL (HTTP)"
_MEANING = (
    "A stdio server is a program that runs on this computer with your rights: it can read and change your "
    "files and use the network."
)


def mcp_menu() -> None:
    """Draw the button that opens the form for another server."""
    access = mcp_access()
    with st.popover(
        "Add tools from an MCP server", icon=":material/hub:", type="tertiary", key=f"{_KEY}.menu"
    ):
        if access is McpAccess.OFF:
            st.markdown("**MCP servers are off.** To switch them on, start the app with this variable.")
            st.code(
                f"{SWITCH}=http  # servers with a URL\n{SWITCH}=1     # programs (stdio) too", language="bash"
            )
            st.caption(f"{_MEANING} Everyone who can open this page can start one.")
            return
        _server_form(access, mcp_session())


def _server_form(access: McpAccess, state: McpSession) -> None:
    kinds = [_PROGRAM, _URL] if access is McpAccess.ALL else [_URL]
    kind = st.segmented_control(
        "Kind of server", kinds, default=kinds[0], required=True, key=_KIND_KEY, persist_state="session"
    )
    if access is McpAccess.HTTP:
        st.caption(f"Programs need {SWITCH}=1 when the app is started.")
    key = f"{_KEY}.{state.version}"
    _saved_servers(access, state, key)
    with st.form(f"{_KEY}.form", border=False):
        if kind == _PROGRAM:
            command = st.text_input("Command", placeholder="uvx mcp-server-time", key=f"{key}.command")
            variables = st.text_input(
                "Environment variables",
                placeholder="GITHUB_TOKEN",
                key=f"{key}.variables",
                help="Names of variables of the app's environment that the program gets, besides PATH, HOME "
                "and the like. API keys are not passed on unless they are named.",
            )
        else:
            url = st.text_input("URL", placeholder="http://localhost:8000/mcp", key=f"{key}.url")
            token = st.text_input(
                "Bearer token",
                type="password",
                autocomplete="off",
                key=f"{key}.token",
                help="Optional. Sent to this URL only, and held in memory for this browser session.",
            )
        submitted = st.form_submit_button("Connect", type="primary", icon=":material/power:")
    if submitted:
        try:
            state.add(
                parse_stdio_server(command, variables) if kind == _PROGRAM else parse_http_server(url, token)
            )
            st.rerun()
        except InvalidServer as error:
            state.problem, state.unconfirmed = explain(error), None
    _confirmation(state)
    if state.problem:
        error_card(state.problem, icon=":material/block:")


def _saved_servers(access: McpAccess, state: McpSession, key: str) -> None:
    """Draw the servers of earlier sessions. One that is chosen fills in the form, without its token."""
    saved = {
        server.address: server
        for server in state.repository().list()
        if access is McpAccess.ALL or not server.is_program
    }
    if not saved:
        return

    def fill_in() -> None:
        if server := saved.get(str(session.widget_value(f"{key}.saved"))):
            session.set_widget_value(_KIND_KEY, _PROGRAM if server.is_program else _URL)
            session.set_widget_value(f"{key}.{'command' if server.is_program else 'url'}", server.address)
            session.set_widget_value(f"{key}.variables", " ".join(server.environment))

    with st.container(horizontal=True, vertical_alignment="bottom"):
        address = st.selectbox(
            "Saved servers", [*saved], index=None, key=f"{key}.saved", on_change=fill_in, width="stretch"
        )
        if address:
            st.button("Delete", key=f"{key}.forget", on_click=state.repository().delete, args=(address,))


def _confirmation(state: McpSession) -> None:
    """Ask whether to start the program, or to connect to a metadata service."""
    server = state.unconfirmed
    if server is None:
        return
    is_program = isinstance(server, StdioServer)
    if is_program:
        st.warning(f"{_MEANING} Start it only if you trust its publisher.", icon=":material/warning:")
    else:
        st.warning(
            "This is the address of a cloud metadata service, which returns credentials of the machine that "
            "this app runs on. Connect only if you are sure that your server is there.",
            icon=":material/warning:",
        )
    st.code(server.address, language=None, wrap_lines=True)
    with st.container(horizontal=True):
        st.button(
            "Start this program" if is_program else "Connect anyway",
            key=f"{_KEY}.confirm",
            on_click=state.confirm,
        )
        st.button("Cancel", key=f"{_KEY}.discard", on_click=state.discard)


def mcp_tools(taken: set[str]) -> list[McpTool]:
    """Draw the servers of this session, and return their chosen tools under names that are not *taken*."""
    if mcp_access() is McpAccess.OFF:
        return []
    state = mcp_session()
    connections = state.connections()
    taken, tools = {*taken}, []
    for connection in connections:
        added = state.tools(connection, _draw_server(state, connection), taken)
        taken |= {tool.definition.name for tool in added}
        tools += added
    if pending := [connection for connection in connections if connection.state == "connecting"]:
        _wait_for_servers(pending)
    return tools


def _draw_server(state: McpSession, connection: "McpConnection") -> list[str]:
    """Draw the state of a server and its menu, and return the tools that are chosen."""
    key = f"{_KEY}.{connection.id}"
    name = escape_markdown(connection.server.name)
    listed = usable_tools(connection.listed)
    count = len(listed.tools)
    badge = {
        "connecting": ":blue-badge[:material/hourglass_top: connecting]",
        "connected": f":green-badge[:material/check: {count} tool{'' if count == 1 else 's'}]",
        "failed": ":red-badge[:material/error: failed]",
    }.get(connection.state, ":gray-badge[closed]")
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=key):
        omitted = ":orange-badge[:material/warning: some left out]" if listed.notes else ""
        st.markdown(f":material/hub: **{name}** {badge} {omitted}", width="content")
        with st.popover("Server", type="tertiary", key=f"{key}.menu"):
            chosen = _server_menu(connection, listed, key)
            actions = st.container(horizontal=True)
        # In sight if it is needed, otherwise in the menu.
        with st.container(width="content") if connection.problem else actions:
            st.button("Reconnect", key=f"{key}.reconnect", on_click=state.reconnect, args=(connection,))
        actions.button("Remove", key=f"{key}.remove", on_click=state.remove, args=(connection,))
    if connection.problem:
        error_card(connection.problem, icon=":material/hub:")
        if connection.log_text:
            st.code(connection.log_text, language=None, wrap_lines=True)
    return chosen


def _server_menu(connection: "McpConnection", listed: ToolList, key: str) -> list[str]:
    names = [tool.name for tool in listed.tools]
    from core.mcp.repository import SavedServer

    st.code(connection.server.address, language=None, wrap_lines=True)
    if SavedServer.of(connection.server) is None:
        st.caption("Not saved for the next session, because this may contain a secret.")
    for note in listed.notes[:_MAX_NOTES]:
        st.caption(escape_markdown(note))
    if len(listed.notes) > _MAX_NOTES:
        st.caption(f"And {len(listed.notes) - _MAX_NOTES:,} more.")
    if not names:
        st.caption("No tools." if connection.state == "connected" else "Its tools are not known yet.")
        return []
    used = [name for name in used_tools(connection) if name in names]
    return st.multiselect(
        "Tools that the model can call",
        names,
        used or names[:_DEFAULT_TOOLS],
        max_selections=_MAX_TOOLS,
        key=f"{key}.tools",
        persist_state="session",
    )


@st.fragment(run_every=_POLL_INTERVAL)
def _wait_for_servers(pending: "list[McpConnection]") -> None:
    """Poll until one of the servers is connected or has failed, then rerun the page."""
    if any(connection.state != "connecting" for connection in pending):
        st.rerun()
