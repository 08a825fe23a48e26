"""A saved request as the start of a conversation."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from core.completions.chat_start import chat_start

IMAGE = {"type": "image_url", "image_url": {"url": "https://x/i.png", "detail": "low"}}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def message(role: str, content: Any, **fields: Any) -> dict[str, Any]:
    return {"role": role, "content": content, **fields}


def test_has_the_turns_before_the_last_message_and_the_parameters() -> None:
    body = {
        "model": "gpt-6-luna",
        "messages": [
            message("developer", "짧게"),
            message("user", [{"type": "text", "text": "무엇?"}, IMAGE]),
            message("assistant", "고양이"),
            message("system", "Be kind."),
            message("user", "색은?"),
        ],
        "max_tokens": 20,
        "temperature": 0,
        "stop": None,
        "logprobs": True,
        "top_logprobs": 2,
        "stream": False,
    }

    start = chat_start(body)

    assert (start.model, start.instructions, start.draft) == ("gpt-6-luna", "짧게\n\nBe kind.", "색은?")
    assert start.turns == (
        message("user", [{"type": "text", "text": "무엇?"}, IMAGE]),
        message("assistant", "고양이"),
    )
    assert start.params == {"max_completion_tokens": 20, "temperature": 0, "top_logprobs": 2}
    assert start.omitted == ()


def test_has_no_draft_after_a_reply() -> None:
    start = chat_start({"messages": [message("user", "안녕"), message("assistant", "네")]})
    assert (len(start.turns), start.draft) == (2, "")


def test_names_what_a_conversation_cannot_have() -> None:
    audio = {"type": "input_audio", "input_audio": {"data": "", "format": "mp3"}}
    script = {"type": "image_url", "image_url": {"url": "javascript:alert(1)"}}
    start = chat_start(
        {
            "messages": [
                message("user", "날씨?"),
                message("assistant", None, tool_calls=[{"id": "1"}]),
                message("tool", "맑음", tool_call_id="1"),
                message("user", [audio, script]),
                message("user", [{"type": "text", "text": "보여?"}, IMAGE]),
            ]
        }
    )
    assert start.turns == (message("user", "날씨?"),)
    assert start.draft == "보여?"
    assert start.omitted == (
        "calls of tools",
        "results of tools",
        "audio and files",
        "the images of the last message",
    )


@given(st.dictionaries(st.sampled_from(["model", "messages", "max_tokens", "n"]), JSON))
def test_reads_any_body(body: dict[str, Any]) -> None:
    start = chat_start(body)
    assert "messages" in body or not (start.turns or start.draft or start.omitted)


@given(
    st.lists(st.fixed_dictionaries({"role": st.sampled_from(["user", "assistant", "tool"]), "content": JSON}))
)
def test_reads_any_messages(messages: list[dict[str, Any]]) -> None:
    start = chat_start({"messages": messages})
    assert all(turn["content"] for turn in start.turns)
