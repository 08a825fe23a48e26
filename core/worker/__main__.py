"""Start a worker: `python -m core.worker`, with DATABASE_URL and the variables of the OpenAI SDK."""

import asyncio
import logging
import os
import sys

from core.storage.store import Store
from core.worker.worker import Worker


def main() -> None:
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(message)s")
    logging.getLogger("core.worker").setLevel(logging.INFO)
    database_url = os.environ.get("DATABASE_URL", "")
    if not database_url.startswith("postgresql"):
        sys.exit("A worker needs DATABASE_URL: postgresql+psycopg://user:password@host/database")
    store = Store.open(database_url)
    if store.problem:
        sys.exit(store.problem)
    try:
        asyncio.run(Worker(database_url, store, os.environ).run())
    finally:
        store.close()


main()
