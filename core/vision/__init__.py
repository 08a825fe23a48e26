"""Image questions: requests, image token estimates, code."""
