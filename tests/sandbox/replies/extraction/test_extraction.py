"""Extraction of fields as JSON."""

import json

from tests.sandbox.reply_text import reply_to

INVOICE = (
    "Invoice 2026-0417 of 9 October 2026 from Harbour Coffee Ltd. 12 kg of beans at 18.50 EUR and delivery "
    "at 9.00 EUR come to 231.00 EUR. Please pay by 23 October 2026. Questions: ask@harbour.example"
)


def test_extracts_the_requested_fields() -> None:
    fields = "sender, invoice_number, invoice_date, total, currency, due_date, email, phone"
    assert json.loads(reply_to(INVOICE, f"Answer in JSON with exactly these fields: {fields}.")) == {
        "sender": "Harbour Coffee Ltd",
        "invoice_number": "2026-0417",
        "invoice_date": "2026-10-09",
        "total": 231.0,
        "currency": "EUR",
        "due_date": "2026-10-23",
        "email": "ask@harbour.example",
        "phone": None,
    }


def test_extracts_fields_from_korean_text() -> None:
    question = (
        "가을 산책 모임을 2026년 11월 14일 오전 10시에 남산 안내소 앞에서 시작합니다. 회비는 8000원입니다."
    )
    answer = json.loads(
        reply_to(question, "다음 필드만 가진 JSON으로 답하세요: 날짜, 시작_시각, 장소, 회비, 이름.")
    )
    assert answer == {
        "날짜": "2026-11-14",
        "시작_시각": "오전 10시",
        "장소": "남산 안내소 앞",
        "회비": 8000,
        "이름": None,
    }
