"""Texts to vectors, and what the vectors say of each other."""

from core.embeddings.cache import VectorCache
from core.embeddings.calling import ENDPOINT, Space, embed
from core.embeddings.inputs import MOST_ITEMS, Item, Remark, from_lines
from core.embeddings.planning import Prepared, TooLong, prepare
from core.embeddings.table_input import columns_of, from_csv
from core.embeddings.vectors import Matrix
from core.embeddings.work import Embedded, Work

__all__ = [
    "ENDPOINT",
    "MOST_ITEMS",
    "Embedded",
    "Item",
    "Matrix",
    "Prepared",
    "Remark",
    "Space",
    "TooLong",
    "VectorCache",
    "Work",
    "columns_of",
    "embed",
    "from_csv",
    "from_lines",
    "prepare",
]
