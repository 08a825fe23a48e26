"""An embeddings request as code that runs as it is."""

from typing import Any

from core.snippets import (
    Expression,
    Snippet,
    SnippetFile,
    SnippetOptions,
    arguments_source,
    client_source,
    curl_snippet,
    json_text,
    python_snippets,
)

# With more texts than these, the code reads them from a file.
_MAX_INLINE_INPUTS = 50
_FILE = "input.json"
# The encoding is explicit, because Windows has another default.
_READ_FILE = Expression(f'json.loads(Path("{_FILE}").read_text(encoding="utf-8"))')


def embedding_snippets(params: dict[str, Any], options: SnippetOptions) -> tuple[Snippet, ...]:
    """Write the call with *params* as sync Python, async Python and curl."""
    # The SDK requests base64 and decodes it by itself.
    params = {name: value for name, value in params.items() if name != "encoding_format"}
    is_long = len(params["input"]) > _MAX_INLINE_INPUTS
    python_params = {**params, "input": _READ_FILE} if is_long else params
    modules = ("json", "pathlib") if is_long else ()
    files = (SnippetFile(_FILE, json_text(params["input"]).encode()),) if is_long else ()
    return (
        *python_snippets(
            [client_source(options, *modules, is_async=is_async) for is_async in (False, True)],
            [_call(python_params, "", ""), _call(python_params, "    ", "await ")],
            files=files,
        ),
        curl_snippet(params, options, "embeddings", is_long=is_long),
    )


def _call(params: dict[str, Any], indent: str, awaiting: str) -> str:
    arguments = arguments_source(params, f"{indent}    ")
    size = 'len(response.data), "embeddings of", len(response.data[0].embedding), "dimensions"'
    return (
        f"{indent}response = {awaiting}client.embeddings.create(\n{arguments}{indent})\n"
        f"{indent}print({size})\n"
    )
