"""The settings of one variant: its server, model, system message and parameters."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from components.compare.comparisons import update_comparison
from components.compare.session import chat_models, compare_session
from components.session import session
from components.ui.parameter_controls import ParameterControl, ParameterSupport
from components.ui.parameters import CONTROLS
from core.compare.quick import Comparison
from core.compare.variant import Variant
from core.completions.request import ChatSettings
from core.models.catalog import get_model
from core.models.parameter_support import unsupported_parameters

# Sent if a reply of Chat was made with them, but nothing that one would compare.
_HIDDEN = ("n", "logprobs", "top_logprobs", "prompt_cache_key", "safety_identifier")


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
        }
        return comparison.with_variant(variant.model_copy(update=fields))


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
    if variant.messages:
        _earlier_messages(variant)
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


def _earlier_messages(variant: Variant) -> None:
    with st.expander(f"Earlier messages ({len(variant.messages)})", icon=":material/forum:"):
        for message in variant.messages:
            st.caption(message.role)
            st.text(message.content)


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
