"""The results of batches beside their requests: imported, paged, exported."""
