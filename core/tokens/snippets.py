"""The counts as code: by tiktoken on this machine, and exactly by the server."""

from typing import Any

from core.snippets import Snippet, client_source, curl, literal
from core.tokens.analysis import Reading
from core.tokens.server_count import count_params

_MOST_TEXT = 2_000


def token_snippets(found: Reading, base_url: str) -> tuple[Snippet, ...]:
    """Write the code that counts what *found* holds; a long text is cut short in it."""
    return (
        Snippet("Count here", "python", _local(found)),
        Snippet("Count on the server", "python", _server(found, base_url)),
    )


def count_snippets(params: dict[str, Any], base_url: str) -> tuple[Snippet, ...]:
    """Write the call that had the server count *params*."""
    return (
        Snippet("Python", "python", _python(params, base_url)),
        Snippet("curl", "bash", curl(params, base_url, "responses/input_tokens")),
    )


def _local(found: Reading) -> str:
    lines = ["import tiktoken", "", f'encoding = tiktoken.get_encoding("{found.tokens.encoding}")']
    if found.kind == "ids":
        ids = found.tokens.ids[:200].tolist()
        return "\n".join([*lines, f"print(encoding.decode({literal(ids)}))"])
    allowed = 'allowed_special="all"' if found.choice.special else "disallowed_special=()"
    read = "# What looks like a special token is plain text, as it is to the API."
    return "\n".join(
        [
            *lines,
            f"text = {literal(found.text[:_MOST_TEXT])}",
            *([] if found.choice.special else [read]),
            f"ids = encoding.encode(text, {allowed})",
            "print(len(ids))",
        ]
    )


def _server(found: Reading, base_url: str) -> str:
    return _python(count_params({**_short(found), "model": found.choice.model}), base_url)


def _python(params: dict[str, Any], base_url: str) -> str:
    arguments = "".join(f"    {name}={literal(value, 4)},\n" for name, value in params.items())
    call = f"counted = client.responses.input_tokens.count(\n{arguments})"
    return f"{client_source(base_url)}\n{call}\nprint(counted.input_tokens)"


def _short(found: Reading) -> dict[str, Any]:
    if found.params:
        return found.as_request()
    return {"messages": [{"role": "user", "content": found.text[:_MOST_TEXT]}]}
