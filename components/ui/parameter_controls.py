"""The widgets for the parameters of a request."""

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from components.session import session
from core.completions.request import MAX_STOP_SEQUENCES, bounds
from core.models.catalog import REASONING_EFFORTS

_MAX_TEXT_LENGTH = 1_000


@dataclass(frozen=True, slots=True)
class ParameterSupport:
    """Whether a model supports a parameter: the *problem* if not. *efforts* are those of the model.

    *minimum* is the lowest value that the API is sent, if it is not that of the parameter.
    *unsupported_options* are the options of a supported parameter that the model does not support, with the
    reasons.
    """

    problem: str | None = None
    efforts: Sequence[str] = ()
    minimum: float | None = None
    unsupported_options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ParameterControl(ABC):
    """A parameter and the widget that sets it. While the widget is empty, the parameter is not sent.

    Each place with such widgets has a *prefix* for their keys.
    """

    name: str
    label: str
    help: str
    prefix: str = field(default="chat", kw_only=True)

    @property
    def key(self) -> str:
        return f"{self.prefix}.{self.name}"

    @property
    def empty_value(self) -> Any:
        return None

    def value(self) -> Any:
        """Return the value of the widget as the API takes it."""
        return session.widget_value(self.key)

    @abstractmethod
    def to_widget_value(self, value: Any) -> Any:
        """Convert *value* from the API's form to the widget's; None if the widget cannot hold it."""

    @abstractmethod
    def draw(self, support: ParameterSupport) -> None:
        """Draw the widget, disabled if the parameter is not supported."""

    def widget_arguments(self, unsupported: str | None) -> dict[str, Any]:
        return {
            "key": self.key,
            "help": f"{unsupported} {self.help}" if unsupported else self.help,
            "disabled": bool(unsupported),
            "persist_state": "session",
        }


@dataclass(frozen=True, slots=True)
class NumberControl(ParameterControl):
    """A number field; for whole numbers if the bounds of the parameter are integers."""

    step: float

    @property
    def min_value(self) -> float:
        return bounds(self.name)[0]

    @property
    def max_value(self) -> float:
        return bounds(self.name)[1]

    def to_widget_value(self, value: Any) -> float | int | None:
        # A bool is an int in Python, but not a number in JSON.
        if isinstance(value, bool) or not isinstance(value, int | float):
            return None
        if not self.min_value <= value <= self.max_value:
            return None
        if isinstance(self.min_value, float):
            return float(value)
        return int(value) if value == int(value) else None

    def draw(self, support: ParameterSupport) -> None:
        st.number_input(
            self.label,
            min_value=self.min_value,
            max_value=self.max_value,
            step=self.step,
            value=None,
            placeholder="default",
            **self.widget_arguments(support.problem),
        )
        # The value stays, because the other API accepts it.
        value, minimum = session.widget_value(self.key), support.minimum
        if value is not None and minimum is not None and value < minimum:
            st.caption(f"Sent as {minimum}, the lowest value that this API accepts.")


@dataclass(frozen=True, slots=True)
class ChoiceControl(ParameterControl):
    """A list of options."""

    options: tuple[str, ...]

    def to_widget_value(self, value: Any) -> str | None:
        return value if value in self.options else None

    def draw(self, support: ParameterSupport) -> None:
        st.selectbox(
            self.label,
            self.options,
            index=None,
            placeholder="default",
            **self.widget_arguments(support.problem),
        )


class BooleanControl(ParameterControl):
    """True or false."""

    __slots__ = ()

    def value(self) -> bool | None:
        return {"true": True, "false": False}.get(session.widget_value(self.key))

    def to_widget_value(self, value: Any) -> str | None:
        return str(value).lower() if isinstance(value, bool) else None

    def draw(self, support: ParameterSupport) -> None:
        st.selectbox(
            self.label,
            ("true", "false"),
            index=None,
            placeholder="default",
            **self.widget_arguments(support.problem),
        )


class ResponseFormatControl(ChoiceControl):
    """The response formats that are no more than a type."""

    __slots__ = ()

    def to_widget_value(self, value: Any) -> str | None:
        if isinstance(value, dict) and value.keys() == {"type"}:
            value = value["type"]
        return ChoiceControl.to_widget_value(self, value)


class ReasoningEffortControl(ParameterControl):
    """The reasoning efforts of the model."""

    __slots__ = ()

    def to_widget_value(self, value: Any) -> str | None:
        return value if value in REASONING_EFFORTS else None

    def draw(self, support: ParameterSupport) -> None:
        efforts = list(support.efforts)
        selected = session.widget_value(self.key)
        if selected and selected not in efforts:
            # Selected for another model. It stays selected for that one, and is not sent to this one.
            efforts.append(selected)
        st.selectbox(
            self.label,
            efforts,
            index=None,
            placeholder="default",
            # A model that has efforts may refuse the selected one only, so another can be selected.
            **self.widget_arguments(None if support.efforts else support.problem),
        )


class StopControl(ParameterControl):
    """A list of stop sequences."""

    __slots__ = ()

    @property
    def empty_value(self) -> list[str]:
        return []

    def to_widget_value(self, value: Any) -> list[str] | None:
        sequences = [value] if isinstance(value, str) else value
        if not isinstance(sequences, list) or len(sequences) > MAX_STOP_SEQUENCES:
            return None
        return sequences if all(isinstance(sequence, str) for sequence in sequences) else None

    def draw(self, support: ParameterSupport) -> None:
        st.multiselect(
            self.label,
            [],
            accept_new_options=True,
            max_selections=MAX_STOP_SEQUENCES,
            placeholder="none",
            **self.widget_arguments(support.problem),
        )


@dataclass(frozen=True, slots=True)
class MultipleChoiceControl(ParameterControl):
    """Any number of options."""

    options: tuple[str, ...]

    @property
    def empty_value(self) -> list[str]:
        return []

    def to_widget_value(self, value: Any) -> list[str] | None:
        is_possible = isinstance(value, list) and all(option in self.options for option in value)
        return value if is_possible else None

    def draw(self, support: ParameterSupport) -> None:
        unsupported = support.unsupported_options
        selected = session.widget_value(self.key) or []
        # One that was selected for another model stays selected for that one.
        options = [option for option in self.options if option not in unsupported or option in selected]
        st.multiselect(self.label, options, placeholder="none", **self.widget_arguments(support.problem))
        for option in selected:
            if option in unsupported and not support.problem:
                st.caption(f"{option} is not sent: {unsupported[option]}")


class TextControl(ParameterControl):
    """A line of text."""

    __slots__ = ()

    @property
    def empty_value(self) -> str:
        return ""

    def to_widget_value(self, value: Any) -> str | None:
        return value if isinstance(value, str) and len(value) <= _MAX_TEXT_LENGTH else None

    def draw(self, support: ParameterSupport) -> None:
        st.text_input(self.label, placeholder="none", **self.widget_arguments(support.problem))


class LogitBiasControl(TextControl):
    """The logit biases as JSON."""

    __slots__ = ()

    def value(self) -> dict[str, int] | None:
        """Return the biases by token ID; None for anything but a JSON object of numbers."""
        try:
            biases = json.loads(session.widget_value(self.key) or "{}")
            return {str(token): int(bias) for token, bias in biases.items()}
        except (ValueError, AttributeError, TypeError):
            return None

    def to_widget_value(self, value: Any) -> str | None:
        if not isinstance(value, dict) or not all(type(bias) is int for bias in value.values()):
            return None
        return json.dumps(value)

    def draw(self, support: ParameterSupport) -> None:
        TextControl.draw(self, support)
        if self.value() is None:
            st.error('Not sent: expected a JSON object of numbers, such as {"1734": -100}.')


class MetadataControl(TextControl):
    """Names and values as JSON."""

    __slots__ = ()

    def value(self) -> dict[str, str] | None:
        """Return the metadata; None for anything but a JSON object of texts."""
        try:
            metadata = json.loads(session.widget_value(self.key) or "{}")
        except ValueError:
            return None
        is_valid = isinstance(metadata, dict) and all(isinstance(text, str) for text in metadata.values())
        return metadata if is_valid else None

    def to_widget_value(self, value: Any) -> str | None:
        return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else None

    def draw(self, support: ParameterSupport) -> None:
        TextControl.draw(self, support)
        if self.value() is None:
            st.error('Not sent: expected a JSON object of texts, such as {"user": "42"}.')
