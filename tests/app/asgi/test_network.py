"""The app does not start where other machines can reach it, unless the operator has allowed that."""

import os
import subprocess
import sys
from ipaddress import ip_network

import pytest

from components.asgi.network import LOOPBACK, TRUSTED_NETWORKS, AccessPolicy, access_policy
from core.paths import ROOT


@pytest.mark.parametrize("address", ["127.0.0.1", "127.1.2.3", "::1", "[::1]", "localhost"])
def test_allows_this_machine_only_by_default(address: str) -> None:
    assert access_policy(address, ["play.example"], {}) == AccessPolicy(LOOPBACK, ())


@pytest.mark.parametrize(
    "address", [None, "", "0.0.0.0", "::", "192.168.1.2", "box.example", "localhost.evil"]
)
def test_refuses_to_listen_where_other_machines_can_connect(address: str | None) -> None:
    with pytest.raises(SystemExit, match=f"It has no login(.|\n)*{TRUSTED_NETWORKS}"):
        access_policy(address, [], {})


def test_allows_the_networks_and_host_names_of_the_operator() -> None:
    environ = {TRUSTED_NETWORKS: "192.168.1.0/24, fd00::/8"}

    policy = access_policy("0.0.0.0", ["play.example"], environ)

    assert policy.hosts == LOOPBACK | {"play.example"}
    assert policy.networks == (ip_network("192.168.1.0/24"), ip_network("fd00::/8"))


@pytest.mark.parametrize("networks", ["yes", "192.168.1.7/24", "10.0.0.0/33"])
def test_explains_an_invalid_network(networks: str) -> None:
    with pytest.raises(SystemExit, match=f"{TRUSTED_NETWORKS} is not valid"):
        access_policy("0.0.0.0", [], {TRUSTED_NETWORKS: networks})


def test_says_on_the_console_what_to_do() -> None:
    command = [
        sys.executable,
        "-m",
        "streamlit",
        "run",
        "app.py",
        "--server.port=0",
        "--server.address=0.0.0.0",
    ]

    result = subprocess.run(
        command, cwd=ROOT, env=dict(os.environ), capture_output=True, text=True, timeout=60
    )

    assert result.returncode == 1
    assert "The app was not started: it would listen on 0.0.0.0" in result.stderr
    assert "Traceback" not in result.stderr
