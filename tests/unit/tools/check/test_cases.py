"""Questions with expected calls as CSV."""

from hypothesis import example, given
from hypothesis import strategies as st

from core.tools.check.cases import CheckCase, parse_cases, write_cases
from core.tools.check.expected_calls import ExpectedCall

# White space around texts is not significant in the file.
_TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1).map(str.strip).filter(bool)
_VALUES = st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"]))
_CALLS = st.builds(ExpectedCall, _TEXTS, st.none() | st.dictionaries(_TEXTS, _VALUES))
_CASES = st.lists(st.builds(CheckCase, _TEXTS, st.lists(_CALLS, max_size=3).map(tuple)), min_size=1)


@given(_CASES)
@example([CheckCase("0", (ExpectedCall("f", {"n": 2**64}),))])
def test_reads_the_cases_that_it_has_written(cases: list[CheckCase]) -> None:
    assert parse_cases(write_cases(cases)) == cases


def test_writes_a_row_for_each_call() -> None:
    cases = [
        CheckCase("안녕!", ()),
        CheckCase("Hi", (ExpectedCall("a"), ExpectedCall("b", {"city": "서울"}))),
    ]

    assert write_cases(cases) == 'question,tool,arguments\n안녕!,,\nHi,a,\n,b,"{""city"": ""서울""}"\n'
