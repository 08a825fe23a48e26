"""Texts one per line, and warnings about them."""

from core.embeddings.inputs import MAX_INPUTS, InputText, InputWarning, from_lines, summarise_warnings


def test_reads_one_text_per_line_with_the_group_above_it() -> None:
    inputs, _ = from_lines("alone\n# Weather\n rain \n# Food\nrice")
    assert inputs == [InputText(1, "alone"), InputText(3, "rain", "Weather"), InputText(5, "rice", "Food")]


def test_warns_about_empty_lines() -> None:
    _, warnings = from_lines("a\n\nb\n   \n")
    assert [(warning.line, warning.kind) for warning in warnings] == [(2, "empty"), (4, "empty")]


def test_warns_about_texts_beyond_the_limit() -> None:
    inputs, warnings = from_lines("x\n" * (MAX_INPUTS + 3))
    assert len(inputs) == MAX_INPUTS
    assert (warnings[-1].line, warnings[-1].kind) == (MAX_INPUTS + 1, "too many")


def test_merges_the_same_warning_for_many_lines() -> None:
    warnings = [InputWarning(line, "empty", "Empty, skipped.") for line in range(1, 13)]
    assert summarise_warnings(warnings, max_lines=3) == ["Lines 1, 2, 3 and 9 more: Empty, skipped."]


def test_names_no_line_for_a_warning_about_all_texts() -> None:
    warning = InputWarning(0, "invalid vector", "The model sent 8 numbers where 64 were requested.")
    assert summarise_warnings([warning]) == ["The model sent 8 numbers where 64 were requested."]
