"""Maps in two dimensions: principal components always, others where their package is installed."""

from importlib.util import find_spec
from typing import Literal

import numpy as np

from core.embeddings.vectors import Matrix, Projection2D, project_pca

ProjectionMethod = Literal["PCA", "t-SNE", "UMAP"]

# Package that draws it, and the most rows that it draws in a few seconds.
_EXTRAS: dict[ProjectionMethod, tuple[str, int]] = {"t-SNE": ("sklearn", 500), "UMAP": ("umap", 5_000)}
OPTIONAL_PACKAGES = "scikit-learn or umap-learn"


def available_methods() -> list[ProjectionMethod]:
    """Name the projections that can be made here."""
    extras = [name for name, (package, _) in _EXTRAS.items() if find_spec(package)]
    return ["PCA", *extras]


def max_rows(projection: ProjectionMethod) -> int:
    """Return how many rows *projection* takes in a few seconds."""
    return _EXTRAS[projection][1] if projection in _EXTRAS else 10_000


def project(rows: Matrix, projection: ProjectionMethod) -> Projection2D:
    """Lay out unit vectors by *projection*, which is available; only PCA's axes keep a known variance."""
    if projection == "PCA" or len(rows) < 4:
        return project_pca(rows)
    places = _tsne(rows) if projection == "t-SNE" else _umap(rows)
    return Projection2D(np.asarray(places, np.float32), (0.0, 0.0))


def _tsne(rows: Matrix) -> Matrix:
    from sklearn.manifold import TSNE  # type: ignore[import-not-found]  # an extra

    perplexity = min(30, (len(rows) - 1) / 3)
    found: Matrix = TSNE(perplexity=perplexity, metric="cosine", init="random", random_state=0).fit_transform(
        rows
    )
    return found


def _umap(rows: Matrix) -> Matrix:
    from umap import UMAP  # type: ignore[import-not-found]  # an extra

    near = min(15, len(rows) - 1)
    found: Matrix = UMAP(n_neighbors=near, metric="cosine", random_state=0).fit_transform(rows)
    return found
