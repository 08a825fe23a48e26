"""The settings of one variant: its server, model, prompt and parameters."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from components.compare.comparisons import update_comparison
from components.compare.session import chat_models, compare_session
from components.session import session
from components.ui.error_card import error_card
from components.ui.parameter_controls import ParameterControl, ParameterSupport
from components.ui.parameters import CONTROLS
from core.compare.quick import Comparison
from core.compare.variant import Variant
from core.compare.variant_json import (
    messages_from_json,
    messages_to_json,
    schema_from_json,
    schema_to_json,
    tools_from_json,
    tools_to_json,
)
from core.completions.request import ChatSettings
from core.errors.explain import explain
from core.errors.types import PlaygroundError
from core.models.catalog import get_model
from core.models.parameter_support import unsupported_parameters

# Sent if a reply of Chat was made with them, but nothing that one would compare.
_HIDDEN = ("n", "logprobs", "top_logprobs", "prompt_cache_key", "safety_identifier")


@dataclass(frozen=True, slots=True)
class _JsonField:
    """A part of a variant that is edited as JSON."""

    name: str
    label: str
    help: str
    placeholder: str
    parse: Callable[[str], Any]
    to_text: Callable[[Any], str]

    @property
    def widget(self) -> str:
        """The name of the widget, which is not that of a parameter."""
        return f"json.{self.name}"


_JSON_FIELDS = (
    _JsonField(
        "messages",
        "Messages before the prompt",
        "Examples or an earlier conversation, which come between the system message and the prompt.",
        '[{"role": "user", "content": "2 + 2"}, {"role": "assistant", "content": "4"}]',
        messages_from_json,
        messages_to_json,
    ),
    _JsonField(
        "tools",
        "Tools",
        "Functions that the model may call. Calls are shown, not run.",
        '[{"name": "get_weather", "parameters": {"type": "object", "properties": {}}}]',
        tools_from_json,
        tools_to_json,
    ),
    _JsonField(
        "response_format",
        "JSON schema of the reply",
        "A JSON Schema, or a whole response_format. It is strict if strict mode accepts it.",
        '{"type": "object", "properties": {"answer": {"type": "string"}}}',
        schema_from_json,
        schema_to_json,
    ),
)


@dataclass(frozen=True, slots=True)
class _Widgets:
    """The widgets of one opening of the dialog, whose keys start with *prefix*."""

    prefix: str

    def key(self, name: str) -> str:
        return f"{self.prefix}.{name}"

    def value(self, name: str) -> Any:
        return session.widget_value(self.key(name))

    @property
    def controls(self) -> list[ParameterControl]:
        return [replace(control, prefix=self.prefix) for control in CONTROLS if control.name not in _HIDDEN]

    def fill(self, variant: Variant) -> None:
        """Set the values of the widgets, before they are drawn."""
        values: dict[str, Any] = {
            "name": variant.name,
            "server": variant.profile_id,
            "model": variant.model,
            "instructions": variant.settings.instructions,
            **{field.widget: field.to_text(getattr(variant, field.name)) for field in _JSON_FIELDS},
        }
        for name, value in values.items():
            session.set_widget_value(self.key(name), value)
        settings = variant.settings.model_dump(mode="json")
        for control in self.controls:
            if settings[control.name] is not None:
                session.set_widget_value(control.key, control.to_widget_value(settings[control.name]))

    def apply(self, comparison: Comparison, variant_id: str) -> Comparison:
        """Return *comparison* with what the widgets are set to."""
        variant = comparison.variant(variant_id)
        values = {control.name: control.value() for control in self.controls}
        chosen = {name: value for name, value in values.items() if value not in (None, "", [], {})}
        hidden = {name: getattr(variant.settings, name) for name in _HIDDEN}
        settings = ChatSettings(
            model=self.value("model") or "", instructions=self.value("instructions") or "", **hidden, **chosen
        )
        fields: Mapping[str, Any] = {
            "name": (self.value("name") or "").strip(),
            "profile_id": self.value("server") or variant.profile_id,
            "settings": settings,
            **self.json_values(),
        }
        return comparison.with_variant(variant.model_copy(update=fields))

    def json_values(self) -> dict[str, Any]:
        """Return the values of the JSON fields, without those that are not valid."""
        values = {}
        for field in _JSON_FIELDS:
            with suppress(PlaygroundError):
                values[field.name] = field.parse(self.value(field.widget) or "")
        return values


def variant_settings(comparison: Comparison) -> None:
    """Draw the settings of the variant that is edited, if there is one. Each change applies at once."""
    state = compare_session()
    variant = next((variant for variant in comparison.variants if variant.id == state.edited), None)
    if variant is None:
        return
    widgets = _Widgets(f"compare.settings.{state.edits}")
    if not session.widget_values(widgets.prefix):
        widgets.fill(variant)
    letter = "ABCDEF"[comparison.variants.index(variant)]
    dialog = st.dialog(
        f"Settings of variant {letter}",
        width="medium",
        position="right",
        on_dismiss=lambda: state.edit(None),
    )
    dialog(_draw)(widgets, variant)


def _draw(widgets: _Widgets, variant: Variant) -> None:
    state = compare_session()
    st.text_input("Name", key=widgets.key("name"), max_chars=100, placeholder="Optional")
    _server_and_model(widgets)
    st.text_area(
        "System message",
        key=widgets.key("instructions"),
        height=140,
        max_chars=100_000,
        placeholder="How the model should behave. Sent as the system or developer message.",
    )
    _json_fields(widgets, variant)
    _parameters(widgets)
    update_comparison(state.comparison_id, lambda current: widgets.apply(current, variant.id))
    if st.button("Done", type="primary", key=widgets.key("done")):
        state.edit(None)
        st.rerun()


def _server_and_model(widgets: _Widgets) -> None:
    profiles = session.profiles()
    if len(profiles) > 1:
        st.selectbox(
            "Server",
            list(profiles),
            key=widgets.key("server"),
            format_func=lambda profile_id: profiles[profile_id].name if profile_id in profiles else "removed",
        )
    profile = profiles.get(widgets.value("server"))
    models = chat_models(profile) if profile else []
    if not models:
        st.text_input("Model", key=widgets.key("model"), placeholder="Model ID")
        return
    current = widgets.value("model")
    st.selectbox("Model", models if current in models else [current, *models], key=widgets.key("model"))


def _json_fields(widgets: _Widgets, variant: Variant) -> None:
    is_used = bool(variant.messages or variant.tools or variant.response_format)
    with st.expander("Messages, tools and schema", icon=":material/data_object:", expanded=is_used):
        for field in _JSON_FIELDS:
            key = widgets.key(field.widget)
            st.text_area(field.label, key=key, height=140, placeholder=field.placeholder, help=field.help)
            try:
                field.parse(widgets.value(field.widget) or "")
            except PlaygroundError as error:
                error_card(explain(error), icon=":material/block:", prefix="Not applied:")


def _parameters(widgets: _Widgets) -> None:
    model = get_model(widgets.value("model") or "")
    effort = widgets.value("reasoning_effort")
    unsupported = unsupported_parameters(model, {"reasoning_effort": effort})
    columns = st.columns(2)
    for number, control in enumerate(widgets.controls):
        with columns[number % 2]:
            control.draw(ParameterSupport(unsupported.get(control.name), model.efforts))
    if reasons := {unsupported[control.name] for control in widgets.controls if control.name in unsupported}:
        st.caption("Disabled: " + " ".join(sorted(reasons)))
