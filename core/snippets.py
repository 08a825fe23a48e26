"""A chat request as code that runs unchanged and sends exactly the request that was sent."""

import json
from dataclasses import dataclass
from typing import Any

from core.client.profile import OPENAI_URL

_KEY_FROM_ENVIRONMENT = 'os.environ["OPENAI_API_KEY"]'
_MAX_WIDTH = 88
_MAX_DATA_URL = 200  # the code reads a longer data URL from a file


@dataclass(frozen=True, slots=True)
class Snippet:
    """The request in one language: its tab label, the language for highlighting, and the source."""

    label: str
    language: str
    source: str


@dataclass(frozen=True, slots=True)
class _Identifier:
    """A variable name within a literal."""

    name: str


def chat_snippets(params: dict[str, Any], base_url: str) -> tuple[Snippet, ...]:
    """Write the chat request with *params* as sync Python, async Python and curl. None contains the key."""
    images, python_params = _extract_images(params)
    modules = ("base64", "os", "pathlib") if images else ("os",)
    python = (
        f"{import_lines('OpenAI', *modules)}\n{images}client = OpenAI({client_arguments(base_url)})\n\n"
        f"{_call(python_params, '', 'client.chat.completions.create', 'for')}"
    )
    python_async = (
        f"{import_lines('AsyncOpenAI', 'asyncio', *modules)}\n{images}"
        f"client = AsyncOpenAI({client_arguments(base_url)})\n\n\n"
        "async def main() -> None:\n"
        f"{_call(python_params, '    ', 'await client.chat.completions.create', 'async for')}\n\n"
        "asyncio.run(main())\n"
    )
    return (
        Snippet("Python", "python", python),
        Snippet("Python async", "python", python_async),
        Snippet("curl", "bash", curl_command(params, base_url)),
    )


def client_source(base_url: str) -> str:
    """Write the lines that import the SDK and create a client for *base_url*."""
    return f"{import_lines('OpenAI', 'os')}\nclient = OpenAI({client_arguments(base_url)})\n"


def import_lines(client: str, *modules: str) -> str:
    """Write the imports of *modules*, in alphabetical order, and of the SDK's class *client*."""
    lines = ["from pathlib import Path" if module == "pathlib" else f"import {module}" for module in modules]
    return "\n".join([*lines, "", f"from openai import {client}", ""])


def client_arguments(base_url: str) -> str:
    """Write the arguments of the client for *base_url*. There are none for OpenAI, the SDK's default."""
    if base_url.rstrip("/") == OPENAI_URL:
        return ""
    return f"api_key={_KEY_FROM_ENVIRONMENT}, base_url={_string_literal(base_url)}"


def curl_command(params: dict[str, Any], base_url: str, path: str = "chat/completions") -> str:
    """Write the request to *path* with *params* for a shell."""
    body = json.dumps(params, indent=2, ensure_ascii=False)
    no_buffer = " -N" if params.get("stream") else ""
    return (
        f"curl{no_buffer} {base_url.rstrip('/')}/{path} \\\n"
        '  -H "Authorization: Bearer $OPENAI_API_KEY" \\\n'
        '  -H "Content-Type: application/json" \\\n'
        # Quoting the word of the here-document keeps the shell from expanding anything in the body.
        f"  --data-binary @- <<'END_OF_BODY'\n{body}\nEND_OF_BODY\n"
    )


def literal(value: Any, indent: int = 0) -> str:
    """Write *value*, made of JSON types, as Python source, over several lines where one would be too long."""
    one_line = _one_line_literal(value)
    if len(one_line) + indent <= _MAX_WIDTH or not isinstance(value, dict | list):
        return one_line
    inner = " " * (indent + 4)
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    items = (
        [f"{_one_line_literal(key)}: {literal(item, indent + 4)}" for key, item in value.items()]
        if isinstance(value, dict)
        else [literal(item, indent + 4) for item in value]
    )
    return opening + "\n" + "".join(f"{inner}{item},\n" for item in items) + " " * indent + closing


def _one_line_literal(value: Any) -> str:
    if isinstance(value, _Identifier):
        return value.name
    if isinstance(value, dict):
        items = (f"{_one_line_literal(key)}: {_one_line_literal(item)}" for key, item in value.items())
        return "{" + ", ".join(items) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_one_line_literal, value)) + "]"
    return _string_literal(value) if isinstance(value, str) else repr(value)


def _string_literal(text: str) -> str:
    # A JSON string is a Python string of the same value, and keeps letters of all scripts readable. Lone
    # surrogates are the exception: no UTF-8 file can contain them unescaped.
    has_surrogates = any("\ud800" <= character <= "\udfff" for character in text)
    return repr(text) if has_surrogates else json.dumps(text, ensure_ascii=False)


def _call(params: dict[str, Any], indent: str, function: str, loop: str) -> str:
    """Write the call of *function* and the lines that print the reply, whole or as a stream."""
    inner = f"{indent}    "
    arguments = "".join(f"{inner}{name}={literal(value, len(inner))},\n" for name, value in params.items())
    call = f"{function}(\n{arguments}{indent})\n"
    if not params.get("stream"):
        return f"{indent}completion = {call}{indent}print(completion.choices[0].message.content)\n"
    return (
        f"{indent}stream = {call}"
        f"{indent}{loop} chunk in stream:\n"
        f"{inner}if chunk.choices and chunk.choices[0].delta.content:\n"
        f'{inner}    print(chunk.choices[0].delta.content, end="", flush=True)\n'
    )


def _extract_images(params: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Replace each long data URL by a variable; return the definitions and the params."""
    definitions: list[str] = []

    def extract(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: extract(item) for key, item in value.items()}
        if isinstance(value, list):
            return [extract(item) for item in value]
        if not (isinstance(value, str) and value.startswith("data:image/") and len(value) > _MAX_DATA_URL):
            return value
        name, prefix = f"image_{len(definitions) + 1}", value.partition(",")[0]
        extension = prefix.removeprefix("data:image/").partition(";")[0]
        encoded = f'base64.b64encode(Path("{name}.{extension}").read_bytes()).decode()'
        definitions.append(f'{name} = "{prefix}," + {encoded}\n')
        return _Identifier(name)

    params = extract(params)
    return ("".join(definitions) + "\n" if definitions else ""), params
