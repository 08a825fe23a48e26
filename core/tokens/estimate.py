"""Estimate the tokens of a chat request before it is sent, by the recipes in `data/token_recipes.json`."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from core.errors.types import PlaygroundError
from core.images.image import image_size
from core.images.tokens import count_image_tokens, formula_for
from core.json_values import JsonObject, json_object, json_objects
from core.models.catalog import base_id
from core.paths import DATA
from core.tokens.context_window import ApiMessage
from core.tokens.encodings import ModelEncoding, count_tokens, encoding_for_model

RECIPES = DATA / "token_recipes.json"

# Each page load and each end of a reply asks for all incomplete replies of a conversation.
_MAX_CACHED_REPLIES = 64

# Keywords of JSON Schema that the published recipe does not cover.
_UNPRICED_KEYWORDS = ("$ref", "$defs", "anyOf", "oneOf", "allOf")


@dataclass(frozen=True, slots=True)
class TokenEstimate:
    """The estimated tokens of a request; `parts` add up to `tokens`.

    `notes` list the assumptions. Even without any it is an estimate: a new snapshot may count differently.
    """

    tokens: int
    parts: tuple[tuple[str, int], ...]
    encoding: str
    assumed: bool
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MessageTokens:
    """The tokens of one message; `framing_tokens` is the constant that every message costs."""

    role: str
    framing_tokens: int
    role_tokens: int
    name_tokens: int
    text_tokens: int
    image_tokens: int

    @property
    def total(self) -> int:
        return (
            self.framing_tokens + self.role_tokens + self.name_tokens + self.text_tokens + self.image_tokens
        )


@dataclass(frozen=True, slots=True)
class _Recipe:
    """How a model counts the tokens around messages and functions, by OpenAI's cookbook."""

    model_id: str
    encoding: ModelEncoding
    per_message: int
    per_name: int
    priming: int
    per_function: int
    assumed: bool

    def count(self, text: str) -> int:
        return count_tokens(text, self.encoding.name)


@lru_cache(maxsize=_MAX_CACHED_REPLIES)
def estimate_output_tokens(text: str, model: str) -> int | None:
    """Count the tokens of an incomplete reply of *model*; None if the vocabulary is missing."""
    try:
        return count_tokens(text, encoding_for_model(model).name)
    except PlaygroundError:
        return None


def estimate_tokens(params: Mapping[str, Any]) -> TokenEstimate:
    """Estimate the prompt tokens of the chat completion request *params*.

    Raises PlaygroundError when the vocabulary is missing.
    """
    recipe = _recipe_for(params)
    messages = json_objects(params.get("messages"))
    tools = json_objects(params.get("tools"))
    schema = _response_schema(params)
    instructions = conversation = 0
    for message in messages:
        if message.get("role") in ("system", "developer"):
            instructions += _message_text_tokens(message, recipe)
        else:
            conversation += _message_text_tokens(message, recipe)
    functions = sum(recipe.per_function + _function_tokens(tool, recipe) for tool in tools)
    parts = (
        ("instructions", instructions),
        ("conversation", conversation),
        ("images", sum(_message_image_tokens(message, recipe) for message in messages)),
        ("tools", functions + _tool_rules()["after_all"] if tools else 0),
        ("response schema", recipe.count(_as_json(schema)) if schema else 0),
        ("reply priming", recipe.priming if messages else 0),
    )
    notes = tuple(_notes(params, recipe))
    return TokenEstimate(
        sum(tokens for _, tokens in parts),
        tuple(part for part in parts if part[1]),
        recipe.encoding.name,
        bool(notes),
        notes,
    )


def message_counter(model_id: str) -> Callable[[ApiMessage], int]:
    """Return a function that counts one message for *model_id*; a request adds the reply priming once."""
    recipe = _recipe_for({"model": model_id})
    return lambda message: _message_text_tokens(message, recipe) + _message_image_tokens(message, recipe)


def message_breakdown(params: Mapping[str, Any]) -> list[MessageTokens]:
    """Break down each message of *params*, without tools, response schema and reply priming."""
    recipe = _recipe_for(params)
    breakdown: list[MessageTokens] = []
    for message in json_objects(params.get("messages")):
        role, name = str(message.get("role") or ""), message.get("name")
        other_fields = {key: value for key, value in message.items() if key not in ("role", "name")}
        breakdown.append(
            MessageTokens(
                role,
                framing_tokens=recipe.per_message,
                role_tokens=recipe.count(role),
                name_tokens=recipe.per_name + recipe.count(name) if isinstance(name, str) else 0,
                text_tokens=sum(recipe.count(text) for text in _text_fields(other_fields)),
                image_tokens=_message_image_tokens(message, recipe),
            )
        )
    return breakdown


def _message_text_tokens(message: ApiMessage, recipe: _Recipe) -> int:
    """Count a constant per message, and every text field, the role included."""
    name_overhead = recipe.per_name if isinstance(message.get("name"), str) else 0
    return recipe.per_message + name_overhead + sum(recipe.count(text) for text in _text_fields(message))


def _text_fields(message: ApiMessage) -> Iterator[str]:
    yield from (value for key, value in message.items() if isinstance(value, str) and key != "tool_call_id")
    for part in json_objects(message.get("content")):
        if isinstance(part.get("text"), str):
            yield part["text"]
    for call in json_objects(message.get("tool_calls")):
        function = call.get("function") or call.get("custom")
        if isinstance(function, Mapping):
            yield from (value for value in function.values() if isinstance(value, str))


def _message_image_tokens(message: ApiMessage, recipe: _Recipe) -> int:
    return sum(
        count_image_tokens(recipe.model_id, _image_size(image), str(image.get("detail") or "auto"))
        for image in _images(message)
    )


def _images(message: ApiMessage) -> Iterator[JsonObject]:
    for part in json_objects(message.get("content")):
        if part.get("type") == "image_url":
            yield json_object(part.get("image_url"))


def _image_size(image: JsonObject) -> tuple[int, int] | None:
    """Return the size of an image in a data URL; that of a remote image is unknown."""
    url = image.get("url")
    return image_size(url) if isinstance(url, str) and url.startswith("data:") else None


def _function_tokens(tool: JsonObject, recipe: _Recipe) -> int:
    """Count a function of Chat Completions (nested) or of Responses (flat); any other tool as JSON."""
    function = tool.get("function", tool)
    if not isinstance(function, Mapping) or "name" not in function:
        return recipe.count(_as_json(tool))
    heading = recipe.count(f"{function['name']}:{_description(function)}")
    parameters = function.get("parameters")
    return heading + (_schema_tokens(parameters, recipe) if isinstance(parameters, Mapping) else 0)


def _schema_tokens(schema: JsonObject, recipe: _Recipe) -> int:
    """Count the properties by the recipe, and keywords that it does not cover as JSON."""
    properties = schema.get("properties")
    named = properties.items() if isinstance(properties, Mapping) else ()
    unpriced = {key: schema[key] for key in _UNPRICED_KEYWORDS if key in schema}
    return (
        (_tool_rules()["has_properties"] if named else 0)
        + sum(_property_tokens(str(name), spec, recipe) for name, spec in named)
        + (recipe.count(_as_json(unpriced)) if unpriced else 0)
    )


def _property_tokens(name: str, spec: object, recipe: _Recipe) -> int:
    rules = _tool_rules()
    if not isinstance(spec, Mapping):
        return rules["per_property"] + recipe.count(name)
    tokens = rules["per_property"] + recipe.count(f"{name}:{spec.get('type', '')}:{_description(spec)}")
    if isinstance(values := spec.get("enum"), list):
        tokens += rules["has_enum"]
        tokens += sum(rules["per_enum_item"] + recipe.count(str(value)) for value in values)
    if isinstance(items := spec.get("items"), Mapping):
        tokens += _property_tokens("", items, recipe)
    return tokens + _schema_tokens(spec, recipe)


def _description(spec: JsonObject) -> str:
    # The published recipe counts descriptions without their final period.
    return str(spec.get("description", "")).removesuffix(".")


def _notes(params: Mapping[str, Any], recipe: _Recipe) -> Iterator[str]:
    if recipe.encoding.assumed:
        yield "the encoding is assumed"
    if recipe.assumed:
        yield "the message overhead is assumed"
    messages = json_objects(params.get("messages"))
    part_types = {
        str(part.get("type")) for message in messages for part in json_objects(message.get("content"))
    }
    if any(_image_size(image) is None for message in messages for image in _images(message)):
        yield "an image of unknown size is counted as 1024 x 1024 pixels"
    if "image_url" in part_types and formula_for(recipe.model_id).assumed:
        yield "the image token formula is assumed"
    if part_types - {"text", "image_url", "refusal"}:
        yield "files and audio are not counted"
    if params.get("tools") or _response_schema(params):
        yield "tools and schemas are approximate"


def _response_schema(params: Mapping[str, Any]) -> object:
    response_format = params.get("response_format")
    return response_format.get("json_schema") if isinstance(response_format, Mapping) else None


def _as_json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)


@cache
def _load_recipes() -> dict[str, Any]:
    recipes: dict[str, Any] = json.loads(RECIPES.read_text(encoding="utf-8"))
    return recipes


def _tool_rules() -> dict[str, int]:
    return {name: value for name, value in _load_recipes()["tools"].items() if name != "source"}


def _recipe_for(params: Mapping[str, Any]) -> _Recipe:
    model_id = str(params.get("model", ""))
    base = base_id(model_id)
    rows = [row for row in _load_recipes()["messages"] if base.startswith(row["prefix"])]
    row = max(rows, key=lambda row: len(row["prefix"]))
    constants = {
        name: row[name] for name in ("per_message", "per_name", "priming", "per_function", "assumed")
    }
    return _Recipe(model_id, encoding_for_model(model_id), **constants)
