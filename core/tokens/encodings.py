"""Turn text into tokens with the vocabularies in `data/tiktoken`, and never with a download."""

import os
import re
from dataclasses import dataclass
from functools import cache
from hashlib import sha1, sha256
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors.types import PlaygroundError
from core.models.catalog import base_id
from core.paths import DATA

if TYPE_CHECKING:
    import tiktoken

VOCABULARIES = DATA / "tiktoken"
ENCODINGS = ("o200k_base", "o200k_harmony", "cl100k_base", "p50k_base")

# Longest first, because "gpt-4" begins "gpt-4o" too.
_MODEL_PREFIXES = (
    ("text-embedding-", "cl100k_base"),
    ("text-davinci-", "p50k_base"),
    ("chatgpt-4o", "o200k_base"),
    ("gpt-3.5", "cl100k_base"),
    ("gpt-4.1", "o200k_base"),
    ("gpt-4.5", "o200k_base"),
    ("gpt-oss", "o200k_harmony"),
    ("gpt-35", "cl100k_base"),
    ("gpt-4o", "o200k_base"),
    ("gpt-4", "cl100k_base"),
    ("gpt-5", "o200k_base"),
    ("o1", "o200k_base"),
    ("o3", "o200k_base"),
    ("o4", "o200k_base"),
)
_DEFAULT_ENCODING = "o200k_base"
_VOCABULARY_URL = "https://openaipublic.blob.core.windows.net/encodings/{}.tiktoken"
# The splitter of o200k overflows its stack on a run of about a million spaces.
_MAX_ENCODE_LENGTH = 400_000


@dataclass(frozen=True, slots=True)
class ModelEncoding:
    """An encoding's name, and whether no public source says that the model uses it."""

    name: str
    assumed: bool = False


def encoding_for_model(model_id: str) -> ModelEncoding:
    """Choose the encoding of *model_id*, which may be fine-tuned (`ft:`) or carry a vendor (`openai/`)."""
    base = base_id(model_id)
    for prefix, name in _MODEL_PREFIXES:
        if re.match(re.escape(prefix) + r"(?:$|(?<=-)|[-.:])", base):
            return ModelEncoding(name)
    return ModelEncoding(_DEFAULT_ENCODING, assumed=True)


def encode(text: str, encoding_name: str = _DEFAULT_ENCODING, allow_special: bool = False) -> list[int]:
    """Encode *text* as the API reads a user's text: what looks like a special token is plain text.

    With *special* it is the token it looks like. Raises PlaygroundError when the vocabulary *name* is missing
    or damaged.
    """
    encoding = _load_encoding(encoding_name)
    allowed = encoding.special_tokens_set if allow_special else set()
    try:
        return encoding.encode(text, allowed_special=allowed, disallowed_special=())
    except ValueError:
        pieces = (text[at : at + _MAX_ENCODE_LENGTH] for at in range(0, len(text), _MAX_ENCODE_LENGTH))
        encoded = (encoding.encode(piece, allowed_special=allowed, disallowed_special=()) for piece in pieces)
        return [token for piece in encoded for token in piece]


@cache
def vocabulary(name: str = _DEFAULT_ENCODING) -> tuple[bytes, ...]:
    """Return the bytes of every token by its id; an id that is not in use has none."""
    encoding = _load_encoding(name)
    return tuple(_bytes_of(token, encoding) for token in range(encoding.n_vocab))


def special_tokens(name: str = _DEFAULT_ENCODING) -> frozenset[str]:
    """Return what the special tokens of *name* look like."""
    return frozenset(_load_encoding(name).special_tokens_set)


def count_tokens(text: str, encoding_name: str = _DEFAULT_ENCODING, allow_special: bool = False) -> int:
    """Count the tokens of *text*. Raises PlaygroundError as `encode` does."""
    return len(encode(text, encoding_name, allow_special))


def check_vocabulary(name: str, folder: Path = VOCABULARIES) -> None:
    """Raise PlaygroundError unless *folder* holds the vocabulary *name* unharmed.

    tiktoken checks the hash too, but answers a bad one with a download that has no time limit.
    """
    if name not in ENCODINGS:
        raise PlaygroundError(f"There is no encoding {name!r}.", f"Choose one of {', '.join(ENCODINGS)}.")
    file = folder / _file_name(name)
    fix = f"Restore {file.parent.name}/{file.name} from the repository: git checkout -- data/tiktoken"
    if not file.is_file():
        raise PlaygroundError(f"The vocabulary {name} is missing, so tokens cannot be counted.", fix)
    if sha256(file.read_bytes()).hexdigest() != _expected_hash(file):
        raise PlaygroundError(f"The vocabulary {name} is damaged, so tokens cannot be counted.", fix)


@cache
def _load_encoding(name: str) -> "tiktoken.Encoding":
    check_vocabulary(name)
    os.environ["TIKTOKEN_CACHE_DIR"] = str(VOCABULARIES)
    import tiktoken

    return tiktoken.get_encoding(name)


def _bytes_of(token: int, encoding: "tiktoken.Encoding") -> bytes:
    try:
        return encoding.decode_single_token_bytes(token)
    except KeyError:
        return b""


def _file_name(name: str) -> str:
    """Name the file as tiktoken's cache does; harmony is o200k_base with more special tokens."""
    vocabulary = "o200k_base" if name == "o200k_harmony" else name
    return sha1(_VOCABULARY_URL.format(vocabulary).encode()).hexdigest()


def _expected_hash(file: Path) -> str:
    lines = (VOCABULARIES / "SHA256SUMS").read_text(encoding="ascii").splitlines()
    return {name: digest for digest, name in map(str.split, lines)}[file.name]
