"""The form of a variant: its server, model, prompt and parameters."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from components.session import session
from components.ui.error_card import error_card
from components.ui.models.model_picker import model_picker
from components.ui.parameter_controls import ParameterControl, ParameterSupport
from components.ui.parameters import CONTROLS
from core.apis import APIS
from core.compare.variants.json_fields import (
    messages_from_json,
    messages_to_json,
    schema_from_json,
    schema_to_json,
    tools_from_json,
    tools_to_json,
)
from core.compare.variants.variant import Variant
from core.completions.request import ChatSettings
from core.errors.explain import explain
from core.errors.types import PlaygroundError
from core.models.catalog import get_model
from core.models.parameter_support import unsupported_parameters
from core.prompts.prompts import PromptMessage

# Sent if a reply of Chat was made with them, but nothing that one would compare.
_HIDDEN: tuple[str, ...] = ("n", "logprobs", "top_logprobs", "prompt_cache_key", "safety_identifier", "store")
_HIDDEN += ("truncation", "metadata", "include", "background")


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
class VariantForm:
    """The widgets of one opening of the settings, whose keys start with *prefix*.

    The prompt of a variant with *has_prompt* is its last message, if that is one of the user; the others have
    theirs from elsewhere.
    """

    prefix: str
    has_prompt: bool = False

    def key(self, name: str) -> str:
        return f"{self.prefix}.{name}"

    def value(self, name: str) -> Any:
        return session.widget_value(self.key(name))

    @property
    def model(self) -> str:
        return str(session.widget_value(self._model_key) or "")

    def choose_model(self, model_id: str) -> None:
        session.set_widget_value(self._model_key, model_id)

    @property
    def _model_key(self) -> str:
        # Streamlit keeps it while the form is not drawn, unlike the widgets, which are then filled again.
        return f"model.{self.prefix}"

    @property
    def controls(self) -> list[ParameterControl]:
        return [replace(control, prefix=self.prefix) for control in CONTROLS if control.name not in _HIDDEN]

    def fill(self, variant: Variant) -> None:
        """Set the values of the widgets, before they are drawn."""
        prompt = ""
        if self.has_prompt and variant.messages and variant.messages[-1].role == "user":
            prompt = variant.messages[-1].content
            variant = variant.model_copy(update={"messages": variant.messages[:-1]})
        values: dict[str, Any] = {
            "prompt": prompt,
            "name": variant.name,
            "server": variant.profile_id,
            "api": variant.api,
            "stream": variant.settings.stream,
            "instructions": variant.settings.instructions,
            **{field.widget: field.to_text(getattr(variant, field.name)) for field in _JSON_FIELDS},
        }
        for name, value in values.items():
            session.set_widget_value(self.key(name), value)
        self.choose_model(variant.model)
        settings = variant.settings.model_dump(mode="json")
        for control in self.controls:
            if settings[control.name] is not None:
                session.set_widget_value(control.key, control.to_widget_value(settings[control.name]))

    def apply(self, variant: Variant) -> Variant:
        """Return *variant* with what the widgets are set to."""
        values = {control.name: control.value() for control in self.controls}
        chosen = {name: value for name, value in values.items() if value not in (None, "", [], {})}
        hidden = {name: getattr(variant.settings, name) for name in _HIDDEN}
        settings = ChatSettings(
            model=self.model,
            instructions=self.value("instructions") or "",
            stream=self.value("stream") is not False,
            **hidden,
            **chosen,
        )
        fields: Mapping[str, Any] = {
            "name": (self.value("name") or "").strip(),
            "profile_id": self.value("server") or variant.profile_id,
            "api": self.value("api") or variant.api,
            "settings": settings,
            **self._json_values(variant),
        }
        return variant.model_copy(update=fields)

    def _json_values(self, variant: Variant) -> dict[str, Any]:
        """Return the values of the JSON fields, those of *variant* for what is not valid."""
        values = {field.name: getattr(variant, field.name) for field in _JSON_FIELDS}
        prompt = self.value("prompt") or ""
        if self.has_prompt and variant.messages and variant.messages[-1].role == "user":
            values["messages"] = variant.messages[:-1]
        for field in _JSON_FIELDS:
            with suppress(PlaygroundError):
                values[field.name] = field.parse(self.value(field.widget) or "")
        if self.has_prompt and prompt.strip():
            values["messages"] = (*values["messages"], PromptMessage(role="user", content=prompt))
        return values


def variant_form(form: VariantForm, variant: Variant) -> None:
    """Draw the widgets, at first with the values of *variant*."""
    if not session.widget_values(form.prefix):
        form.fill(variant)
    st.text_input("Name", key=form.key("name"), max_chars=100, placeholder="Optional")
    _server_and_model(form)
    if form.has_prompt:
        st.text_area(
            "Prompt",
            key=form.key("prompt"),
            height=180,
            max_chars=100_000,
            help="{{name}} is replaced by what a case has in the column name.",
        )
    st.text_area(
        "System message",
        key=form.key("instructions"),
        height=140,
        max_chars=100_000,
        placeholder="How the model should behave. Sent as the system or developer message.",
    )
    _json_fields(form, variant)
    _parameters(form)


def _server_and_model(form: VariantForm) -> None:
    profiles = session.profiles()
    if len(profiles) > 1:
        st.selectbox(
            "Server",
            list(profiles),
            key=form.key("server"),
            format_func=lambda profile_id: profiles[profile_id].name if profile_id in profiles else "removed",
        )
    model_picker(form.model, key=form.key("picker"), server=form.value("server"), on_choose=form.choose_model)
    st.segmented_control(
        "API", [*APIS], format_func=lambda name: APIS[name].label, key=form.key("api"), required=True
    )
    st.toggle("Stream", key=form.key("stream"))


def _json_fields(form: VariantForm, variant: Variant) -> None:
    is_used = len(variant.messages) > form.has_prompt or bool(variant.tools or variant.response_format)
    with st.expander("Messages, tools and schema", icon=":material/data_object:", expanded=is_used):
        for field in _JSON_FIELDS:
            key = form.key(field.widget)
            st.text_area(field.label, key=key, height=140, placeholder=field.placeholder, help=field.help)
            try:
                field.parse(form.value(field.widget) or "")
            except PlaygroundError as error:
                error_card(explain(error), icon=":material/block:", prefix="Not applied:")


def _parameters(form: VariantForm) -> None:
    model = get_model(form.model)
    effort = form.value("reasoning_effort")
    api = APIS[form.value("api") or "chat.completions"]
    unsupported = unsupported_parameters(model, {"reasoning_effort": effort}) | dict(api.unsupported)
    columns = st.columns(2)
    for number, control in enumerate(form.controls):
        with columns[number % 2]:
            control.draw(ParameterSupport(unsupported.get(control.name), model.efforts))
    if reasons := {unsupported[control.name] for control in form.controls if control.name in unsupported}:
        st.caption("Disabled: " + " ".join(sorted(reasons)))
