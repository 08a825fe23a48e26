"""Compare models and prompts: one prompt to several variants at once, with their replies side by side."""

from components.compare import quick
from components.shell.page_header import page_header

with page_header("compare.py"):
    quick.new_comparison_button()
quick.quick_comparison()
