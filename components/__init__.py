"""What the pages are drawn with. Everything here may use Streamlit and core, never a page."""
