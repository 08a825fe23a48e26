"""Settings of an owner in the database."""

from sqlalchemy import Connection, insert, select, update

from core.storage.history_schema import settings

RECORD_RUNS = "record_runs"


def read_setting(connection: Connection, owner: str, name: str) -> str | None:
    query = select(settings.c.value).where(settings.c.owner == owner, settings.c.name == name)
    return connection.scalar(query)


def records_runs(connection: Connection, owner: str) -> bool:
    """Whether the contents of the runs of *owner* are saved."""
    return read_setting(connection, owner, RECORD_RUNS) != "no"


def write_setting(connection: Connection, owner: str, name: str, value: str) -> None:
    is_setting = settings.c.owner == owner, settings.c.name == name
    if not connection.execute(update(settings).where(*is_setting).values(value=value)).rowcount:
        connection.execute(insert(settings).values(owner=owner, name=name, value=value))
