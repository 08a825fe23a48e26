"""Keep a big image once, however many requests it went along with."""

import re
from collections.abc import Collection
from hashlib import sha256

from sqlalchemy import Connection, Select, delete, exists, insert, select

from core.storage.schema import blobs, runs

# An image of a few hundred bytes is not worth a row of its own.
_IMAGE = re.compile(r'"(data:[^"\\]{1000,})"')
_REFERENCE = re.compile(r'"blob:([0-9a-f]{64})"')


def extract_blobs(connection: Connection, owner: str, text: str) -> str:
    """Store the data URLs in *text*, which is JSON, and return it with references in their places."""
    found: dict[str, str] = {}

    def refer(match: re.Match[str]) -> str:
        digest = sha256(match[1].encode()).hexdigest()
        found[digest] = match[1]
        return f'"blob:{digest}"'

    shorter = _IMAGE.sub(refer, text)
    if not found:
        return shorter
    for digest in found.keys() - set(connection.scalars(_of(owner, found).with_only_columns(blobs.c.digest))):
        connection.execute(insert(blobs).values(owner=owner, digest=digest, body=found[digest]))
    return shorter


def inline_blobs(connection: Connection, owner: str, text: str) -> str:
    """Undo `take_out`; a reference to nothing of *owner* stays as it is."""
    digests = set(_REFERENCE.findall(text))
    rows = connection.execute(_of(owner, digests)) if digests else ()
    known = {row.digest: row.body for row in rows}
    return _REFERENCE.sub(lambda match: f'"{known[match[1]]}"' if match[1] in known else match[0], text)


def delete_unused_blobs(connection: Connection, owner: str) -> None:
    """Remove what no run of *owner* refers to any more."""
    used = exists().where(runs.c.owner == owner, runs.c.wire.contains(blobs.c.digest))
    connection.execute(delete(blobs).where(blobs.c.owner == owner, ~used))


def _of(owner: str, digests: Collection[str]) -> Select[tuple[str, str]]:
    return select(blobs.c.digest, blobs.c.body).where(blobs.c.owner == owner, blobs.c.digest.in_(digests))
