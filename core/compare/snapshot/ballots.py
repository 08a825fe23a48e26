"""Votes on a blind snapshot: the ballots that it downloads, and the key that says what was voted for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from core.compare.statistics.variant_statistics import Rate
from core.errors.types import PlaygroundError
from core.files.json_validation import validate_json

LABELS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class Vote(BaseModel):
    """The letter of the best reply to a case, or a tie."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    case: int = Field(ge=1)
    choice: str = Field(pattern=r"^([A-Z]|tie)$")
    comment: str = Field(default="", max_length=4_000)


class Ballot(BaseModel):
    """What a voter downloads."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal["openai-sdk-playground/ballot"] = "openai-sdk-playground/ballot"
    version: Literal[1] = 1
    snapshot: str = Field(max_length=64)
    voter: str = Field(default="", max_length=200)
    votes: tuple[Vote, ...] = Field(default=(), max_length=10_000)


class BallotKey(BaseModel):
    """The variants by the letters of each case, in a file that voters do not get."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal["openai-sdk-playground/ballot-key"] = "openai-sdk-playground/ballot-key"
    version: Literal[1] = 1
    snapshot: str
    board_id: str
    variants: dict[str, str]
    cases: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Tally:
    """How often each variant was the choice, of the votes that were no tie, by its id."""

    wins: Mapping[str, Rate]
    ties: int
    voters: int


def read_ballot(text: str) -> Ballot:
    """Read a downloaded ballot. Raises FileValidationError."""
    return validate_json(text, TypeAdapter(Ballot))


def read_key(text: str) -> BallotKey:
    """Read the key of a snapshot. Raises FileValidationError."""
    return validate_json(text, TypeAdapter(BallotKey))


def tally(key: BallotKey, ballots: Sequence[Ballot]) -> Tally:
    """Count the last vote on each case in *ballots*, of each voter with a name only the last ballot.

    Raises PlaygroundError for a ballot of another snapshot, or with a vote for what was not shown.
    """
    by_voter = {ballot.voter or number: ballot for number, ballot in enumerate(ballots)}
    wins = dict.fromkeys(key.variants, 0)
    shown = dict.fromkeys(key.variants, 0)
    ties = 0
    for ballot in by_voter.values():
        if ballot.snapshot != key.snapshot:
            raise PlaygroundError("A ballot is of another snapshot.", "Add the ballots of one snapshot only.")
        for vote in {vote.case: vote for vote in ballot.votes}.values():
            if vote.case > len(key.cases):
                raise PlaygroundError(f"A ballot has a vote on case {vote.case}, which the page lacks.")
            if vote.choice == "tie":
                ties += 1
                continue
            variants, index = key.cases[vote.case - 1], LABELS.index(vote.choice)
            if index >= len(variants):
                raise PlaygroundError(f"A ballot has a vote for {vote.choice}, which case {vote.case} lacks.")
            wins[variants[index]] += 1
            for variant in variants:
                shown[variant] += 1
    return Tally({variant: Rate(wins[variant], shown[variant]) for variant in wins}, ties, len(by_voter))
