"""Replies of the sandbox: topics, language, limits and conversation."""

import ast
import re

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from core.sandbox.replies.conversation.topics import load_topics
from core.sandbox.replies.dispatch import reply, write_reply
from core.sandbox.replies.language.detection import Language, detect_language
from core.sandbox.replies.language.sentences import split_sentences
from core.sandbox.replies.language.style import strip_markdown
from core.sandbox.replies.prompt import ChatPrompt, ConversationMessage
from tests.sandbox.reply_text import GREAT_WALL_TEXT, reply_to


@pytest.mark.parametrize(
    ("question", "title"),
    [
        ("What can I do here?", "this playground"),
        ("Explain streaming", "streaming"),
        ("what are embeddings?", "embeddings"),
        ("Tell me about tool calling", "tool calling"),
        ("how does back-off work?", "errors and retries"),
        ("what is a context window", "context window"),
        ("Which model should I use?", "models"),
        ("What is the difference between system and developer messages?", "roles and instructions"),
        ("파이썬으로 API 호출하는 방법 알려줘", "keys and clients"),
        ("여기서 뭘 할 수 있어?", "this playground"),
        ("How do I stream a reply?", "streaming"),
        ("what's the difference between chat completions and responses?", "responses api"),
        ("can you see images?", "vision"),
        ("토큰 수는 어떻게 세?", "tokens"),
        ("왜 429 에러가 나?", "errors and retries"),
        ("모델은 어떤 걸 써야 해?", "models"),
        ("스트리밍을 설명해 줘", "streaming"),
        ("임베딩이 뭐야?", "embeddings"),
        ("도구 호출은 어떻게 해?", "tool calling"),
        ("재시도는 어떻게 동작해?", "errors and retries"),
    ],
)
def test_explains_the_topic(question: str, title: str) -> None:
    explanations = {topic.title: topic.text for topic in load_topics(detect_language(question))}
    assert reply_to(question) == explanations[title]


@pytest.mark.parametrize(
    ("question", "origin"),
    [
        ("Explain streaming", "script"),
        ("스트리밍을 설명해 줘", "script"),
        ("What is 17.5% of 240?", "rules"),
    ],
)
def test_tells_an_explanation_written_in_advance_from_a_computed_reply(question: str, origin: str) -> None:
    assert write_reply(ChatPrompt("", (ConversationMessage("user", question),))).origin == origin


@pytest.mark.parametrize(
    ("question", "number"),
    [
        ("Explain streaming in 5 sentences", 5),
        ("Explain streaming in two sentences", 2),
        ("max_tokens를 다섯 문장으로 설명해 줘", 5),
    ],
)
def test_explains_in_as_many_sentences_as_requested(question: str, number: int) -> None:
    assert len(split_sentences(reply_to(question))) == number


@pytest.mark.parametrize("language", list(Language))
def test_has_five_sentences_about_each_topic(language: Language) -> None:
    counts = {
        topic.title: len(split_sentences(strip_markdown(topic.text))) + len(topic.more)
        for topic in load_topics(language)
    }
    assert {title: count for title, count in counts.items() if count < 5} == {}


def test_says_that_it_has_fewer_sentences_than_requested() -> None:
    assert reply_to("Explain streaming in 20 sentences").endswith("has only these 6 sentences about it.")


def test_ignores_a_remark_in_parentheses() -> None:
    assert reply_to("Explain streaming (slow)") == reply_to("Explain streaming")


@pytest.mark.parametrize("language", list(Language))
def test_has_only_valid_python_in_explanations(language: Language) -> None:
    for topic in load_topics(language):
        for code in re.findall(r"```python\n(.*?)```", topic.text, re.DOTALL):
            assert ast.parse(code).body


def test_explains_all_topics_but_one_in_both_languages() -> None:
    english, korean = ({topic.title for topic in load_topics(language)} for language in Language)
    assert korean <= english
    assert english - korean == {"responses api"}


def test_falls_back_to_english_if_korean_is_missing() -> None:
    assert "previous_response_id" in reply_to("Responses API를 설명해 줘: responses api")


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Hello there", "en"),
        ("안녕하세요", "ko"),
        ("API 키를 어떻게 넣나요?", "ko"),
        ("", "en"),
        ("1 + 1", "en"),
    ],
)
def test_detects_the_language(text: str, language: str) -> None:
    assert detect_language(text) == language


def test_finds_a_name_in_the_conversation() -> None:
    assert "**Minji**" in reply_to("What's my name?", "", ("user", "My name is Minji."))
    assert "**민지**" in reply_to("내 이름이 뭐야?", "", ("user", "내 이름은 민지야"))


def test_does_not_invent_a_name() -> None:
    assert "is not in this conversation" in reply_to("What's my name?")


def test_repeats_the_previous_question() -> None:
    assert "> count to 3" in reply_to("What did I just ask?", "", ("user", "count to 3"))


def test_shows_a_table_and_code() -> None:
    assert "| ---: |" in reply_to("Show me a table")
    assert "```python" in reply_to("show me some code")


def test_refuses_what_no_rule_can_answer_and_lists_what_it_can_do() -> None:
    answer = reply_to("Who won the autumn regatta?")
    assert "requires a language model" in answer
    assert "The sandbox can answer questions about a text" in answer


@pytest.mark.parametrize("question", ["what are tokens?", "Explain the temperature", "배치 API가 뭐야?"])
def test_explains_an_everyday_word_only_beside_words_of_the_api(question: str) -> None:
    assert "language model**" not in reply_to(question)
    assert "언어 모델이 필요" not in reply_to(question)
    assert "requires a language model" in reply_to("Who sold the tokens, and at which temperature?")


@pytest.mark.parametrize("text", ["1," * 200_000, '"a ' * 100_000, "**" * 100_000, "한 개 " * 100_000])
def test_reads_a_bounded_part_of_a_long_message(text: str) -> None:
    """A rule that takes quadratic time would run into the timeout of the test."""
    assert reply_to(f"{text}\n\nWhat is the price and the phone number?")
    assert reply_to("and half of that?", "", ("user", "hi"), ("assistant", text))


def test_reports_how_much_of_a_long_message_it_read() -> None:
    assert "30,000 of the" in reply_to(f"{GREAT_WALL_TEXT * 200}\n\nHow long is the wall?")


@hypothesis_settings(max_examples=200)
@given(question=st.text(), instructions=st.text(max_size=50), first=st.booleans())
def test_always_replies_and_always_the_same(question: str, instructions: str, first: bool) -> None:
    earlier = () if first else (ConversationMessage("assistant", "x"),)
    prompt = ChatPrompt(instructions, (*earlier, ConversationMessage("user", question)))
    assert reply(prompt).strip()
    assert reply(prompt) == reply(prompt)


@pytest.mark.parametrize(
    ("question", "instructions"),
    [
        ("Translate this: Good morning.", ""),
        ("Good morning.", "You translate into Korean."),
        ("Rewrite this e-mail:\n\nSend it now.", ""),
        ("Explain this Python code:\n\n```\nx = 1\n```", ""),
        ("Write a short poem about my aunt", ""),
        ("Tell me a joke", "You translate into Korean."),
    ],
)
def test_declines_tasks_that_require_a_language_model(question: str, instructions: str) -> None:
    assert "requires a language model" in reply_to(question, instructions)


def test_does_not_change_the_form_of_a_refusal() -> None:
    answer = reply_to("Translate this: Good morning.", "Answer in two bullets, in upper case.")
    assert answer.startswith("**Translating requires a language model**")


def test_summarises_a_korean_text() -> None:
    text = "본관은 난방 공사로 3월에 문을 닫습니다. 대출은 분관에서 계속됩니다. 강연은 취소되었습니다."
    answer = reply_to(f"다음 글을 요약해 주세요.\n\n{text}", "글머리표 세 개로 답하세요.")
    assert answer.splitlines() == [f"- {sentence}" for sentence in split_sentences(text)]


def test_declines_in_the_language_of_the_user() -> None:
    assert "언어 모델이 필요한데" in reply_to("기다려 주셔서 감사합니다.", "당신은 글을 영어로 번역합니다.")


@given(length=st.integers(1, 400))
def test_continues_a_truncated_reply_exactly(length: int) -> None:
    full_reply = reply_to("Explain streaming")
    messages = [("user", "Explain streaming"), ("assistant", full_reply[:length])]
    prompt = ChatPrompt(
        "",
        (
            ConversationMessage("assistant", "Go on."),
            *(ConversationMessage(*message) for message in messages),
            ConversationMessage("user", "Continue."),
        ),
    )
    assert full_reply[:length] + reply(prompt) == full_reply


def test_replies_to_the_continuation_of_a_complete_reply() -> None:
    full_reply = reply_to("count to 3")
    assert reply_to("continue", "", ("user", "count to 3"), ("assistant", full_reply)) != ""


def test_recaps_the_conversation() -> None:
    summary = reply_to("What have we said so far?", "", ("user", "count to 3"), ("assistant", "1, 2, 3"))
    assert summary.splitlines()[:2] == ["- You: count to 3", "- Reply: 1, 2, 3"]


def test_ignores_the_style_of_a_part_of_the_reply() -> None:
    instructions = 'Answer with exactly three bullet points, then one sentence that begins with "Left out:".'
    assert len(reply_to(f"Summarise this text:\n\n{GREAT_WALL_TEXT}", instructions).splitlines()) == 3


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("is 17 prime?", "Yes, **17 is prime**."),
        ("Is 91 prime?", "No, 91 is not prime: 91 = 7 × 13."),
        ("is 1 prime", "No, 1 is not prime."),
        ("97은 소수야?", "네, **97은(는) 소수입니다**."),
        ("say hello world", "hello world"),
        ("Repeat after me: one two", "one two"),
        ("ping", "It works: your message arrived, and this is the reply."),
    ],
)
def test_answers_small_questions(question: str, answer: str) -> None:
    assert reply_to(question) == answer


def test_reports_that_it_does_not_support_french() -> None:
    prompt = ChatPrompt("Always answer in French.", (ConversationMessage("user", "hello"),))
    assert "English and Korean, not in French" in reply(prompt)


@pytest.mark.parametrize(
    ("message", "pattern"),
    [
        ("ㅋㅋㅋ", "웃"),
        ("ㅎㅎ", "웃"),
        ("ㅎㅇ", "안녕하세요|반갑습니다"),
        ("ㄱㅅ", "천만에요|다행"),
        ("ㅠㅠ", "언어 모델이 필요한데"),
        ("haha", "laugh"),
    ],
)
def test_understands_single_letters_as_korean(message: str, pattern: str) -> None:
    assert re.search(pattern, reply(ChatPrompt("", (ConversationMessage("user", message),))), re.IGNORECASE)
