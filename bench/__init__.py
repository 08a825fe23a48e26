"""Benchmarks against Streamlit's tutorial chat and the SDK alone, run by hand: `python -m bench`."""
