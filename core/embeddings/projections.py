"""Projections onto two dimensions: PCA always, others where their package is installed."""

from importlib.util import find_spec
from typing import Literal

import numpy as np

from core.embeddings.vectors import Matrix, Projection2D, project_pca

ProjectionMethod = Literal["PCA", "t-SNE", "UMAP"]

# The package, and the most rows that it projects within a few seconds.
_OPTIONAL_METHODS: dict[ProjectionMethod, tuple[str, int]] = {
    "t-SNE": ("sklearn", 500),
    "UMAP": ("umap", 5_000),
}
OPTIONAL_PACKAGES = "scikit-learn or umap-learn"


def available_methods() -> list[ProjectionMethod]:
    """Return PCA and the methods whose package is installed."""
    optional = [method for method, (package, _) in _OPTIONAL_METHODS.items() if find_spec(package)]
    return ["PCA", *optional]


def max_rows(method: ProjectionMethod) -> int:
    """Return how many rows *method* projects within a few seconds."""
    return _OPTIONAL_METHODS[method][1] if method in _OPTIONAL_METHODS else 10_000


def project(vectors: Matrix, method: ProjectionMethod) -> Projection2D:
    """Project unit vectors by an available *method*; only PCA's axes have a known explained variance."""
    if method == "PCA" or len(vectors) < 4:
        return project_pca(vectors)
    if method == "t-SNE":
        from sklearn.manifold import TSNE  # type: ignore[import-not-found]  # an extra

        # scikit-learn's default is 30, and it must be less than the number of rows.
        perplexity = min(30, (len(vectors) - 1) / 3)
        model = TSNE(perplexity=perplexity, metric="cosine", init="random", random_state=0)
    else:
        from umap import UMAP  # type: ignore[import-not-found]  # an extra

        model = UMAP(n_neighbors=min(15, len(vectors) - 1), metric="cosine", random_state=0)
    return Projection2D(np.asarray(model.fit_transform(vectors), np.float32), (0.0, 0.0))
