"""Take keys out of any text that is shown, logged or exported."""

import json
import logging
import os
import re
import traceback
from collections.abc import Callable, Iterable, MutableMapping
from urllib.parse import quote

# Shorter than any real key, and too short to hold one, so that a second pass finds nothing new.
MARK = "[key]"

# Servers that want no key are given "none", "ollama", "x": words that texts must keep.
SHORTEST_KEY = 8

_QUIET = ("httpx2", "httpcore2", "openai")

_WORD = r"[^\s\"',;&}\]]"
_SECRET = rf"(?={_WORD}*\d|{_WORD}{{16,}}){_WORD}{{6,}}"
_NAME = r"[\w-]*(?:api[-_]?key|authorization|(?:access|refresh|auth)[-_]?token|secret|password)"
_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), replacement)
    for pattern, replacement in (
        (r"(?<![a-z0-9])(?:sk|rk|sess)-[\w*-]{8,}", MARK),
        (r"(?<![a-z0-9])(?:gsk_|hf_|xai-|AIza|ghp_)[\w-]{16,}", MARK),
        (r"\b[a-z0-9]{84}\b", MARK),  # the length of today's Azure keys
        (rf"\b(bearer\s+){_SECRET}", rf"\1{MARK}"),
        (rf"(\bauthorization[\"']?\s*[:=]\s*[\"']?basic\s+){_SECRET}", rf"\1{MARK}"),
        (r"(\"(?:proxy-)?authorization\"\s*:\s*\")[^\"]+(?=\")", rf"\1{MARK}"),
        (rf"({_NAME}[\"']?\s*[:=]\s*[\"']?){_SECRET}", rf"\1{MARK}"),
        (r"([a-z][a-z0-9+.-]*://)[^/\s@\"'<>]+@", rf"\1{MARK}@"),
        (
            r"([?&](?:[\w-]*key|token|\w+_token|sig|signature|secret|password|auth)=)[^&\s#\"'<>]+",
            rf"\1{MARK}",
        ),
    )
)

_known: frozenset[str] = frozenset()


def register_key(key: str) -> None:
    """Remember *key* for as long as the process lives, so that `redact` and the logs know it by sight."""
    global _known
    if len(key) >= SHORTEST_KEY and key not in _known:
        _known = _known | {key}


def redact(text: str, keys: Iterable[str] = ()) -> str:
    """Replace every registered key, every one of *keys* and whatever looks like a key by `MARK`.

    Keys of fewer than `SHORTEST_KEY` characters are left alone, or ordinary words would go. Repeating it
    changes nothing.
    """
    secrets = sorted({key for key in (*_known, *keys) if len(key) >= SHORTEST_KEY}, key=len, reverse=True)
    before = None
    while text != before:
        before = text
        text = _without_patterns(_without_known(text, secrets))
    return text


def without_keys(text: str) -> str:
    """Replace the registered keys and nothing else: for what must otherwise stay as it came over the wire."""
    for key in _known:
        if key in text:
            text = text.replace(key, MARK)
    return text


def _without_known(text: str, secrets: Iterable[str]) -> str:
    for key in secrets:
        for form in (key, quote(key, safe=""), json.dumps(key)[1:-1]):
            text = text.replace(form, MARK)
        text = _without_echoes(text, key)
    return text


def _without_echoes(text: str, key: str) -> str:
    """Take out what servers echo of a key: its beginning and end around asterisks, or a long beginning."""
    if "***" in text:
        text = re.sub(rf"{re.escape(key[:3])}[^\s*]*\*{{3,}}[^\s\"'<>]*", MARK, text)
    shortest = max(12, len(key) * 2 // 3)
    if key[:shortest] in text:
        for length in range(len(key), shortest - 1, -1):
            text = text.replace(key[:length], MARK)
    return text


def _without_patterns(text: str) -> str:
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return text


class RedactingFilter(logging.Filter):
    """Redacts a record in place: its message, arguments and traceback. Lets every record through."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = redact(_message(record)), ()
        if record.exc_info and not record.exc_text:
            record.exc_text = "".join(traceback.format_exception(*record.exc_info)).rstrip("\n")
        record.exc_info = None  # some handlers print the exception anew, with the key in it
        record.exc_text = redact(record.exc_text) if record.exc_text else None
        record.stack_info = redact(record.stack_info) if record.stack_info else None
        return True


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except (TypeError, ValueError, KeyError):
        return (
            f"{record.msg} {record.args!r}"  # a wrong format string: the log call's fault, not the reader's
        )


def install_logging(environ: MutableMapping[str, str] = os.environ) -> None:
    """Redact every log record of the process, and keep the transport's own logs (URLs, bodies) quiet.

    Records are redacted as they are made: filters on loggers or handlers would miss those added later.
    `OPENAI_LOG` is removed from *environ* because its debug level logs whole requests.
    """
    environ.pop("OPENAI_LOG", None)
    for name in _QUIET:
        logger = logging.getLogger(name)
        logger.setLevel(max(logger.level, logging.WARNING))
    factory = logging.getLogRecordFactory()
    if not isinstance(factory, _RedactingFactory):
        logging.setLogRecordFactory(_RedactingFactory(factory))


class _RedactingFactory:
    """Makes the records of another factory, redacted."""

    def __init__(self, factory: Callable[..., logging.LogRecord]) -> None:
        self.factory = factory
        self._filter = RedactingFilter()

    def __call__(self, *args: object, **kwargs: object) -> logging.LogRecord:
        record = self.factory(*args, **kwargs)
        self._filter.filter(record)
        return record
