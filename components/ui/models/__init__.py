"""Choosing a model: the list, what it offers, and what is shown without one."""
