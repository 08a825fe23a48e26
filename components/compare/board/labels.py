"""How the variants of a board are called."""

from string import ascii_uppercase

from core.compare.boards.board import Board


def variant_labels(board: Board) -> dict[str, str]:
    """Return a label for each enabled variant by its id, with a letter that makes it unique."""
    return {
        variant.id: f"{letter} · {variant.title}"
        for letter, variant in zip(ascii_uppercase, board.variants, strict=False)
        if variant.enabled
    }
