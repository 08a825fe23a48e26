"""Content-addressed storage of images: stored once, however many requests contain them."""

import re
from collections.abc import Collection
from hashlib import sha256

from sqlalchemy import Connection, Select, delete, insert, select

from core.storage.schema import blobs, runs

# Shorter data URLs stay inline: a row of their own would cost more than it saves.
_DATA_URL = re.compile(r'"(data:[^"\\]{1000,})"')
_REFERENCE = re.compile(r'"blob:([0-9a-f]{64})"')


def extract_blobs(connection: Connection, owner: str, text: str) -> str:
    """Store the data URLs in *text*, which is JSON, and return it with references in their place."""
    data_urls: dict[str, str] = {}

    def replace_with_reference(match: re.Match[str]) -> str:
        digest = sha256(match[1].encode()).hexdigest()
        data_urls[digest] = match[1]
        return f'"blob:{digest}"'

    text = _DATA_URL.sub(replace_with_reference, text)
    if not data_urls:
        return text
    stored = connection.scalars(_select_blobs(owner, data_urls).with_only_columns(blobs.c.digest))
    for digest in data_urls.keys() - set(stored):
        connection.execute(insert(blobs).values(owner=owner, digest=digest, body=data_urls[digest]))
    return text


def inline_blobs(connection: Connection, owner: str, text: str) -> str:
    """Undo `extract_blobs`; a reference to no blob of *owner* stays unchanged."""
    digests = blob_references(text)
    rows = connection.execute(_select_blobs(owner, digests)) if digests else ()
    bodies = {row.digest: row.body for row in rows}
    return _REFERENCE.sub(lambda match: f'"{bodies[match[1]]}"' if match[1] in bodies else match[0], text)


def blob_references(text: str) -> set[str]:
    """Return the digests of the blobs that *text* refers to."""
    return set(_REFERENCE.findall(text))


def delete_unused_blobs(connection: Connection, owner: str, digests: Collection[str]) -> None:
    """Delete those of *digests* that no run of *owner* refers to any more."""
    if not digests:
        return
    unused = set(digests)
    # One pass over the requests, because a search for each digest would be one each.
    for wire in connection.scalars(
        select(runs.c.wire).where(runs.c.owner == owner, runs.c.wire.contains('"blob:'))
    ):
        unused -= blob_references(wire)
    connection.execute(delete(blobs).where(blobs.c.owner == owner, blobs.c.digest.in_(unused)))


def _select_blobs(owner: str, digests: Collection[str]) -> Select[tuple[str, str]]:
    return select(blobs.c.digest, blobs.c.body).where(blobs.c.owner == owner, blobs.c.digest.in_(digests))
