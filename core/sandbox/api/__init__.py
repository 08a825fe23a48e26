"""What the API accepts and returns: parameters, models, errors, token counts, images."""
