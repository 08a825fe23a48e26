"""Names, dates, amounts and other values in a text."""
