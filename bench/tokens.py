"""The time that counting on the Tokens page adds to tiktoken's own encode: `python -m bench.tokens`."""

import argparse
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from random import Random

import tiktoken

from components.tokenview.views import analysis_view
from core.token_analysis.analysis import EncodingOptions, analyse
from core.tokens.tokenizer import tokenise

_ENCODING = "o200k_base"
_MAX_RATIO = 3.0
_MAX_LIVE_MS = 300.0
_COMMON_WORDS = (
    "the a of and to in is that for with as was on are by this be at from or an have not which it were has "
    "one their its can all more been will other about when there use out many some time two these her like "
    "model tokens price engineer measure language 토큰 문장 모델 데이터 안녕하세요 가격 언어"
)


@dataclass(frozen=True, slots=True)
class EncodeTimings:
    """Seconds per run of tiktoken's encode, of counting, and of counting with the first page of tokens."""

    encode: list[float]
    count: list[float]
    view: list[float]


def prose(size: int) -> str:
    """Return sentences of common words, English and Korean, of about *size* bytes."""
    random, words = Random(7), _COMMON_WORDS.split()
    sentences, written = [], 0
    while written < size:
        sentence = " ".join(random.choices(words, k=random.randint(6, 20))).capitalize() + ". "
        sentences.append(sentence)
        written += len(sentence.encode())
    return "".join(sentences)


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _view(text: str) -> object:
    return analysis_view(analyse("text", text, EncodingOptions("gpt-6-luna", _ENCODING)))


def _measure(text: str, runs: int) -> EncodeTimings:
    """Interleave the three measurements, so that a busy machine slows all of them alike."""
    _view("This loads the vocabulary from the repository.")
    encoding = tiktoken.get_encoding(_ENCODING)
    timings = EncodeTimings([], [], [])
    for _ in range(runs):
        timings.encode.append(_seconds(partial(encoding.encode, text, disallowed_special=())))
        timings.count.append(_seconds(partial(tokenise, text, _ENCODING)))
        timings.view.append(_seconds(partial(_view, text)))
    return timings


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.tokens", description=__doc__)
    parser.add_argument("--runs", type=int, default=3, help="how often each is measured (default 3)")
    parser.add_argument("--megabytes", type=float, default=10.0)
    options = parser.parse_args()
    text = prose(int(options.megabytes * 1_000_000))
    timings = _measure(text, options.runs)
    encode, count, view = map(statistics.median, (timings.encode, timings.count, timings.view))
    print(f"{len(text.encode()) / 1e6:.1f} MB of prose: tiktoken's encode {encode:.2f} s")
    print(f"counted: {count:.2f} s, {count / encode:.2f}x (limit: {_MAX_RATIO:g}x)")
    print(f"counted, with the first page of tokens: {view:.2f} s, {view / encode:.2f}x")
    # A suffix makes every text a new one, as typing does.
    typed = [text[:10_000] + "x" * suffix for suffix in range(options.runs * 10)]
    delays = [_seconds(partial(_view, each)) * 1000 for each in typed]
    print(
        f"10 kB while typing: median {statistics.median(delays):.1f} ms, maximum {max(delays):.1f} ms on the "
        f"server, of {_MAX_LIVE_MS:g} ms in total"
    )
    for name, repeated in (("spaces", " " * 1_000_000), ("letters", "a" * 1_000_000)):
        seconds = statistics.median(
            _seconds(partial(tokenise, repeated, _ENCODING)) for _ in range(options.runs)
        )
        print(f"a million {name}: {seconds:.2f} s")


if __name__ == "__main__":
    main()
