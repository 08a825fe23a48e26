"""Remove keys from any text that is shown, logged or exported."""

import json
import logging
import os
import re
import traceback
from collections.abc import Callable, Iterable, MutableMapping
from urllib.parse import quote

# Shorter than `MIN_KEY_LENGTH`, so that a second pass finds nothing in it to redact.
REDACTED = "[key]"

# Servers that need no key are given one such as "none", "ollama" or "x": words that must stay in texts.
MIN_KEY_LENGTH = 8

_QUIET_LOGGERS = ("httpx2", "httpcore2", "openai")

# Texts can be megabytes long and hostile: no pattern looks ahead by more than a few hundred characters, so
# that matching takes linear time.
_CHARACTER = r"[^\s\"',;&}\]]"
_SECRET = rf"(?={_CHARACTER}{{0,200}}\d|{_CHARACTER}{{16,}}){_CHARACTER}{{6,}}"
# Names of fields and variables whose value is a secret: a hint in lower case, and the pattern.
_SECRET_NAMES = (
    ("key", "api[-_]?key"),
    ("token", "(?:access|refresh|auth)[-_]?token"),
    ("authorization", "authorization"),
    ("secret", "secret"),
    ("password", "password"),
)
_QUERY_PARAMETER = "(?:key|token|sig|signature|secret|password|auth)"

# A hint, the pattern and its replacement. A pattern can only match a text that has the hint in lower case:
# looking for the hint first saves most of the time.
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
        *(
            (hint, rf"({name}[\"']?\s*[:=]\s*[\"']?){_SECRET}", rf"\1{REDACTED}")
            for hint, name in _SECRET_NAMES
        ),
        ("@", r"(://)[^/\s@\"'<>]+@", rf"\1{REDACTED}@"),
        ("=", rf"([?&](?:[\w-]{{0,20}}{_QUERY_PARAMETER})=)[^&\s#\"'<>]+", rf"\1{REDACTED}"),
    )
)
_AZURE_KEY = re.compile(r"\b[A-Za-z0-9]{84}\b")  # Azure OpenAI keys have no prefix, only a length

_registered_keys: frozenset[str] = frozenset()


def register_key(key: str) -> None:
    """Redact *key* in every text and log record from now on, until the process ends."""
    global _registered_keys
    if len(key) >= MIN_KEY_LENGTH and key not in _registered_keys:
        _registered_keys = _registered_keys | {key}


def redact(text: str, keys: Iterable[str] = ()) -> str:
    """Replace registered keys, *keys* and whatever looks like a key by `REDACTED`.

    Keys of fewer than `MIN_KEY_LENGTH` characters are ignored: they could be ordinary words. Idempotent.
    """
    long_keys = {key for key in (*_registered_keys, *keys) if len(key) >= MIN_KEY_LENGTH}
    secrets = sorted(long_keys, key=len, reverse=True)  # a key may be the beginning of a longer one
    previous = None
    # A replacement can join its neighbours to something that looks like a key: repeat until nothing changes.
    while text != previous:
        previous = text
        for key in secrets:
            for form in {key, quote(key, safe=""), json.dumps(key)[1:-1]}:
                text = text.replace(form, REDACTED)
            text = _redact_partial_key(text, key)
        text = _AZURE_KEY.sub(REDACTED, text)
        lower_text = text.lower()
        for hint, pattern, replacement in _PATTERNS:
            if hint in lower_text:
                text = pattern.sub(replacement, text)
    return text


def redact_registered_keys(text: str) -> str:
    """Replace only the registered keys, in text that must otherwise stay exactly as the server sent it."""
    for key in _registered_keys:
        if key in text:
            text = text.replace(key, REDACTED)
    return text


def _redact_partial_key(text: str, key: str) -> str:
    """Replace what servers echo of a key: its beginning and end around asterisks, or a long beginning."""
    if "***" in text:
        text = re.sub(rf"{re.escape(key[:3])}[^\s*]{{0,40}}\*{{3,}}[^\s\"'<>]*", REDACTED, text)
    shortest = max(12, len(key) * 2 // 3)
    if key[:shortest] in text:
        for length in range(len(key), shortest - 1, -1):
            text = text.replace(key[:length], REDACTED)
    return text


class RedactingFilter(logging.Filter):
    """Redacts the message, arguments and traceback of a record in place. Rejects no record."""

    def filter(self, record: logging.LogRecord) -> bool:
        try:
            message = record.getMessage()
        except (TypeError, ValueError, KeyError):
            # A wrong format string: log it with its arguments rather than raise inside the logging call.
            message = f"{record.msg} {record.args!r}"
        record.msg, record.args = redact(message), ()
        if record.exc_info and not record.exc_text:
            record.exc_text = "".join(traceback.format_exception(*record.exc_info)).rstrip("\n")
        record.exc_info = None  # some handlers format the exception again, with the key in it
        record.exc_text = redact(record.exc_text) if record.exc_text else None
        record.stack_info = redact(record.stack_info) if record.stack_info else None
        return True


def install_log_redaction(environ: MutableMapping[str, str] = os.environ) -> None:
    """Redact every log record of the process, and silence the HTTP client's own logs (URLs, bodies).

    `OPENAI_LOG` is removed from *environ* because its debug level logs whole requests.
    """
    environ.pop("OPENAI_LOG", None)
    for name in _QUIET_LOGGERS:
        logger = logging.getLogger(name)
        logger.setLevel(max(logger.level, logging.WARNING))
    # The record factory sees every record; a filter on loggers or handlers would miss those added later.
    factory = logging.getLogRecordFactory()
    if not isinstance(factory, _RedactingRecordFactory):
        logging.setLogRecordFactory(_RedactingRecordFactory(factory))


class _RedactingRecordFactory:
    """Creates records with another factory and redacts them."""

    def __init__(self, factory: Callable[..., logging.LogRecord]) -> None:
        self.factory = factory
        self._filter = RedactingFilter()

    def __call__(self, *args: object, **kwargs: object) -> logging.LogRecord:
        record = self.factory(*args, **kwargs)
        self._filter.filter(record)
        return record
