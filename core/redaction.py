"""Take keys out of any text that is shown, logged or exported."""

import json
import logging
import os
import re
import traceback
from collections.abc import Callable, Iterable, MutableMapping
from urllib.parse import quote

# Shorter than any real key, and too short to hold one, so that a second pass finds nothing new.
REDACTED = "[key]"

# Servers that want no key are given "none", "ollama", "x": words that texts must keep.
MIN_KEY_LENGTH = 8

_QUIET_LOGGERS = ("httpx2", "httpcore2", "openai")

# Texts can be megabytes long and hostile: nothing looks ahead by more than a few hundred characters.
_WORD = r"[^\s\"',;&}\]]"
_SECRET = rf"(?={_WORD}{{0,200}}\d|{_WORD}{{16,}}){_WORD}{{6,}}"
_NAMES = (
    ("key", "api[-_]?key"),
    ("token", "(?:access|refresh|auth)[-_]?token"),
    ("authorization", "authorization"),
    ("secret", "secret"),
    ("password", "password"),
)
_PARAMETER = "(?:key|token|sig|signature|secret|password|auth)"

# What a text must hold, in lower case, for the pattern to match at all; the pattern; its replacement.
_PATTERNS: tuple[tuple[str, re.Pattern[str], str], ...] = tuple(
    (hint, re.compile(pattern, re.IGNORECASE), replacement)
    for hint, pattern, replacement in (
        ("sk-", r"(?<![a-z0-9])sk-[\w*-]{8,}", REDACTED),
        ("sess-", r"(?<![a-z0-9])sess-[\w*-]{8,}", REDACTED),
        ("gsk_", r"(?<![a-z0-9])gsk_[\w-]{16,}", REDACTED),
        ("hf_", r"(?<![a-z0-9])hf_[\w-]{16,}", REDACTED),
        ("xai-", r"(?<![a-z0-9])xai-[\w-]{16,}", REDACTED),
        ("aiza", r"(?<![a-z0-9])AIza[\w-]{16,}", REDACTED),
        ("ghp_", r"(?<![a-z0-9])ghp_[\w-]{16,}", REDACTED),
        ("bearer", rf"\b(bearer\s+){_SECRET}", rf"\1{REDACTED}"),
        ("basic", rf"(\bauthorization[\"']?\s*[:=]\s*[\"']?basic\s+){_SECRET}", rf"\1{REDACTED}"),
        ("authorization", r"(\"(?:proxy-)?authorization\"\s*:\s*\")[^\"]+(?=\")", rf"\1{REDACTED}"),
        *((hint, rf"({name}[\"']?\s*[:=]\s*[\"']?){_SECRET}", rf"\1{REDACTED}") for hint, name in _NAMES),
        ("@", r"(://)[^/\s@\"'<>]+@", rf"\1{REDACTED}@"),
        ("=", rf"([?&](?:[\w-]{{0,20}}{_PARAMETER})=)[^&\s#\"'<>]+", rf"\1{REDACTED}"),
    )
)
_AZURE_KEY = re.compile(r"\b[A-Za-z0-9]{84}\b")  # the length of today's

_registered_keys: frozenset[str] = frozenset()


def register_key(key: str) -> None:
    """Remember *key* for as long as the process lives, so that `redact` and the logs know it by sight."""
    global _registered_keys
    if len(key) >= MIN_KEY_LENGTH and key not in _registered_keys:
        _registered_keys = _registered_keys | {key}


def redact(text: str, keys: Iterable[str] = ()) -> str:
    """Replace every registered key, every one of *keys* and whatever looks like a key by `MARK`.

    Keys of fewer than `SHORTEST_KEY` characters are left alone, or ordinary words would go. Repeating it
    changes nothing.
    """
    secrets = sorted(
        {key for key in (*_registered_keys, *keys) if len(key) >= MIN_KEY_LENGTH}, key=len, reverse=True
    )
    before = None
    while text != before:
        before = text
        text = _redact_patterns(_redact_keys(text, secrets))
    return text


def redact_registered_keys(text: str) -> str:
    """Replace the registered keys and nothing else: for what must otherwise stay as it came over the wire."""
    for key in _registered_keys:
        if key in text:
            text = text.replace(key, REDACTED)
    return text


def _redact_keys(text: str, secrets: Iterable[str]) -> str:
    for key in secrets:
        for form in {key, quote(key, safe=""), json.dumps(key)[1:-1]}:
            text = text.replace(form, REDACTED)
        text = _redact_partial_keys(text, key)
    return text


def _redact_partial_keys(text: str, key: str) -> str:
    """Take out what servers echo of a key: its beginning and end around asterisks, or a long beginning."""
    if "***" in text:
        text = re.sub(rf"{re.escape(key[:3])}[^\s*]{{0,40}}\*{{3,}}[^\s\"'<>]*", REDACTED, text)
    shortest = max(12, len(key) * 2 // 3)
    if key[:shortest] in text:
        for length in range(len(key), shortest - 1, -1):
            text = text.replace(key[:length], REDACTED)
    return text


def _redact_patterns(text: str) -> str:
    text = _AZURE_KEY.sub(REDACTED, text)
    lowered = text.lower()
    for hint, pattern, replacement in _PATTERNS:
        if hint in lowered:
            text = pattern.sub(replacement, text)
    return text


class RedactingFilter(logging.Filter):
    """Redacts a record in place: its message, arguments and traceback. Lets every record through."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = redact(_format_message(record)), ()
        if record.exc_info and not record.exc_text:
            record.exc_text = "".join(traceback.format_exception(*record.exc_info)).rstrip("\n")
        record.exc_info = None  # some handlers print the exception anew, with the key in it
        record.exc_text = redact(record.exc_text) if record.exc_text else None
        record.stack_info = redact(record.stack_info) if record.stack_info else None
        return True


def _format_message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except (TypeError, ValueError, KeyError):
        return (
            f"{record.msg} {record.args!r}"  # a wrong format string: the log call's fault, not the reader's
        )


def install_log_redaction(environ: MutableMapping[str, str] = os.environ) -> None:
    """Redact every log record of the process, and keep the transport's own logs (URLs, bodies) quiet.

    Records are redacted as they are made: filters on loggers or handlers would miss those added later.
    `OPENAI_LOG` is removed from *environ* because its debug level logs whole requests.
    """
    environ.pop("OPENAI_LOG", None)
    for name in _QUIET_LOGGERS:
        logger = logging.getLogger(name)
        logger.setLevel(max(logger.level, logging.WARNING))
    factory = logging.getLogRecordFactory()
    if not isinstance(factory, _RedactingRecordFactory):
        logging.setLogRecordFactory(_RedactingRecordFactory(factory))


class _RedactingRecordFactory:
    """Makes the records of another factory, redacted."""

    def __init__(self, factory: Callable[..., logging.LogRecord]) -> None:
        self.factory = factory
        self._filter = RedactingFilter()

    def __call__(self, *args: object, **kwargs: object) -> logging.LogRecord:
        record = self.factory(*args, **kwargs)
        self._filter.filter(record)
        return record
