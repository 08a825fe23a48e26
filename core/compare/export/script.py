"""A board as a Python script with the OpenAI SDK, which makes the same requests and compares the replies."""

from collections.abc import Mapping
from string import Template
from typing import TYPE_CHECKING, Any

from core.compare.boards.board import Board
from core.compare.variants.requests import variant_request
from core.snippets import literal

if TYPE_CHECKING:
    from core.client.profile import Profile

_SCRIPT = '''"""$title"""

import asyncio
import csv
import re
import statistics
import time

from openai import AsyncOpenAI, OpenAIError

# Each variant is a server and a request, in which {{variables}} are replaced by those of a case.
VARIANTS = $variants
CASES = $cases
REPETITIONS = $repetitions
CONCURRENCY = 10
VARIABLE = re.compile(r"{{\\s*([^\\W\\d]\\w*)\\s*}}")

# Each client reads the key from OPENAI_API_KEY.
clients = {url: AsyncOpenAI(base_url=url) for url in {variant["base_url"] for variant in VARIANTS}}
slots = asyncio.Semaphore(CONCURRENCY)


def fill(value, variables):
    """Replace the variables in all texts of a request."""
    if isinstance(value, str):
        return VARIABLE.sub(lambda match: variables.get(match[1]) or match[0], value)
    if isinstance(value, list):
        return [fill(item, variables) for item in value]
    if isinstance(value, dict):
        return {key: fill(item, variables) for key, item in value.items()}
    return value


async def send(client, api, request):
    """Return the text of the reply and the number of its tokens."""
    if api == "responses":
        response = await client.responses.create(**request)
        return response.output_text, response.usage.output_tokens if response.usage else ""
    completion = await client.chat.completions.create(**request)
    tokens = completion.usage.completion_tokens if completion.usage else ""
    return completion.choices[0].message.content or "", tokens


async def ask(variant, case):
    texts = ("messages", "input", "instructions")
    request = {
        name: fill(value, case) if name in texts else value for name, value in variant["request"].items()
    }
    row = {"variant": variant["name"], **case, "seconds": "", "tokens": ""}
    async with slots:
        started = time.perf_counter()
        try:
            reply, tokens = await send(clients[variant["base_url"]], variant["api"], request)
        except OpenAIError as error:
            return {**row, "reply": f"Error: {error}"}
    seconds = round(time.perf_counter() - started, 3)
    return {**row, "seconds": seconds, "tokens": tokens, "reply": reply}


async def main():
    calls = [ask(variant, case) for _ in range(REPETITIONS) for case in CASES for variant in VARIANTS]
    rows = await asyncio.gather(*calls)
    with open("results.csv", "w", newline="", encoding="utf-8-sig") as file:
        columns = list(dict.fromkeys(name for row in rows for name in row))
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(rows)
    for variant in VARIANTS:
        times = [row["seconds"] for row in rows if row["variant"] == variant["name"] and row["seconds"] != ""]
        median = f"{statistics.median(times):.2f} s" if times else "-"
        print(f"{variant['name']}: {len(times)} replies, median {median}")
    print(f"{len(rows)} rows in results.csv")


asyncio.run(main())
'''


def board_script(board: Board, profiles: "Mapping[str, Profile]") -> str:
    """Write the script. It reads the key from OPENAI_API_KEY and contains none; *profiles* are by id."""
    names: dict[str, int] = {}
    variants = []
    for variant in board.enabled_variants:
        params = variant_request(variant, {}).params
        # Nobody watches the single replies.
        request: dict[str, Any] = {
            name: value for name, value in params.items() if name not in ("stream", "stream_options")
        }
        names[variant.title] = names.get(variant.title, 0) + 1
        name = variant.title if names[variant.title] == 1 else f"{variant.title} ({names[variant.title]})"
        profile = profiles.get(variant.profile_id)
        base_url = profile.base_url if profile else "https://api.openai.com/v1"
        variants.append({"name": name, "base_url": base_url, "api": variant.api, "request": request})
    title = " ".join(board.name.split()).replace("\\", " ").replace('"', "'")
    return Template(_SCRIPT).substitute(
        title=f"Compare {len(variants)} variants: {title}.",
        variants=literal(variants),
        cases=literal([dict(case.variables) for case in board.cases]),
        repetitions=board.repetitions,
    )
