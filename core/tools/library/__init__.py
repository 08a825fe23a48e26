"""Tools to try. Each module stands alone, because the code that a page shows contains its source."""
