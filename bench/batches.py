"""CPU and memory of preparing a batch of 50,000 lines and nearly 200 MB: `python -m bench.batches`."""

import argparse
import json
import os
import random
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from bench.tokens import prose
from core.batches.check.fixes import fix_all
from core.batches.check.preflight import check_file
from core.batches.check.splitting import batch_maximum, split_file

T = TypeVar("T")

_MAX_SECONDS = 20.0
_MAX_MEGABYTES = 500
_LINE_BYTES = 3_900
_SCHEMA = {"type": "object", "properties": {"title": {"type": "string"}, "제목": {"type": "string"}}}


def _texts(lines: int) -> Iterator[str]:
    generator, text = random.Random(3), prose(2_000_000)
    for _ in range(lines):
        start = generator.randrange(len(text) - _LINE_BYTES)
        # Korean characters have three bytes.
        yield text[start : start + _LINE_BYTES].encode()[: _LINE_BYTES - 300].decode(errors="ignore")


def _chat(number: int, text: str) -> dict[str, Any]:
    messages = [{"role": "system", "content": "Summarise the text."}, {"role": "user", "content": text}]
    body = {"model": "gpt-6-luna", "messages": messages, "max_completion_tokens": 100}
    return {"custom_id": f"row-{number:06}", "method": "POST", "url": "/v1/chat/completions", "body": body}


def _embedding(number: int, text: str) -> dict[str, Any]:
    body = {"model": "text-embedding-3-small", "input": text}
    return {"custom_id": f"row-{number:06}", "method": "POST", "url": "/v1/embeddings", "body": body}


def _faulty(number: int, text: str) -> dict[str, Any]:
    """Return a line with six mistakes that can be corrected."""
    line = _chat(number // 2, text)
    json_schema = {"name": "Item", "strict": True, "schema": _SCHEMA}
    line["body"] |= {
        "temperature": 0.5,
        "stream": True,
        "response_format": {"type": "json_schema", "json_schema": json_schema},
    }
    return {**line, "method": "GET", "url": "/chat/completions"}


def _write(path: Path, make: Callable[[int, str], dict[str, Any]], lines: int) -> Path:
    with path.open("w", encoding="utf-8") as file:
        for number, text in enumerate(_texts(lines)):
            file.write(json.dumps(make(number, text), ensure_ascii=False) + "\n")
    return path


def _measure(name: str, work: Callable[[], T]) -> T:
    """Print the time of *work*: of the process that it starts, and of this one, which is the app."""
    before, started = os.times(), time.perf_counter()
    result = work()
    wall, after = time.perf_counter() - started, os.times()
    worker = after.children_user + after.children_system - before.children_user - before.children_system
    app = after.user + after.system - before.user - before.system
    print(f"{name:<36} {worker:5.1f} s CPU in {wall:5.1f} s; app {app * 1000:4.0f} ms CPU", flush=True)
    return result


def _bench(folder: Path, lines: int) -> None:
    for name, make in _KINDS.items():
        path = _write(folder / f"{name}.jsonl", make, lines)
        size = f"{path.stat().st_size / 1e6:.0f} MB"
        report = _measure(f"check of {name}, {size}", partial(check_file, path))
        print(f"    {report.lines:,} lines, {report.errors:,} errors, {report.tokens:,} tokens")
        if report.fixable:
            fixed = path.with_name("fixed.jsonl")
            _measure(f"corrections of {name}", partial(fix_all, path, report, fixed))
            report = check_file(fixed)
            print(f"    {report.errors:,} errors left")
        if report.file:
            split = partial(split_file, report.file, folder / "parts", batch_maximum(2_000_000))
            parts = _measure(f"split of {name} by tokens", split)
            print(f"    {len(parts)} parts")


_KINDS = {"chats": _chat, "embeddings": _embedding, "mistakes": _faulty}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.batches", description=__doc__)
    parser.add_argument("--lines", type=int, default=50_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        _bench(Path(folder), options.lines)
    megabytes = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"limits: {_MAX_SECONDS:g} s for a check, {_MAX_MEGABYTES} MB")
    print(f"peak memory: {megabytes:.0f} MB, app {own:.0f} MB")


if __name__ == "__main__":
    main()
