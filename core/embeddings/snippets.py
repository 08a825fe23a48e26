"""The embeddings call as code that runs as it stands."""

import json
from typing import Any

from core.snippets import OPENAI_URL, Snippet, literal

# More texts than these are read from a file in the code.
_MOST_INPUTS = 50
_FILE = "input.json"


def embedding_snippets(params: dict[str, Any], base_url: str) -> tuple[Snippet, ...]:
    """Write the call with *params* as sync Python, async Python and curl. No key is in any of them.

    `encoding_format="base64"` is left out: the SDK asks for it, and decodes it, by itself.
    """
    params = {name: value for name, value in params.items() if name != "encoding_format"}
    return (
        Snippet("Python", "python", _python(params, base_url)),
        Snippet("Python async", "python", _python_async(params, base_url)),
        Snippet("curl", "bash", _curl(params, base_url)),
    )


def _python(params: dict[str, Any], base_url: str) -> str:
    return (
        f"{_imports('OpenAI', params)}\nclient = OpenAI({_client(base_url)})\n\n"
        f"reply = client.embeddings.create(\n{_arguments(params, 4)})\n{_print('')}"
    )


def _python_async(params: dict[str, Any], base_url: str) -> str:
    return (
        f"import asyncio\n{_imports('AsyncOpenAI', params)}\nclient = AsyncOpenAI({_client(base_url)})\n\n\n"
        f"async def main() -> None:\n"
        f"    reply = await client.embeddings.create(\n{_arguments(params, 8)}    )\n{_print('    ')}\n\n"
        "asyncio.run(main())\n"
    )


def _curl(params: dict[str, Any], base_url: str) -> str:
    head = (
        f"curl {base_url.rstrip('/')}/embeddings \\\n"
        '  -H "Authorization: Bearer $OPENAI_API_KEY" \\\n'
        '  -H "Content-Type: application/json" \\\n'
    )
    if _is_long(params):
        return f"{head}  --data-binary @request.json\n"
    body = json.dumps(params, indent=2, ensure_ascii=False)
    return f"{head}  --data-binary @- <<'END_OF_BODY'\n{body}\nEND_OF_BODY\n"


def _imports(client: str, params: dict[str, Any]) -> str:
    read = ("import json\n", "from pathlib import Path\n") if _is_long(params) else ("", "")
    return f"{read[0]}import os\n{read[1]}\nfrom openai import {client}\n"


def _client(base_url: str) -> str:
    if base_url.rstrip("/") == OPENAI_URL:
        return ""
    return f'api_key=os.environ["OPENAI_API_KEY"], base_url={literal(base_url)}'


def _arguments(params: dict[str, Any], indent: int) -> str:
    shown = {name: literal(value, indent) for name, value in params.items() if name != "input"}
    texts = (
        f'json.loads(Path("{_FILE}").read_text())' if _is_long(params) else literal(params["input"], indent)
    )
    return "".join(f"{' ' * indent}{name}={value},\n" for name, value in {**shown, "input": texts}.items())


def _is_long(params: dict[str, Any]) -> bool:
    return len(params["input"]) > _MOST_INPUTS


def _print(pad: str) -> str:
    return f'{pad}print(len(reply.data), "vectors of", len(reply.data[0].embedding), "numbers")\n'
