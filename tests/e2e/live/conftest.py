"""A stub of the live routes for each test, served on loopback."""

import socket
import threading
from collections.abc import Iterator
from contextlib import closing

import pytest
import uvicorn

from tests.e2e.live.stub import LiveStub


@pytest.fixture
def stub() -> LiveStub:
    return LiveStub()


@pytest.fixture
def url(stub: LiveStub) -> Iterator[str]:
    """The URL of the stub, which is served for one test."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        config = uvicorn.Config(stub.app(), ws="none", lifespan="off", log_level="error")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        server.force_exit = server.should_exit = True
        thread.join()
