"""What is known of each model: its facts, what it refuses, how long it lasts, and which to choose."""

from core.models.choosing import Advice, Badge, badges, default_for, guide
from core.models.refusals import SAMPLING, refusals
from core.models.shelf import OfferedModel, ShelfLife, offered, shelf_life
from core.models.table import (
    EFFORTS,
    Dimensions,
    Kind,
    Model,
    Reasoning,
    Tier,
    base_id,
    catalogue,
    find,
)

__all__ = [
    "EFFORTS",
    "SAMPLING",
    "Advice",
    "Badge",
    "Dimensions",
    "Kind",
    "Model",
    "OfferedModel",
    "Reasoning",
    "ShelfLife",
    "Tier",
    "badges",
    "base_id",
    "catalogue",
    "default_for",
    "find",
    "guide",
    "offered",
    "refusals",
    "shelf_life",
]
