"""Hierarchical clustering, to order a similarity matrix."""

import numpy as np

from core.embeddings.vectors import Matrix


def leaf_order(similarity: Matrix) -> list[int]:
    """Order the rows of a similarity matrix by average-linkage clustering, similar rows next to each other.

    Cubic in the number of rows: meant for the few hundred that fit on a screen.
    """
    linkage = similarity.astype(np.float64)
    np.fill_diagonal(linkage, -np.inf)
    clusters: list[list[int]] = [[row] for row in range(len(linkage))]
    while len(clusters) > 1:
        a, b = sorted(map(int, np.unravel_index(linkage.argmax(), linkage.shape)))
        size_a, size_b = len(clusters[a]), len(clusters[b])
        average = (linkage[a] * size_a + linkage[b] * size_b) / (size_a + size_b)
        linkage[a], linkage[:, a], linkage[a, a] = average, average, -np.inf
        linkage = np.delete(np.delete(linkage, b, 0), b, 1)
        left, right = clusters[a], clusters.pop(b)
        # Either half may be reversed: the two most similar ends meet.
        orders = [(x, y) for x in (left, left[::-1]) for y in (right, right[::-1])]
        x, y = max(orders, key=lambda order: float(similarity[order[0][-1], order[1][0]]))
        clusters[a] = x + y
    return clusters[0] if clusters else []


def even_sample(count: int, max_count: int) -> list[int]:
    """Pick at most *max_count* of *count* row indices, evenly spaced."""
    if count <= max_count:
        return list(range(count))
    return [int(index) for index in np.linspace(0, count - 1, max_count).round()]
