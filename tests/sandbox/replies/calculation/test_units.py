"""Conversions of an amount into another unit."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sandbox.reply_text import reply_to


@pytest.mark.parametrize(
    ("question", "result"),
    [
        ("convert 100 km to miles", "62.14 mi"),
        ("How many miles is 10 km?", "6.21 mi"),
        ("how many cm are in an inch?", "2.54 cm"),
        ("70 kg in lbs", "154.32 lb"),
        ("5 gallons to liters", "18.93 L"),
        ("What is 72°F in Celsius?", "22.22 °C"),
        ("30 degrees celsius to fahrenheit", "86 °F"),
        ("-40 c to f", "-40 °F"),
        ("100km는 몇 마일이야?", "62.14마일"),
        ("100 km를 마일로 바꿔 줘", "62.14마일"),
        ("150파운드는 몇 kg이야?", "68.04 kg"),
        ("섭씨 30도는 화씨로 몇 도야?", "86 °F"),
        ("화씨 100도를 섭씨로 변환해 줘", "37.78 °C"),
        ("20인치는 몇 센티예요?", "50.8 cm"),
        ("10리터는 몇 갤런이야?", "2.64갤런(미국)"),
    ],
)
def test_converts(question: str, result: str) -> None:
    assert f"**{result}**" in reply_to(question)


@pytest.mark.parametrize(
    "question",
    [
        "convert 5 m to kg",
        "convert -5 km to miles",
        "convert my 100 km run to miles of joy",
        "100달러는 몇 원이야?",
        "5 pounds in dollars",
    ],
)
def test_converts_nothing_else(question: str) -> None:
    assert re.search("requires a language model|언어 모델이 필요한데", reply_to(question))


@given(number=st.integers(1, 10**6))
def test_converts_back_to_the_same_amount(number: int) -> None:
    text = reply_to(f"convert {number} lb to kg")
    [kilograms] = re.findall(r"\*\*([\d,.]+) kg\*\*", text)
    [pounds] = re.findall(r"\*\*([\d,.]+) lb\*\*", reply_to(f"convert {kilograms} kg to lb"))
    assert abs(float(pounds.replace(",", "")) - number) <= 0.02
