"""Whatever a client sends, the sandbox answers with a reply or an envelope, and never breaks."""

import base64
import struct
from io import BytesIO
from typing import Any

import httpx2
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from PIL import Image as Pillow

from core.sandbox.images import Image, image_tokens, read_image
from core.sandbox.parameters import CHAT
from tests.sandbox.asking import CLASSIC, Asker

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**6), 10**6)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
PART = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(["text", "image_url", "refusal", "file"]) | JSON,
        "text": st.text(max_size=9) | JSON,
        "image_url": st.fixed_dictionaries(
            {"url": st.sampled_from(["https://x.test", "data:image/png;base64,iVBORw0KGgo="])}
        )
        | JSON,
    },
)
MESSAGE = st.fixed_dictionaries(
    {"role": st.sampled_from(["user", "assistant", "tool", "system", "function"]) | JSON},
    optional={
        "content": st.text(max_size=20) | st.lists(PART, max_size=2) | JSON,
        "name": JSON,
        "tool_calls": st.lists(JSON, max_size=2) | JSON,
        "tool_call_id": st.text(max_size=3) | JSON,
    },
)


def assert_sane(reply: httpx2.Response) -> None:
    assert reply.status_code in (200, 400, 404), reply.text
    if reply.status_code != 200:
        assert set(reply.json()["error"]) == {"message", "type", "param", "code"}


@hypothesis_settings(max_examples=200)
@given(name=st.sampled_from(sorted(set(CHAT) - {"messages", "model"})), value=JSON)
def test_survives_any_value_of_any_parameter(http: httpx2.Client, name: str, value: Any) -> None:
    body = {"model": CLASSIC, "messages": [{"role": "user", "content": "count to 3"}], "n": 1, name: value}
    assert_sane(http.post("/v1/chat/completions", json=body))


@hypothesis_settings(max_examples=200)
@given(messages=st.lists(MESSAGE, max_size=3) | JSON)
def test_survives_any_messages(http: httpx2.Client, messages: Any) -> None:
    assert_sane(http.post("/v1/chat/completions", json={"model": "gpt-4o", "messages": messages}))


@hypothesis_settings(max_examples=100)
@given(value=st.lists(MESSAGE, max_size=2) | JSON, instructions=JSON)
def test_survives_anything_to_count(http: httpx2.Client, value: Any, instructions: Any) -> None:
    body = {"model": CLASSIC, "input": value, "instructions": instructions}
    assert_sane(http.post("/v1/responses/input_tokens", json=body))


def encoded(kind: str, width: int, height: int) -> str:
    buffer = BytesIO()
    Pillow.new("RGB", (width, height), "white").save(buffer, kind)
    return f"data:image/{kind.lower()};base64,{base64.b64encode(buffer.getvalue()).decode()}"


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP"])
@pytest.mark.parametrize("size", [(1, 1), (33, 32), (640, 480)], ids=str)
def test_reads_the_size_of_an_image(kind: str, size: tuple[int, int]) -> None:
    image = read_image("here", {"url": encoded(kind, *size)})
    assert (image.format, image.width, image.height) == (kind.lower(), *size)


def test_reads_the_size_of_a_lossless_webp() -> None:
    buffer = BytesIO()
    Pillow.new("RGB", (50, 20)).save(buffer, "WEBP", lossless=True)
    image = read_image("here", {"url": f"data:;base64,{base64.b64encode(buffer.getvalue()).decode()}"})
    assert (image.width, image.height) == (50, 20)


@given(
    head=st.sampled_from([b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF89a", b"RIFF\0\0\0\0WEBP"]),
    rest=st.binary(),
)
def test_survives_a_broken_image(head: bytes, rest: bytes) -> None:
    url = f"data:image/x;base64,{base64.b64encode(head + rest).decode()}"
    assert read_image("here", {"url": url}).size == len(head + rest)


def test_survives_a_jpeg_of_markers_that_lead_nowhere() -> None:
    data = b"\xff\xd8" + (b"\xff\xe0" + struct.pack(">H", 2)) * 50_000
    assert read_image("here", {"url": f"data:;base64,{base64.b64encode(data).decode()}"}).width == 0


# Published and recomputed vectors: tiles as for gpt-4o, patches as for gpt-5.6 and later.
@pytest.mark.parametrize(
    ("width", "height", "detail", "tiled", "tokens"),
    [
        (512, 512, "auto", True, 255),
        (1024, 1024, "high", True, 765),
        (2048, 4096, "high", True, 1105),
        (4096, 8192, "low", True, 85),
        (1, 1, "auto", False, 2),
        (512, 512, "auto", False, 308),
        (1024, 1024, "auto", False, 1229),
        (1024, 1024, "low", False, 308),
        (4032, 3024, "auto", False, 14364),
        (2048, 2048, "high", False, 3000),
        (3840, 2160, "high", False, 2765),
        (4032, 3024, "high", False, 2942),
    ],
)
def test_counts_the_tokens_of_an_image(
    width: int, height: int, detail: str, tiled: bool, tokens: int
) -> None:
    assert image_tokens(Image("png", 1, width, height, detail), tiled) == tokens


def test_says_that_it_received_an_image_and_bills_it(ask: Asker) -> None:
    parts = [
        {"type": "text", "text": "What is this?"},
        {"type": "image_url", "image_url": {"url": encoded("PNG", 64, 32)}},
        {"type": "image_url", "image_url": {"url": "https://example.test/cat.jpg", "detail": "low"}},
    ]
    completion = ask(messages=[{"role": "user", "content": parts}])
    text = completion.choices[0].message.content or ""
    assert "I received 2 images" in text
    assert "64×32 px" in text
    assert "not fetched" in text
    assert completion.usage is not None
    assert completion.usage.prompt_tokens_details is not None
    assert completion.usage.prompt_tokens_details.image_tokens == 255 + 85
