"""What the Tokens page's counting adds to one bare encode of tiktoken: `python -m bench.tokens`."""

import argparse
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from random import Random

import tiktoken

from components.tokenview.views import analysis_view
from core.tokens.analysis import EncodingOptions, analyse
from core.tokens.tokenizer import tokenise

_ENCODING = "o200k_base"
_MAX_RATIO = 3.0
_MAX_LIVE_MS = 300.0  # ms
_COMMON = (
    "the a of and to in is that for with as was on are by this be at from or an have not which it were has "
    "one their its can all more been will other about when there use out many some time two these her like "
    "model tokens price engineer measure language 토큰 문장 모델 데이터 안녕하세요 가격 언어"
)


@dataclass(frozen=True, slots=True)
class EncodeTimings:
    """Seconds of each run of the bare encode, of counting, and of counting with the first window drawn."""

    bare: list[float]
    counted: list[float]
    shown: list[float]


def _prose(size: int) -> str:
    """Sentences of common words, English and Korean, of about *size* bytes."""
    random, words = Random(7), _COMMON.split()
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


def _show(text: str) -> object:
    return analysis_view(analyse("text", text, EncodingOptions("gpt-6-luna", _ENCODING)))


def _compare(text: str, runs: int) -> EncodeTimings:
    """Interleave the three, so that a busy machine slows all of them alike."""
    _show("This loads the vocabulary from the repository.")
    encoding = tiktoken.get_encoding(_ENCODING)
    found = EncodeTimings([], [], [])
    for _ in range(runs):
        found.bare.append(_seconds(partial(encoding.encode, text, disallowed_special=())))
        found.counted.append(_seconds(partial(tokenise, text, _ENCODING)))
        found.shown.append(_seconds(partial(_show, text)))
    return found


def _report(found: EncodeTimings, size: int) -> None:
    bare, counted, shown = map(statistics.median, (found.bare, found.counted, found.shown))
    print(f"{size / 1e6:.1f} MB of prose: one bare encode {bare:.2f} s")
    print(f"counted: {counted:.2f} s, {counted / bare:.2f}x (must: < {_MAX_RATIO:g}x)")
    print(f"counted and the first window drawn up: {shown:.2f} s, {shown / bare:.2f}x")


def _report_live(text: str, runs: int) -> None:
    """What the server takes of the time between a key and the count."""
    texts = [text + "x" * extra for extra in range(runs * 10)]
    took = [_seconds(partial(_show, each)) * 1000 for each in texts]
    print(
        f"10 kB while typing: {statistics.median(took):.1f} ms (median), {max(took):.1f} ms (worst) on the "
        f"server, of {_MAX_LIVE_MS:g} ms in all"
    )


def _report_odd(runs: int) -> None:
    for name, text in (("spaces", " " * 1_000_000), ("letters", "a" * 1_000_000)):
        took = statistics.median(_seconds(partial(tokenise, text, _ENCODING)) for _ in range(runs))
        print(f"a million {name}: {took:.2f} s")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.tokens", description=__doc__)
    parser.add_argument("--runs", type=int, default=3, help="how often each is measured (default 3)")
    parser.add_argument("--megabytes", type=float, default=10.0)
    options = parser.parse_args()
    text = _prose(int(options.megabytes * 1_000_000))
    _report(_compare(text, options.runs), len(text.encode()))
    _report_live(text[:10_000], options.runs)
    _report_odd(options.runs)


if __name__ == "__main__":
    main()
