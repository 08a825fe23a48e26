"""Content that only the sandbox reads: `encrypted_content`, which a client sends back as it is."""

import base64
import binascii
import hashlib
import json
import secrets
import zlib
from collections.abc import Sequence

from core.sandbox.api.errors import ApiError, invalid_request

# A checksum, not a secret: the content is what the client has sent or received itself.
_KEY = b"sandbox encrypted_content"
_PREFIX = "gAAAAA"
_DIGEST_SIZE = 16
_NONCE_SIZE = 16
_MAX_BYTES = 16 * 1024 * 1024


def seal(texts: Sequence[str]) -> str:
    data = secrets.token_bytes(_NONCE_SIZE) + zlib.compress(json.dumps(texts).encode())
    digest = hashlib.blake2b(data, digest_size=_DIGEST_SIZE, key=_KEY).digest()
    return _PREFIX + base64.urlsafe_b64encode(digest + data).decode()


def unseal(sealed: str, item_id: str) -> list[str]:
    """Return the texts of *sealed*. Raises ApiError for anything that `seal` has not returned."""
    try:
        content = base64.urlsafe_b64decode(sealed.removeprefix(_PREFIX).encode())
    except (binascii.Error, ValueError) as error:
        raise _invalid(item_id) from error
    digest, data = content[:_DIGEST_SIZE], content[_DIGEST_SIZE:]
    if hashlib.blake2b(data, digest_size=_DIGEST_SIZE, key=_KEY).digest() != digest:
        raise _invalid(item_id)
    try:
        texts = json.loads(zlib.decompressobj().decompress(data[_NONCE_SIZE:], _MAX_BYTES))
    except (zlib.error, ValueError, RecursionError) as error:
        raise _invalid(item_id) from error
    return [str(text) for text in texts] if isinstance(texts, list) else []


def _invalid(item_id: str) -> ApiError:
    message = (
        f"The encrypted content for item {item_id[:100]} could not be verified. Reason: Encrypted content "
        "could not be decrypted or parsed."
    )
    return invalid_request(message, None, "invalid_encrypted_content")
