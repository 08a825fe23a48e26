"""Who decides which reply is better: people, also without this app, or a model."""
