"""Prompt presets and saved prompts."""
