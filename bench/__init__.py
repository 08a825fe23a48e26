"""Benchmarks against Streamlit's tutorial chat and the bare SDK, run by hand: `python -m bench`."""
