"""The counts as code: by tiktoken on this machine, and exactly by the server."""

from typing import Any

from core.snippets import Snippet, client_source, curl_command, literal
from core.tokens.analysis import TokenAnalysis
from core.tokens.server_count import count_params

_MAX_TEXT_LENGTH = 2_000


def token_snippets(found: TokenAnalysis, base_url: str) -> tuple[Snippet, ...]:
    """Write the code that counts what *found* holds; a long text is cut short in it."""
    return (
        Snippet("Count here", "python", _local(found)),
        Snippet("Count on the server", "python", _server(found, base_url)),
    )


def count_snippets(params: dict[str, Any], base_url: str) -> tuple[Snippet, ...]:
    """Write the call that had the server count *params*."""
    return (
        Snippet("Python", "python", _python(params, base_url)),
        Snippet("curl", "bash", curl_command(params, base_url, "responses/input_tokens")),
    )


def _local(found: TokenAnalysis) -> str:
    lines = ["import tiktoken", "", f'encoding = tiktoken.get_encoding("{found.tokens.encoding}")']
    if found.kind == "ids":
        ids = found.tokens.ids[:200].tolist()
        return "\n".join([*lines, f"print(encoding.decode({literal(ids)}))"])
    allowed = 'allowed_special="all"' if found.options.allow_special else "disallowed_special=()"
    read = "# What looks like a special token is plain text, as it is to the API."
    return "\n".join(
        [
            *lines,
            f"text = {literal(found.text[:_MAX_TEXT_LENGTH])}",
            *([] if found.options.allow_special else [read]),
            f"ids = encoding.encode(text, {allowed})",
            "print(len(ids))",
        ]
    )


def _server(found: TokenAnalysis, base_url: str) -> str:
    return _python(count_params({**_short(found), "model": found.options.model}), base_url)


def _python(params: dict[str, Any], base_url: str) -> str:
    arguments = "".join(f"    {name}={literal(value, 4)},\n" for name, value in params.items())
    call = f"counted = client.responses.input_tokens.count(\n{arguments})"
    return f"{client_source(base_url)}\n{call}\nprint(counted.input_tokens)"


def _short(found: TokenAnalysis) -> dict[str, Any]:
    if found.params:
        return found.to_request()
    return {"messages": [{"role": "user", "content": found.text[:_MAX_TEXT_LENGTH]}]}
