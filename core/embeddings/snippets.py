"""An embeddings request as code that runs as it is."""

from typing import Any

from core.client.profile import OPENAI_URL
from core.snippets import Snippet, curl_command, literal

# With more texts than these, the code reads them from a file.
_MAX_INLINE_INPUTS = 50
_FILE = "input.json"


def embedding_snippets(params: dict[str, Any], base_url: str) -> tuple[Snippet, ...]:
    """Write the call with *params* as sync Python, async Python and curl. None of them contains the key."""
    # The SDK requests base64 and decodes it by itself.
    params = {name: value for name, value in params.items() if name != "encoding_format"}
    python = (
        f"{_imports('OpenAI', params)}\nclient = OpenAI({_client_arguments(base_url)})\n\n"
        f"response = client.embeddings.create(\n{_call_arguments(params, 4)})\n{_print('')}"
    )
    python_async = (
        f"import asyncio\n{_imports('AsyncOpenAI', params)}\n"
        f"client = AsyncOpenAI({_client_arguments(base_url)})\n\n\n"
        "async def main() -> None:\n"
        f"    response = await client.embeddings.create(\n{_call_arguments(params, 8)}    )\n"
        f"{_print('    ')}\n\n"
        "asyncio.run(main())\n"
    )
    curl = curl_command(params, base_url, "embeddings")
    if _is_long(params):
        curl = curl.partition("  --data-binary")[0] + "  --data-binary @request.json\n"
    return (
        Snippet("Python", "python", python),
        Snippet("Python async", "python", python_async),
        Snippet("curl", "bash", curl),
    )


def _imports(client: str, params: dict[str, Any]) -> str:
    json, path = ("import json\n", "from pathlib import Path\n") if _is_long(params) else ("", "")
    return f"{json}import os\n{path}\nfrom openai import {client}\n"


def _client_arguments(base_url: str) -> str:
    if base_url.rstrip("/") == OPENAI_URL:
        return ""
    return f'api_key=os.environ["OPENAI_API_KEY"], base_url={literal(base_url)}'


def _call_arguments(params: dict[str, Any], indent: int) -> str:
    arguments = {name: literal(value, indent) for name, value in params.items() if name != "input"}
    arguments["input"] = (
        f'json.loads(Path("{_FILE}").read_text())' if _is_long(params) else literal(params["input"], indent)
    )
    return "".join(f"{' ' * indent}{name}={value},\n" for name, value in arguments.items())


def _is_long(params: dict[str, Any]) -> bool:
    return len(params["input"]) > _MAX_INLINE_INPUTS


def _print(indent: str) -> str:
    return (
        f'{indent}print(len(response.data), "embeddings of", len(response.data[0].embedding), "dimensions")\n'
    )
