"""An order of rows in which the alike stand together."""

import numpy as np

from core.embeddings.vectors import Matrix


def leaf_order(similarity: Matrix) -> list[int]:
    """Order the rows of a similarity matrix by average-linkage clustering, clusters joined at likest ends.

    Cubic in the rows: meant for the few hundred that fit on a screen.
    """
    alive = similarity.astype(np.float64)
    np.fill_diagonal(alive, -np.inf)
    clusters: list[list[int]] = [[row] for row in range(len(alive))]
    while len(clusters) > 1:
        one, other = sorted(map(int, np.unravel_index(alive.argmax(), alive.shape)))
        sizes = len(clusters[one]), len(clusters[other])
        merged = (alive[one] * sizes[0] + alive[other] * sizes[1]) / sum(sizes)
        alive[one], alive[:, one], alive[one, one] = merged, merged, -np.inf
        alive = np.delete(np.delete(alive, other, 0), other, 1)
        clusters[one] = _joined(clusters[one], clusters.pop(other), similarity)
    return clusters[0] if clusters else []


def _joined(one: list[int], other: list[int], similarity: Matrix) -> list[int]:
    """Put two orders together at their most similar ends."""
    ways = [(first, second) for first in (one, one[::-1]) for second in (other, other[::-1])]
    first, second = max(ways, key=lambda way: float(similarity[way[0][-1], way[1][0]]))
    return first + second


def even_sample(rows: int, most: int) -> list[int]:
    """Pick at most *most* of so many rows, evenly."""
    if rows <= most:
        return list(range(rows))
    return [int(place) for place in np.linspace(0, rows - 1, most).round()]
