"""The call as code: what is shown is what is sent, and it runs as it stands."""

import json
from dataclasses import dataclass
from typing import Any

OPENAI_URL = "https://api.openai.com/v1"
_KEY_FROM_ENVIRONMENT = 'os.environ["OPENAI_API_KEY"]'
_MAX_WIDTH = 88
_MAX_DATA_URL = 200  # a data URL longer than this is read from a file in the code


@dataclass(frozen=True, slots=True)
class Snippet:
    """A way to make the call: its tab label, the language for highlighting, and the source."""

    label: str
    language: str
    source: str


@dataclass(frozen=True, slots=True)
class _Identifier:
    """A bare name in a literal."""

    text: str


def chat_snippets(params: dict[str, Any], base_url: str) -> tuple[Snippet, ...]:
    """Write the chat call with *params* as sync Python, async Python and curl. No key is in any of them."""
    return (
        Snippet("Python", "python", _python(params, base_url)),
        Snippet("Python async", "python", _python_async(params, base_url)),
        Snippet("curl", "bash", curl_command(params, base_url)),
    )


def client_source(base_url: str) -> str:
    """Write the lines that import the SDK and make a client for *base_url*."""
    return f"{_imports('OpenAI', '')}\nclient = OpenAI({_client(base_url)})\n"


def curl_command(params: dict[str, Any], base_url: str, path: str = "chat/completions") -> str:
    """Write the call of *path* with *params* for a shell."""
    body = json.dumps(params, indent=2, ensure_ascii=False)
    unbuffered = " -N" if params.get("stream") else ""
    return (
        f"curl{unbuffered} {base_url.rstrip('/')}/{path} \\\n"
        '  -H "Authorization: Bearer $OPENAI_API_KEY" \\\n'
        '  -H "Content-Type: application/json" \\\n'
        f"  --data-binary @- <<'END_OF_BODY'\n{body}\nEND_OF_BODY\n"
    )


def literal(value: Any, indent: int = 0) -> str:
    """Write *value*, made of JSON types, as Python source, over several lines where one would be too long."""
    flat = _flat(value)
    if len(flat) + indent <= _MAX_WIDTH or not isinstance(value, dict | list):
        return flat
    inner = " " * (indent + 4)
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    items = (
        [f"{_flat(key)}: {literal(item, indent + 4)}" for key, item in value.items()]
        if isinstance(value, dict)
        else [literal(item, indent + 4) for item in value]
    )
    return opening + "\n" + "".join(f"{inner}{item},\n" for item in items) + " " * indent + closing


def _flat(value: Any) -> str:
    if isinstance(value, _Identifier):
        return value.text
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_flat(key)}: {_flat(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flat, value)) + "]"
    return _string(value) if isinstance(value, str) else repr(value)


def _string(text: str) -> str:
    """Quote as JSON does, which Python reads alike, save for lone surrogates, which no file can hold."""
    alone = any("\ud800" <= character <= "\udfff" for character in text)
    return repr(text) if alone else json.dumps(text, ensure_ascii=False)


def _python(params: dict[str, Any], base_url: str) -> str:
    files, named = _name_images(params)
    call = f"client.chat.completions.create(\n{_arguments(named, 4)})\n"
    use = f"stream = {call}{_loop('for', 0)}" if params.get("stream") else f"completion = {call}{_print(0)}"
    return f"{_imports('OpenAI', files)}\n{files}client = OpenAI({_client(base_url)})\n\n{use}"


def _python_async(params: dict[str, Any], base_url: str) -> str:
    files, named = _name_images(params)
    call = f"await client.chat.completions.create(\n{_arguments(named, 8)}    )\n"
    use = (
        f"    stream = {call}{_loop('async for', 4)}"
        if params.get("stream")
        else f"    completion = {call}{_print(4)}"
    )
    return (
        f"import asyncio\n{_imports('AsyncOpenAI', files)}\n{files}"
        f"client = AsyncOpenAI({_client(base_url)})\n\n\n"
        f"async def main() -> None:\n{use}\n\nasyncio.run(main())\n"
    )


def _imports(client: str, files: str) -> str:
    base64 = "import base64\n" if files else ""
    path = "from pathlib import Path\n" if files else ""
    return f"{base64}import os\n{path}\nfrom openai import {client}\n"


def _client(base_url: str) -> str:
    if base_url.rstrip("/") == OPENAI_URL:
        return ""
    return f"api_key={_KEY_FROM_ENVIRONMENT}, base_url={_string(base_url)}"


def _arguments(params: dict[str, Any], indent: int) -> str:
    return "".join(f"{' ' * indent}{name}={literal(value, indent)},\n" for name, value in params.items())


def _loop(keyword: str, indent: int) -> str:
    pad = " " * indent
    return (
        f"{pad}{keyword} chunk in stream:\n"
        f"{pad}    if chunk.choices and chunk.choices[0].delta.content:\n"
        f'{pad}        print(chunk.choices[0].delta.content, end="", flush=True)\n'
    )


def _print(indent: int) -> str:
    return f"{' ' * indent}print(completion.choices[0].message.content)\n"


def _name_images(params: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Put a name in place of every long data URL; return the lines that define the names, and the params."""
    defined: list[str] = []

    def named(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: named(item) for key, item in value.items()}
        if isinstance(value, list):
            return [named(item) for item in value]
        if isinstance(value, str) and value.startswith("data:image/") and len(value) > _MAX_DATA_URL:
            return _define(value, defined)
        return value

    params = named(params)
    return ("".join(defined) + "\n" if defined else ""), params


def _define(data_url: str, defined: list[str]) -> _Identifier:
    name, head = f"image_{len(defined) + 1}", data_url.partition(",")[0]
    suffix = head.removeprefix("data:image/").partition(";")[0]
    read = f'base64.b64encode(Path("{name}.{suffix}").read_bytes()).decode()'
    defined.append(f'{name} = "{head}," + {read}\n')
    return _Identifier(name)
