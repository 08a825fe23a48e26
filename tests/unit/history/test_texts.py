"""What of requests and responses is searched."""

from typing import Any

import pytest

from core.history.texts import excerpt, image_urls, last_text, prompt_text, reply_text
from core.runs.run import Run

IMAGE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}


@pytest.mark.parametrize(
    ("params", "prompt", "last"),
    [
        pytest.param(
            {
                "messages": [
                    {"role": "system", "content": "Be brief."},
                    {"role": "user", "content": "First"},
                    {"role": "assistant", "content": "Reply"},
                    {"role": "user", "content": "Second"},
                ]
            },
            "Be brief.\nSecond",
            "Second",
            id="a chat: its instructions and its last turn",
        ),
        pytest.param(
            {"messages": [{"role": "user", "content": [{"type": "text", "text": "What is it?"}, IMAGE]}]},
            "What is it?",
            "What is it?",
            id="content parts without the image",
        ),
        pytest.param({"input": ["apple", "pear"]}, "apple\npear", "apple", id="texts to embed"),
        pytest.param({"input": [1, 2]}, "", "", id="tokens"),
        pytest.param(
            {"instructions": "Count.", "input": [{"role": "user", "content": "one two"}]},
            "Count.\none two",
            "one two",
            id="a response",
        ),
        pytest.param(
            {
                "input": [
                    {"role": "user", "content": "First"},
                    {"type": "function_call", "call_id": "1", "name": "f", "arguments": "{}"},
                    {"type": "function_call_output", "call_id": "1", "output": "Result"},
                ]
            },
            "Result",
            "Result",
            id="a response with the result of a call",
        ),
        pytest.param({"messages": [None, 3, {"content": None}]}, "", "", id="what is no message"),
        pytest.param({}, "", "", id="no text at all"),
    ],
)
def test_returns_the_new_text_of_a_request(params: dict[str, Any], prompt: str, last: str) -> None:
    assert prompt_text(params) == prompt
    assert last_text(params) == last


@pytest.mark.parametrize("part", [IMAGE, {"type": "input_image", "image_url": "data:image/png;base64,AAAA"}])
@pytest.mark.parametrize("name", ["messages", "input"])
def test_returns_the_images_of_the_last_message(name: str, part: dict[str, Any]) -> None:
    text = {"type": "text", "text": "What is it?"}
    messages = [{"role": "user", "content": [part, part]}, {"role": "user", "content": [text, part]}]

    assert image_urls({name: messages}) == ["data:image/png;base64,AAAA"]
    assert image_urls({name: [{"role": "user", "content": "Hi"}, "x"]}) == image_urls({}) == []


def test_returns_the_tool_calls_of_a_reply_without_escapes() -> None:
    function = {"name": "weather", "arguments": '{"city": "\\uc11c\\uc6b8"}'}
    response = {"choices": [{"message": {"tool_calls": [{"function": function}]}}]}

    assert reply_text(Run("chat", "", {}), response) == 'weather {"city": "서울"}'
    item = {"type": "function_call", **function}
    assert reply_text(Run("chat", "", {}), {"output": [item]}) == 'weather {"city": "서울"}'


@pytest.mark.parametrize(
    "response", [None, {"choices": None}, {"choices": ["x"]}, {"choices": [{"message": 1}]}]
)
def test_returns_the_text_of_any_response(response: dict[str, Any] | None) -> None:
    assert reply_text(Run("chat", "", {}, text="Hi", refusal="No"), response) == "Hi\nNo"


@pytest.mark.parametrize(
    ("search", "expected"),
    [
        pytest.param("날씨", "오늘의 날씨는 맑습니다.", id="a part of a word"),
        pytest.param(
            '"WEATHER is"', "…ong text before the weather is fine.", id="the first word, in any case"
        ),
        pytest.param("absent 날씨", "오늘의 날씨는 맑습니다.", id="the first word that is there"),
        pytest.param("absent", "", id="no word"),
        pytest.param("?", "", id="nothing to search for"),
    ],
)
def test_returns_what_surrounds_a_word(search: str, expected: str) -> None:
    text = "오늘의\n날씨는 맑습니다." if "날씨" in search else "A very long text before the weather is fine."

    assert excerpt(text, search) == expected
