"""Many requests at half the price: the Batch API."""
