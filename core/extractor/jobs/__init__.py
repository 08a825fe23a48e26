"""Jobs of many extractions, which the runner sends."""
