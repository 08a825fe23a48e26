"""Code that counts tokens: locally with tiktoken, and exactly on the server."""

from typing import Any

from core.snippets import Snippet, client_source, curl_command, literal
from core.tokens.analysis import TokenAnalysis
from core.tokens.server_count import count_params

_MAX_TEXT_LENGTH = 2_000
_MAX_IDS = 200


def token_snippets(analysis: TokenAnalysis, base_url: str) -> tuple[Snippet, ...]:
    """Return the code that counts the tokens of *analysis*; a long text is truncated in it."""
    truncated = {"messages": [{"role": "user", "content": analysis.text[:_MAX_TEXT_LENGTH]}]}
    request = analysis.to_request() if analysis.params else truncated
    params = count_params({**request, "model": analysis.options.model})
    return (
        Snippet("Count locally", "python", _tiktoken_source(analysis)),
        Snippet("Count on the server", "python", _count_source(params, base_url)),
    )


def count_snippets(params: dict[str, Any], base_url: str) -> tuple[Snippet, ...]:
    """Return the code of the request that counted *params* on the server."""
    return (
        Snippet("Python", "python", _count_source(params, base_url)),
        Snippet("curl", "bash", curl_command(params, base_url, "responses/input_tokens")),
    )


def _tiktoken_source(analysis: TokenAnalysis) -> str:
    lines = ["import tiktoken", "", f'encoding = tiktoken.get_encoding("{analysis.tokens.encoding}")']
    if analysis.kind == "ids":
        ids = analysis.tokens.ids[:_MAX_IDS].tolist()
        return "\n".join([*lines, f"print(encoding.decode({literal(ids)}))"])
    lines.append(f"text = {literal(analysis.text[:_MAX_TEXT_LENGTH])}")
    if analysis.options.allow_special:
        lines.append('ids = encoding.encode(text, allowed_special="all")')
    else:
        lines.append("# Special tokens in the text are plain text, as for the API.")
        lines.append("ids = encoding.encode(text, disallowed_special=())")
    return "\n".join([*lines, "print(len(ids))"])


def _count_source(params: dict[str, Any], base_url: str) -> str:
    arguments = "".join(f"    {name}={literal(value, 4)},\n" for name, value in params.items())
    call = f"count = client.responses.input_tokens.count(\n{arguments})"
    return f"{client_source(base_url)}\n{call}\nprint(count.input_tokens)"
