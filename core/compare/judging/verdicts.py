"""The verdicts of a judge on the replies of a board: what is left to judge, and the sum of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations

from core.compare.boards.board import CellKey
from core.compare.boards.cells import Cells
from core.compare.boards.judge import Winner
from core.compare.statistics.variant_statistics import Rate


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a judge, in the run *run_id*, thinks of two runs; *winner* is None if its reply is not valid."""

    first_run_id: str
    second_run_id: str
    winner: Winner | None
    reason: str
    run_id: str = ""


@dataclass(frozen=True, slots=True)
class JudgeStatistics:
    """What the verdicts say: by variant the pairs it won of those that one of both won, and the ties.

    A pair is won only in both orders. *first_preferred* is how often the reply that was shown first won,
    which is a half without a position bias; *inconsistent* is in how many pairs the order decided.
    """

    wins: Mapping[str, Rate]
    ties: Mapping[str, int]
    first_preferred: Rate
    inconsistent: Rate
    invalid: int


def pairs_to_judge(cells: Cells, verdicts: Iterable[Verdict] = ()) -> list[tuple[CellKey, CellKey]]:
    """Return the pairs of complete replies to the same case, both orders of each, without those judged."""
    judged = {(verdict.first_run_id, verdict.second_run_id) for verdict in verdicts}
    by_place: dict[tuple[str, int], list[CellKey]] = {}
    for key, cell in cells.items():
        if cell.has_reply:
            by_place.setdefault((key.case_id, key.repetition), []).append(key)
    return [
        (first, second)
        for keys in by_place.values()
        for first, second in permutations(keys, 2)
        if (cells[first].run.id, cells[second].run.id) not in judged
    ]


def judge_statistics(cells: Cells, verdicts: Sequence[Verdict]) -> JudgeStatistics:
    """Add up the *verdicts* of one judge on *cells*; those on other runs do not count."""
    variants = {cell.run.id: key.variant_id for key, cell in cells.items()}
    current = [
        verdict for verdict in verdicts if {verdict.first_run_id, verdict.second_run_id} <= variants.keys()
    ]
    valid = {(verdict.first_run_id, verdict.second_run_id): verdict for verdict in current if verdict.winner}
    decided = [verdict for verdict in valid.values() if verdict.winner != "tie"]
    wins, losses, ties = (dict.fromkeys(variants.values(), 0) for _ in range(3))
    pairs = inconsistent = 0
    for (first, second), verdict in valid.items():
        reverse = valid.get((second, first))
        if reverse is None or first > second:
            continue
        pairs += 1
        winner = _preferred(verdict)
        inconsistent += winner != _preferred(reverse)
        if winner and winner == _preferred(reverse):
            wins[variants[winner]] += 1
            losses[variants[second if winner == first else first]] += 1
        else:
            ties[variants[first]] += 1
            ties[variants[second]] += 1
    return JudgeStatistics(
        {variant: Rate(wins[variant], wins[variant] + losses[variant]) for variant in wins},
        ties,
        Rate(sum(verdict.winner == "first" for verdict in decided), len(decided)),
        Rate(inconsistent, pairs),
        len(current) - len(valid),
    )


def _preferred(verdict: Verdict) -> str | None:
    """Return the run that *verdict* prefers; None for a tie."""
    if verdict.winner == "tie":
        return None
    return verdict.first_run_id if verdict.winner == "first" else verdict.second_run_id
