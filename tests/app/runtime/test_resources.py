"""What all sessions share is closed when the process ends."""

from components.runtime import resources
from core.client.client import create_client
from core.client.profile import Profile
from core.runs import event_loop


def test_closes_http_clients_at_shutdown() -> None:
    loop = event_loop.get_loop()

    async def use_and_close() -> bool:
        profile = Profile(id="local", name="Local", kind="local", base_url="http://127.0.0.1:1/v1")
        client = create_client(profile)
        await resources.close_resources()
        return client.is_closed()

    closed = event_loop.run_until_complete(use_and_close())
    event_loop.set_loop(loop)

    assert closed
