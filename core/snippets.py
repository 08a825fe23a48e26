"""A request as code that runs unchanged and sends exactly the request that was sent."""

import base64
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from core.client.profile import OPENAI_URL

REQUEST_FILE = "request.json"
_KEY_FROM_ENVIRONMENT = 'os.environ["OPENAI_API_KEY"]'
_MAX_WIDTH = 88
_MAX_DATA_URL = 200  # the code reads a longer data URL from a file
_MAX_FILE_NAME = 60


@dataclass(frozen=True, slots=True)
class SnippetFile:
    """A file that the code reads from the folder that it runs in."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Snippet:
    """The request in one language: its tab label, the language for highlighting, the source and its files."""

    label: str
    language: str
    source: str
    files: tuple[SnippetFile, ...] = ()


@dataclass(frozen=True, slots=True)
class SnippetOptions:
    """Where the code sends the request, and the names of the image files that it reads.

    The code contains *api_key*; if it is empty, the code reads the key from OPENAI_API_KEY. *image_names* are
    in the order of the images in the request; an image without a name gets one with its number.
    """

    base_url: str
    api_key: str = ""
    image_names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Expression:
    """Python source within a literal, such as the name of a variable."""

    source: str


def chat_snippets(params: dict[str, Any], options: SnippetOptions) -> tuple[Snippet, ...]:
    """Write the chat request with *params* as sync Python, async Python and curl."""
    return request_snippets(params, options, "chat/completions", _chat_call)


def response_snippets(params: dict[str, Any], options: SnippetOptions) -> tuple[Snippet, ...]:
    """Write the request of the Responses API with *params* as sync Python, async Python and curl."""
    return request_snippets(params, options, "responses", response_call)


def request_snippets(
    params: dict[str, Any],
    options: SnippetOptions,
    path: str,
    write_call: Callable[[dict[str, Any], str, str], str],
) -> tuple[Snippet, ...]:
    """Write the request to *path* as sync Python, async Python and curl, all with its images in files.

    *write_call* writes the call with params; its other arguments are the indentation and "await ", if any.
    """
    files = image_files(params, options)
    python_params, definitions = _extract_images(params, files)
    modules = ("base64", "pathlib") if files else ()
    return (
        *python_snippets(
            [client_source(options, *modules, is_async=is_async) for is_async in (False, True)],
            [write_call(python_params, "", ""), write_call(python_params, "    ", "await ")],
            definitions,
            tuple(files.values()),
        ),
        curl_snippet(params, options, path, is_long=bool(files)),
    )


def python_snippets(
    clients: Sequence[str], calls: Sequence[str], definitions: str = "", files: tuple[SnippetFile, ...] = ()
) -> tuple[Snippet, Snippet]:
    """Write a script and an async script from the source of the *clients* and *calls* of both."""
    before = f"\n{definitions}" if definitions else ""
    python = f"{clients[0]}{before}\n{calls[0]}"
    main = f"async def main() -> None:\n{calls[1]}\n\nasyncio.run(main())\n"
    return (
        Snippet("Python", "python", python, files),
        Snippet("Python async", "python", f"{clients[1]}{before}\n\n{main}", files),
    )


def client_source(options: SnippetOptions, *modules: str, is_async: bool = False) -> str:
    """Write the imports, with *modules*, and the client."""
    arguments = []
    # The SDK's defaults are OpenAI's base URL and the key in OPENAI_API_KEY.
    if options.api_key or options.base_url.rstrip("/") != OPENAI_URL:
        key = literal(options.api_key) if options.api_key else _KEY_FROM_ENVIRONMENT
        arguments = [f"api_key={key}", f"base_url={literal(options.base_url)}"]
    needed = {*modules}
    if f"api_key={_KEY_FROM_ENVIRONMENT}" in arguments:
        needed.add("os")
    if is_async:
        needed.add("asyncio")
    imports = [f"import {module}" for module in sorted(needed - {"pathlib"})]
    imports += ["from pathlib import Path"] if "pathlib" in needed else []
    name = "AsyncOpenAI" if is_async else "OpenAI"
    lines = [*imports, *([""] if imports else []), f"from openai import {name}", ""]
    return "\n".join([*lines, f"client = {name}({', '.join(arguments)})", ""])


def curl_snippet(params: dict[str, Any], options: SnippetOptions, path: str, *, is_long: bool) -> Snippet:
    """Write the request to *path* with *params* for a shell, which reads a long body from a file."""
    no_buffer = " -N" if params.get("stream") else ""
    body = json_text(params)
    # Quoting the word of the here-document keeps the shell from expanding anything in the body.
    data = f"@{REQUEST_FILE}\n" if is_long else f"@- <<'END_OF_BODY'\n{body}\nEND_OF_BODY\n"
    source = (
        f"curl{no_buffer} {options.base_url.rstrip('/')}/{path} \\\n"
        f'  -H "Authorization: Bearer {options.api_key or "$OPENAI_API_KEY"}" \\\n'
        '  -H "Content-Type: application/json" \\\n'
        f"  --data-binary {data}"
    )
    files = (SnippetFile(REQUEST_FILE, body.encode()),) if is_long else ()
    return Snippet("curl", "bash", source, files)


def json_text(value: Any) -> str:
    """Return *value* as JSON for a UTF-8 file, with the letters of all scripts readable."""
    text = json.dumps(value, indent=2, ensure_ascii=False)
    return json.dumps(value, indent=2) if _has_surrogates(text) else text


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
    if isinstance(value, Expression):
        return value.source
    if isinstance(value, dict):
        items = (f"{_one_line_literal(key)}: {_one_line_literal(item)}" for key, item in value.items())
        return "{" + ", ".join(items) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_one_line_literal, value)) + "]"
    return _string_literal(value) if isinstance(value, str) else repr(value)


def _string_literal(text: str) -> str:
    # A JSON string is a Python string of the same value, and keeps letters of all scripts readable. Lone
    # surrogates are the exception: no UTF-8 file can contain them unescaped.
    return repr(text) if _has_surrogates(text) else json.dumps(text, ensure_ascii=False)


def _has_surrogates(text: str) -> bool:
    return re.search("[\ud800-\udfff]", text) is not None


def _chat_call(params: dict[str, Any], indent: str, awaiting: str) -> str:
    """Write the call and the lines that print the reply, whole or as a stream."""
    inner = f"{indent}    "
    call = f"{awaiting}client.chat.completions.create(\n{arguments_source(params, inner)}{indent})\n"
    if not params.get("stream"):
        message = "completion.choices[0].message"
        calls = f" or {message}.tool_calls" if "tools" in params else ""
        return f"{indent}completion = {call}{indent}print({message}.content{calls})\n"
    calls = f"{inner}if chunk.choices and chunk.choices[0].delta.tool_calls:\n"
    calls += f"{inner}    print(chunk.choices[0].delta.tool_calls)\n"
    return (
        f"{indent}stream = {call}"
        f"{indent}{'async for' if awaiting else 'for'} chunk in stream:\n"
        f"{inner}if chunk.choices and chunk.choices[0].delta.content:\n"
        f'{inner}    print(chunk.choices[0].delta.content, end="", flush=True)\n'
        f"{calls if 'tools' in params else ''}"
    )


def response_call(params: dict[str, Any], indent: str, awaiting: str) -> str:
    """Write the call and the lines that print the response, whole or as a stream."""
    inner = f"{indent}    "
    call = f"{awaiting}client.responses.create(\n{arguments_source(params, inner)}{indent})\n"
    if not params.get("stream"):
        printed = "response.output_text or response.output" if "tools" in params else "response.output_text"
        return f"{indent}response = {call}{indent}print({printed})\n"
    calls = f'{inner}elif event.type == "response.function_call_arguments.done":\n'
    calls += f"{inner}    print(event.arguments)\n"
    return (
        f"{indent}stream = {call}"
        f"{indent}{'async for' if awaiting else 'for'} event in stream:\n"
        f'{inner}if event.type == "response.output_text.delta":\n'
        f'{inner}    print(event.delta, end="", flush=True)\n'
        f"{calls if 'tools' in params else ''}"
    )


def arguments_source(params: dict[str, Any], indent: str) -> str:
    """Write *params* as keyword arguments, one a line."""
    return "".join(f"{indent}{name}={literal(value, len(indent))},\n" for name, value in params.items())


def image_files(params: dict[str, Any], options: SnippetOptions) -> dict[str, SnippetFile]:
    """Return the file of each long data URL in *params* by the URL, in the order of the request."""
    files: dict[str, SnippetFile] = {}
    names = iter(options.image_names)
    for url in _data_urls(params):
        name = next(names, "")
        if url in files or len(url) <= _MAX_DATA_URL:
            continue
        head, _, encoded = url.partition(";base64,")
        try:
            content = base64.b64decode(encoded, validate=True)
        except ValueError:
            continue  # imported from elsewhere: the code contains it as it is
        taken = {file.name for file in files.values()}
        files[url] = SnippetFile(_file_name(name, head.removeprefix("data:image/"), taken), content)
    return files


def _data_urls(value: Any) -> list[str]:
    if isinstance(value, dict | list):
        items = value.values() if isinstance(value, dict) else value
        return [url for item in items for url in _data_urls(item)]
    return [value] if isinstance(value, str) and value.startswith("data:image/") else []


def _file_name(name: str, image_format: str, taken: set[str]) -> str:
    """Return a name for a file in the current folder, with the extension of *image_format*."""
    extensions = ("jpg", "jpeg") if image_format == "jpeg" else (re.sub(r"\W.*", "", image_format),)
    # The name of an upload may have been chosen to leave the folder.
    safe_name = re.sub(r"[^\w.() -]+", "_", name).strip(" .")[-_MAX_FILE_NAME:]
    match = re.fullmatch(r"(.*)\.(\w{1,5})", safe_name)
    stem, extension = match.groups() if match else (safe_name, "")
    if extension.lower() not in extensions:  # the image was converted
        extension = extensions[0]
    stem = stem or f"image_{len(taken) + 1}"
    unique, number = f"{stem}.{extension}", 1
    while unique in taken:
        number += 1
        unique = f"{stem}_{number}.{extension}"
    return unique


def _extract_images(params: dict[str, Any], files: dict[str, SnippetFile]) -> tuple[dict[str, Any], str]:
    """Replace each data URL that has a file by a variable; return the params and the definitions."""
    names = {url: f"image_{number}" for number, url in enumerate(files, 1)}
    definitions = "".join(
        f"{name} = {literal(url.partition(',')[0] + ',')} + "
        f"base64.b64encode(Path({literal(files[url].name)}).read_bytes()).decode()\n"
        for url, name in names.items()
    )

    def extract(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: extract(item) for key, item in value.items()}
        if isinstance(value, list):
            return [extract(item) for item in value]
        return Expression(names[value]) if isinstance(value, str) and value in names else value

    return extract(params), definitions
