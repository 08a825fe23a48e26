"""Votes on blind snapshots."""

import pytest

from core.compare.snapshot.ballots import Ballot, BallotKey, Vote, read_ballot, read_key, tally
from core.compare.statistics.variant_statistics import Rate
from core.errors.types import PlaygroundError
from core.files.json_validation import FileValidationError

KEY = BallotKey(
    snapshot="s",
    board_id="board",
    variants={"a": "First", "b": "Second"},
    cases=(("b", "a"), ("a", "b"), ("a", "b")),
)


def ballot(*choices: str, voter: str = "", snapshot: str = "s") -> Ballot:
    votes = tuple(Vote(case=number, choice=choice) for number, choice in enumerate(choices, 1))
    return Ballot(snapshot=snapshot, voter=voter, votes=votes)


def test_counts_votes_by_what_the_letters_stood_for() -> None:
    result = tally(KEY, [ballot("A", "A", "tie"), ballot("B")])

    assert result.wins == {"a": Rate(2, 3), "b": Rate(1, 3)}
    assert (result.ties, result.voters) == (1, 2)


def test_counts_the_last_ballot_of_a_voter_with_a_name() -> None:
    result = tally(KEY, [ballot("A", voter="Ada"), ballot("B", voter="Ada")])

    assert result.wins == {"a": Rate(1, 1), "b": Rate(0, 1)}


def test_does_not_take_a_voter_called_1_for_one_without_a_name() -> None:
    assert tally(KEY, [ballot("A", voter="1"), ballot("B")]).voters == 2


def test_counts_the_last_vote_of_a_ballot_on_each_case() -> None:
    votes = (*[Vote(case=1, choice="A")] * 1_000, Vote(case=2, choice="tie"), Vote(case=1, choice="B"))

    result = tally(KEY, [Ballot(snapshot="s", votes=votes), ballot("tie")])

    assert result.wins == {"a": Rate(1, 1), "b": Rate(0, 1)}
    assert (result.ties, result.voters) == (2, 2)


@pytest.mark.parametrize(
    "wrong",
    [
        ballot("A", snapshot="other"),
        ballot("C"),
        ballot("A", "A", "A", "A"),
        ballot("A", "A", "A", "tie"),
    ],
    ids=repr,
)
def test_refuses_ballots_that_do_not_belong_to_the_key(wrong: Ballot) -> None:
    with pytest.raises(PlaygroundError):
        tally(KEY, [wrong])


def test_reads_the_files_that_were_downloaded() -> None:
    assert read_ballot(ballot("A", voter="Ada").model_dump_json()) == ballot("A", voter="Ada")
    assert read_key(KEY.model_dump_json()) == KEY
    with pytest.raises(FileValidationError, match="choice"):
        read_ballot(ballot("A").model_dump_json().replace('"A"', '"AA"'))
