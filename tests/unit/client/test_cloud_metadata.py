"""The addresses of cloud metadata services are recognised however they are spelled."""

import pytest

from core.client.cloud_metadata import is_metadata_service
from core.client.profile import parse_base_url


@pytest.mark.parametrize(
    "host",
    [
        "169.254.169.254",
        "169.254.169.254.",
        "169.254.170.2",
        "169.254.43518",
        "169.16689662",
        "2852039166",
        "0xa9fea9fe",
        "0XA9FEA9FE",
        "0xa9.0xfe.0xa9.0xfe",
        "0251.0376.0251.0376",
        "025177524776",
        "169.0376.0xa9.254",
        "%3169.254.169.254",
        "[::ffff:169.254.169.254]",
        "[::ffff:a9fe:a9fe]",
        "[0:0:0:0:0:ffff:a9fe:a9fe]",
        "[::169.254.169.254]",
        "[64:ff9b::a9fe:a9fe]",
        "[2002:a9fe:a9fe::]",
        "[fd00:ec2::254]",
        "[FD00:0EC2:0:0:0:0:0:254]",
        "[fd20:ce::254]",
        "metadata.google.internal",
        "Metadata.Google.Internal.",
        "metadata",
        "metadata.goog",
        "100.100.100.200",
        "168.63.129.16",
        "192.0.0.192",
    ],
)
@pytest.mark.parametrize("pattern", ["http://{}/v1", "https://{}:8080", "{}", "http://{}/latest/meta-data/"])
def test_recognises_a_metadata_service_in_every_spelling(host: str, pattern: str) -> None:
    assert is_metadata_service(parse_base_url(pattern.format(host)))


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost:11434/v1",
        "http://127.0.0.1:8000/v1",
        "http://[::1]:8000/v1",
        "http://192.168.1.7/v1",
        "http://10.0.0.1/v1",
        "http://metadata.example.org/v1",
        "http://169.254.169.254.example.org/v1",
        "https://api.openai.com/v1",
        "https://contoso.openai.azure.com/openai/v1",
        "http://example.org/169.254.169.254",
        "http://[fd00::254]/v1",
    ],
)
def test_recognises_nothing_else(url: str) -> None:
    assert not is_metadata_service(url)
