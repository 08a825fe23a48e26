"""What the sandbox says: answers from text, sums, dates, explanations, in the form asked for."""

import ast
import json
import re
from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from core.sandbox.answers import Prompt, Turn, reply
from core.sandbox.answers.arithmetic import evaluate, find_expression, show
from core.sandbox.answers.language import Language, language_of
from core.sandbox.answers.sentences import blocks, sentences
from core.sandbox.answers.topics import topics
from core.sandbox.tokenise import count

WALL = (
    "The Great Wall of China was built over many centuries. Its oldest parts date from the 7th century BC. "
    "Most of what stands today was built by the Ming dynasty between 1368 and 1644. "
    "The wall is about 21,196 kilometres long. Soldiers used smoke signals to warn of attacks. "
    "It cannot be seen from the Moon with the naked eye."
)
HANGEUL = (
    "한글은 1443년에 세종대왕이 창제하였다. 1446년에 훈민정음이라는 이름으로 반포되었다. "
    "처음에는 스물여덟 글자였으나 지금은 스물네 글자를 쓴다. 한글날은 10월 9일이며 국경일이다. "
    "유네스코는 훈민정음 해례본을 세계기록유산으로 등재하였다. "
    "한글의 모음은 하늘, 땅, 사람을 본떠 만들었다고 전해진다."
)


def say(question: str, instructions: str = "", *earlier: tuple[str, str]) -> str:
    """Ask in a conversation that has begun, so that nothing but the answer comes back."""
    turns = [Turn(*turn) for turn in (*earlier, ("assistant", "Go on."), ("user", question))]
    return reply(Prompt(instructions, tuple(turns), model="gpt-4o-mini"))


@pytest.mark.parametrize(
    ("question", "quote"),
    [
        (f"{WALL}\n\nHow long is the wall?", "> The wall is about 21,196 kilometres long."),
        (f"Can it be seen from the Moon?\n\n{WALL}", "> It cannot be seen from the Moon with the naked eye."),
        (
            f'What did soldiers use to warn?\n"""{WALL}"""',
            "> Soldiers used smoke signals to warn of attacks.",
        ),
        (f"{HANGEUL}\n\n한글날은 언제인가요?", "> 한글날은 10월 9일이며 국경일이다."),
        (
            f"{HANGEUL}\n\n유네스코는 무엇을 등재했나요?",
            "> 유네스코는 훈민정음 해례본을 세계기록유산으로 등재하였다.",
        ),
    ],
    ids=["long", "moon", "quoted", "holiday", "unesco"],
)
def test_quotes_the_sentence_that_answers(question: str, quote: str) -> None:
    assert quote in say(question)


def test_says_when_the_text_does_not_answer() -> None:
    assert "does not seem to answer" in say(f"{WALL}\n\nWhat colour is the president's car?")


def test_finds_the_text_in_an_earlier_message() -> None:
    answer = say("How long is the wall?", "", ("user", WALL), ("assistant", "I see."))
    assert "21,196 kilometres" in answer


def test_finds_the_text_in_the_instructions() -> None:
    assert "21,196 kilometres" in say("How long is the wall?", f"Answer from this.\n\n{WALL}")


def test_sums_up_in_sentences_of_the_text() -> None:
    said = sentences(say(f"Summarize in two sentences:\n\n{WALL}"))
    assert len(said) == 2
    assert all(sentence in WALL for sentence in said)


def test_names_the_key_words() -> None:
    assert {"**wall**", "**built**"} <= set(say(f"Keywords, please:\n\n{WALL}").split(", "))


def test_gives_an_overview_of_a_text_without_a_question() -> None:
    assert "text of 6 sentences" in say(WALL)


@pytest.mark.parametrize(
    ("question", "value"),
    [
        ("What is 17.5% of 240?", "42"),
        ("2+3*4", "14"),
        ("what is (12 + 8) * 3 / 7", "8.571428571"),
        ("3 times 1,250", "3,750"),
        ("12 divided by 8", "1.5"),
        ("2 to the power of 10", "1,024"),
        ("0.1 + 0.2", "0.3"),
        ("240의 17.5%는?", "42"),
        ("12 곱하기 12는?", "144"),
        ("the average of 3, 5 and 10", "6"),
        ("sum of 1, 2, 3", "6"),
    ],
)
def test_calculates(question: str, value: str) -> None:
    assert f"= **{value}**" in say(question)


def test_says_that_nothing_is_divided_by_zero() -> None:
    assert "divides by zero" in say("10 / 0")


@pytest.mark.parametrize(
    "bomb", ["9**9**9**9", "2**99999999", "(((((1+1)**999)**999)**999))", "1" * 390 + "**9"]
)
def test_does_not_work_out_what_would_not_end(bomb: str) -> None:
    assert "= **" not in say(bomb)


@pytest.mark.parametrize(
    "text", ["__import__('os')", "1 if 2 else 3", "[1]*9", "a+1", "", "1 +", "'a'*9", "1@2"]
)
def test_evaluates_nothing_but_arithmetic(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        evaluate(text)


def expressions() -> st.SearchStrategy[str]:
    numbers = st.integers(0, 999).map(str)
    return st.recursive(
        numbers,
        lambda part: st.tuples(part, st.sampled_from("+-*"), part).map(lambda p: f"({p[0]} {p[1]} {p[2]})"),
        max_leaves=8,
    )


@given(text=expressions())
def test_agrees_with_python_on_whole_numbers(text: str) -> None:
    assert evaluate(text) == eval(compile(ast.parse(text, mode="eval"), "", "eval"))


@given(value=st.decimals(-(10**6), 10**6, places=4, allow_nan=False))
def test_shows_short_decimals_exactly(value: object) -> None:
    exact = Fraction(str(value))
    assert Fraction(show(exact).replace(",", "")) == exact


def test_finds_no_expression_in_prose() -> None:
    assert find_expression("In 2024 we sold 40 cars, 12 of them red.") is None


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("How many days from 2026-01-15 to 2026-03-01?", "**45 days**"),
        ("What day of the week is 2026-11-22?", "Sunday, 2026-11-22"),
        ("30 days after January 5, 2026", "Wednesday, 2026-02-04"),
        ("2 weeks before 2026-03-01", "Sunday, 2026-02-15"),
        ("2026년 3월 1일은 무슨 요일?", "2026년 3월 1일(일)"),
        ("2026년 3월 1일부터 2026년 5월 5일까지 며칠이야?", "**65일**"),
        ("2026-03-01에서 100일 후는?", "2026년 6월 9일(화)"),
        ("What time is it?", "no clock"),
        ("오늘이 며칠이야?", "시계가 없습니다"),
    ],
)
def test_knows_the_calendar_and_that_it_has_no_clock(question: str, answer: str) -> None:
    assert answer in say(question)


@given(start=st.dates(date(1900, 1, 1), date(2100, 1, 1)), days=st.integers(0, 9_999))
def test_counts_days_as_the_calendar_does(start: date, days: int) -> None:
    assert (start + timedelta(days)).isoformat() in say(f"{days} days after {start.isoformat()}")


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
        ("스트리밍을 설명해 줘", "streaming"),
        ("임베딩이 뭐야?", "embeddings"),
        ("도구 호출은 어떻게 해?", "tool calling"),
        ("재시도는 어떻게 동작해?", "errors and retries"),
    ],
)
def test_explains_the_subject(question: str, title: str) -> None:
    known = {topic.title: topic.text for topic in topics(language_of(question))}
    assert say(question) == known[title]


@pytest.mark.parametrize("language", list(Language))
def test_explains_in_python_that_parses(language: Language) -> None:
    for topic in topics(language):
        for code in re.findall(r"```python\n(.*?)```", topic.text, re.DOTALL):
            ast.parse(code)


def test_explains_every_subject_in_both_languages_but_one() -> None:
    english, korean = ({topic.title for topic in topics(language)} for language in Language)
    assert korean <= english
    assert english - korean == {"responses api"}


def test_falls_back_to_english_where_korean_is_missing() -> None:
    assert "previous_response_id" in say("Responses API를 설명해 줘: responses api")


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
def test_tells_the_language(text: str, language: str) -> None:
    assert language_of(text) == language


def test_follows_instructions_on_language_and_bullets() -> None:
    lines = say("tell me about back-off", "Reply in Korean, in three bullets.").splitlines()
    assert len(lines) == 3
    assert all(line.startswith("- ") and language_of(line) is Language.KOREAN for line in lines)


def test_lets_the_question_overrule_the_instructions() -> None:
    assert language_of(say("Explain streaming in English", "Always answer in Korean.")) is Language.ENGLISH


@pytest.mark.parametrize("number", [5, 12, 20])
def test_keeps_within_the_words_asked_for(number: int) -> None:
    assert len(say(f"Explain tokens in at most {number} words").split()) == number


@pytest.mark.parametrize(("wish", "number"), [("one sentence", 1), ("2 sentences", 2), ("세 문장", 3)])
def test_keeps_to_the_sentences_asked_for(wish: str, number: int) -> None:
    assert len(sentences(say("Explain embeddings", f"Answer in {wish}."))) == number


def test_answers_as_json_that_says_where_it_comes_from() -> None:
    answer = json.loads(say("2+3", "Answer in JSON."))
    assert answer == {"answer": "`2+3` = **5**", "language": "en", "sandbox": True}


def test_counts_as_far_as_asked() -> None:
    numbers = [int(number) for number in re.findall(r"\d+", say("count to 500"))]
    assert numbers == list(range(1, 501))


@pytest.mark.parametrize("number", [1, 60, 2000])
def test_writes_as_many_tokens_as_asked(number: int) -> None:
    assert abs(count(say(f"write {number} tokens"), "o200k_base") - number) <= 1


def test_writes_as_many_words_as_asked() -> None:
    assert len(say("write 300 words please").split()) == 300


def test_remembers_a_name_from_the_history() -> None:
    assert "**Minji**" in say("What's my name?", "", ("user", "My name is Minji."))
    assert "**민지**" in say("내 이름이 뭐야?", "", ("user", "내 이름은 민지야"))


def test_does_not_make_up_a_name() -> None:
    assert "have not told me" in say("What's my name?")


def test_repeats_what_was_asked_before() -> None:
    assert "> count to 3" in say("What did I just ask?", "", ("user", "count to 3"))


def test_shows_a_table_and_code() -> None:
    assert "| ---: |" in say("Show me a table")
    assert "```python" in say("show me some code")


def test_says_what_it_received_when_no_rule_fits() -> None:
    answer = say("Who won the autumn regatta?")
    assert "What I received:" in answer
    assert "**autumn**" in answer


@hypothesis_settings(max_examples=200)
@given(question=st.text(), instructions=st.text(max_size=50), first=st.booleans())
def test_always_has_something_to_say(question: str, instructions: str, first: bool) -> None:
    earlier = () if first else (Turn("assistant", "x"),)
    prompt = Prompt(instructions, (*earlier, Turn("user", question)))
    assert reply(prompt).strip()
    assert reply(prompt) == reply(prompt)


@given(text=st.text(alphabet="ab.!? \n가나다\"'`|#-", max_size=300))
def test_loses_no_letter_when_it_cuts_text_into_sentences_or_blocks(text: str) -> None:
    letters = re.sub(r"[^ab가나다]", "", text)
    assert re.sub(r"[^ab가나다]", "", "".join(sentences(text))) == letters
    assert re.sub(r"[^ab가나다]", "", "".join(blocks(text))) == letters


def test_does_not_end_a_sentence_at_an_abbreviation() -> None:
    assert sentences("Dr. Kim met J. Smith, e.g. Today. Then they left.") == [
        "Dr. Kim met J. Smith, e.g. Today.",
        "Then they left.",
    ]


@pytest.mark.parametrize(
    ("question", "instructions"),
    [
        ("Translate this: Good morning.", ""),
        ("Good morning.", "You translate into Korean."),
        ("Rewrite this e-mail:\n\nSend it now.", ""),
        ("Explain this Python code:\n\n```\nx = 1\n```", ""),
        ("Write a short poem about rain", ""),
        ("Tell me a joke", ""),
    ],
)
def test_does_not_pretend_to_do_what_takes_a_language_model(question: str, instructions: str) -> None:
    assert "takes a language model" in say(question, instructions)


def test_declines_in_the_language_of_whoever_asks() -> None:
    assert "언어 모델이 필요한데" in say("기다려 주셔서 감사합니다.", "당신은 글을 영어로 번역합니다.")


def test_takes_a_long_question_for_a_question() -> None:
    question = (
        "I am building a chat app and would like to know what happens when many people use it at the same "
        "time, so what happens?"
    )
    assert "You gave me a text" not in say(question)


def test_reads_a_question_at_the_end_of_its_text() -> None:
    assert "> The wall is about 21,196 kilometres long." in say(f"{WALL} How long is the wall?")


INVOICE = (
    "Invoice 2026-0417 of 9 October 2026 from Harbour Coffee Ltd. 12 kg of beans at 18.50 EUR and delivery "
    "at 9.00 EUR come to 231.00 EUR. Please pay by 23 October 2026. Questions: ask@harbour.example"
)


def test_extracts_the_fields_that_were_named() -> None:
    fields = "sender, invoice_number, invoice_date, total, currency, due_date, email, phone"
    assert json.loads(say(INVOICE, f"Answer in JSON with exactly these fields: {fields}.")) == {
        "sender": "Harbour Coffee Ltd",
        "invoice_number": "2026-0417",
        "invoice_date": "2026-10-09",
        "total": 231.0,
        "currency": "EUR",
        "due_date": "2026-10-23",
        "email": "ask@harbour.example",
        "phone": None,
    }


def test_extracts_fields_from_korean() -> None:
    question = (
        "가을 산책 모임을 2026년 11월 14일 오전 10시에 남산 안내소 앞에서 시작합니다. 회비는 8000원입니다."
    )
    answer = json.loads(
        say(question, "다음 필드만 가진 JSON으로 답하세요: 날짜, 시작_시각, 장소, 회비, 이름.")
    )
    assert answer == {
        "날짜": "2026-11-14",
        "시작_시각": "오전 10시",
        "장소": "남산 안내소 앞",
        "회비": 8000,
        "이름": None,
    }


@given(at=st.integers(1, 400))
def test_goes_on_from_the_very_letter(at: int) -> None:
    whole = say("Explain streaming")
    turns = [("user", "Explain streaming"), ("assistant", whole[:at])]
    prompt = Prompt(
        "", (Turn("assistant", "Go on."), *(Turn(*turn) for turn in turns), Turn("user", "Continue."))
    )
    assert whole[:at] + reply(prompt) == whole


def test_says_when_there_is_nothing_to_go_on_with() -> None:
    whole = say("count to 3")
    assert say("continue", "", ("user", "count to 3"), ("assistant", whole)) != ""


def test_sums_up_the_conversation() -> None:
    said = say("What have we said so far?", "", ("user", "count to 3"), ("assistant", "1, 2, 3"))
    assert said.splitlines()[:2] == ["- You: count to 3", "- Reply: 1, 2, 3"]


def test_keeps_to_the_bullets_of_the_whole_answer() -> None:
    wish = 'Answer with exactly three bullet points, then one sentence that begins with "Left out:".'
    assert len(say(f"Summarise this text:\n\n{WALL}", wish).splitlines()) == 3


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
    assert say(question) == answer


def test_says_that_it_does_not_speak_french() -> None:
    prompt = Prompt("Always answer in French.", (Turn("user", "hello"),))
    assert "English and Korean, not in French" in reply(prompt)
