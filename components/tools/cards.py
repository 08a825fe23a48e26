"""The tools as cards: which are offered to the model, and how each call is answered."""

from collections.abc import Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from components.session import repositories, session
from components.tools.declaration import declaration_dialog, declaration_draft
from components.tools.mcp_servers import mcp_menu, mcp_tools
from components.tools.session import ToolsSession, tools_session
from components.ui.error_card import error_card
from components.ui.markdown_escape import escape_markdown
from components.ui.uploads import MAX_UPLOAD_MB
from core.errors.explain import explain
from core.errors.types import PlaygroundError
from core.files.text import decode_text
from core.tools.definitions.declared_tool import DeclaredTool
from core.tools.definitions.definition import Tool
from core.tools.definitions.function_tool import FunctionTool
from core.tools.definitions.mcp_tool import McpTool
from core.tools.library.catalog import LIBRARY, LibraryTool
from core.tools.loop.modes import MockAnswers, ToolMode, ToolSetup, parse_keyed_answers

_KEY = "tools.card"
_NAMED_TOOLS = 4
_DEFAULT_TOOLS = ("get_stock_price", "get_weather", "calculate", "get_current_time")
_MODES = {
    ToolMode.RUN: ":material/play_arrow: Run",
    ToolMode.APPROVE: ":material/front_hand: Approve first",
    ToolMode.ASK: ":material/edit: Ask me",
    ToolMode.MOCK: ":material/theater_comedy: Mock",
}
_ICONS: dict[type, str] = {FunctionTool: "table_view", DeclaredTool: "edit_note", McpTool: "extension"}
# The default first.
_AVAILABLE_MODES: dict[type, list[ToolMode]] = {
    FunctionTool: [ToolMode.RUN, ToolMode.APPROVE, ToolMode.ASK, ToolMode.MOCK],
    DeclaredTool: [ToolMode.ASK, ToolMode.MOCK],
    McpTool: [ToolMode.APPROVE, ToolMode.RUN, ToolMode.ASK, ToolMode.MOCK],
}
_MODE_HELP = {
    ToolMode.RUN: "The tool is called.",
    ToolMode.APPROVE: "Each call waits until you allow it.",
    ToolMode.ASK: "You enter the result of each call.",
    ToolMode.MOCK: "Each call gets the answer below; the tool is not called.",
}


def tool_cards() -> list[ToolSetup]:
    """Draw a card for each tool that is offered to the model, and return the tools with their modes."""
    state = tools_session()
    entries = {entry.name: entry for entry in LIBRARY}
    tools: dict[str, Tool] = {name: entry.tool for name, entry in entries.items()}
    declared = {tool.name: DeclaredTool.of(tool) for tool in repositories.tool_repository().list()}
    tools |= {name: tool for name, tool in declared.items() if name not in tools}
    if database := state.csv_database:
        description = (
            "Run a SELECT statement of SQLite on the table data, "
            f"which holds the file {state.csv_name[:80]}. "
            f"Columns: {', '.join(database.columns)}. Rows: {database.row_count}."
        )
        tools["query_csv"] = FunctionTool.of(database.query_csv, description=description)
    with _cards_area(state):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown("**Tools**", width="content")
            names = _tool_choice([*tools], state)
            # Outside of the menu, which would stay open above the dialog.
            st.button(
                "Declare a tool",
                icon=":material/edit_note:",
                type="tertiary",
                key=f"{_KEY}.declare",
                on_click=declaration_draft().open,
            )
            mcp_menu()
        declaration_dialog()
        # The name of the CSV tool stays free for a file that is added later.
        from_servers = {tool.definition.name: tool for tool in mcp_tools({*tools, "query_csv"})}
        tools |= from_servers
        names += from_servers
        if not names:
            st.caption("No tools selected: the model answers without calling any.")
        with st.grid("auto", min_column_width=165, gap="small"):
            return [_card(tools[name], entries.get(name), state) for name in names]


def _cards_area(state: ToolsSession) -> DeltaGenerator:
    """Return the place of the cards: folded once there is a loop, which is then directly below the question.

    The label is that of the loop, because an expander whose label changes is folded again.
    """
    if not state.loops:
        return st.container()
    names = [setup.name for setup in state.loops[0].tools]
    label = ", ".join(names[:_NAMED_TOOLS]) or "none"
    if len(names) > _NAMED_TOOLS:
        label += f" and {len(names) - _NAMED_TOOLS} more"
    return st.expander(f"Asked with tools: {escape_markdown(label)}")


def _tool_choice(names: Sequence[str], state: ToolsSession) -> list[str]:
    chosen_before = _DEFAULT_TOOLS if state.chosen is None else state.chosen
    with st.popover("Add or remove", icon=":material/add:", type="tertiary", key=f"{_KEY}.menu"):
        state.chosen = st.pills(
            "Tools that the model can call",
            names,
            selection_mode="multi",
            default=[name for name in names if name in {*chosen_before, *state.newly_added}],
            # Other options make another widget, which starts with its default.
            key=f"{_KEY}.chosen.{'.'.join(names)}",
        )
        state.newly_added.clear()
        file = st.file_uploader(
            "CSV file, to query with SQL", type=["csv"], max_upload_size=MAX_UPLOAD_MB, key=f"{_KEY}.csv"
        )
        if file and file.file_id != state.csv_file_id:
            try:
                state.open_csv(file.name, decode_text(file.getvalue())[0])
                state.csv_file_id = file.file_id
                state.newly_added.add("query_csv")
                st.rerun()
            except PlaygroundError as error:
                error_card(explain(error), icon=":material/block:")
            except ValueError as error:
                st.error(escape_markdown(str(error)), icon=":material/block:")
    return [name for name in names if name in state.chosen]


def _card(tool: Tool, entry: LibraryTool | None, state: ToolsSession) -> ToolSetup:
    definition = tool.definition
    key = _card_key(tool)
    modes = _AVAILABLE_MODES[type(tool)]
    with st.container(border=True, gap="xxsmall", height="stretch", key=key):
        icon = entry.icon if entry else _ICONS[type(tool)]
        st.markdown(f":material/{icon}: **{escape_markdown(definition.name)}**")
        if isinstance(tool, McpTool):
            st.badge(escape_markdown(tool.connection.server.name), icon=":material/hub:", color="gray")
        st.caption(entry.summary if entry else escape_markdown(definition.description[:80]))
        mode = ToolMode(session.widget_value(f"{key}.mode") or modes[0])
        with st.container(horizontal=True, gap="small"):
            with st.popover(_MODES[mode], type="tertiary", key=f"{key}.menu"):
                st.markdown(escape_markdown(definition.description))
                setup = _mode_controls(tool, modes, state)
                st.caption("Schema of its parameters")
                st.json(definition.parameters, expanded=1)
            if isinstance(tool, DeclaredTool):
                st.button(
                    "Edit",
                    type="tertiary",
                    key=f"{key}.edit",
                    on_click=declaration_draft().open,
                    args=(definition.name,),
                )
    return setup


def _card_key(tool: Tool) -> str:
    """Return the key of a card. A tool of a server has its modes only as long as it is described alike."""
    return f"{_KEY}.{tool.key}" if isinstance(tool, McpTool) else f"{_KEY}.{tool.definition.name}"


def _mode_controls(tool: Tool, modes: Sequence[ToolMode], state: ToolsSession) -> ToolSetup:
    name = tool.definition.name
    key = _card_key(tool)
    mode = st.segmented_control(
        "When the model calls it",
        modes,
        format_func=_MODES.__getitem__,
        required=True,
        key=session.with_default(f"{key}.mode", modes[0]),
        persist_state="session",
    )
    mode = ToolMode(mode or modes[0])
    st.caption(_MODE_HELP[mode])
    if mode is ToolMode.APPROVE and name in state.always_allowed:
        st.button(
            "Ask for approval again",
            key=f"{key}.revoke",
            on_click=state.always_allowed.discard,
            args=(name,),
            help="You have chosen to always allow this tool.",
        )
    return ToolSetup(tool, mode, _mock_controls(key) if mode is ToolMode.MOCK else MockAnswers())


def _mock_controls(key: str) -> MockAnswers:
    answer = st.text_area(
        "Answer",
        height=68,
        max_chars=20_000,
        key=session.with_default(f"{key}.mock", MockAnswers().default),
        persist_state="session",
    )
    keyed = st.text_area(
        "Answers by argument",
        placeholder='AAPL = {"price": 1}',
        help="One per line: the value of any argument, =, and the answer to a call that has it.",
        height=68,
        max_chars=20_000,
        key=f"{key}.keyed",
        persist_state="session",
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        delay = st.number_input(
            "Delay (s)",
            0.0,
            600.0,
            step=1.0,
            key=session.with_default(f"{key}.delay", 0.0),
            persist_state="session",
        )
        is_error = st.checkbox("The answer is an error", key=f"{key}.error", persist_state="session")
    return MockAnswers(answer, parse_keyed_answers(keyed), delay, is_error)
