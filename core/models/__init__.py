"""The model catalog: capabilities, parameter support, availability and selection."""
