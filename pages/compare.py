"""Compare models and prompts: one prompt to several variants at once, or a board of variants and cases."""

from components.compare import quick
from components.compare.board.board_view import board_view
from components.compare.board.url import is_board_view, view_switch
from components.shell.page_header import page_header

with page_header("compare.py"):
    view_switch()
    if not is_board_view():
        quick.new_comparison_button()
if is_board_view():
    board_view()
else:
    quick.quick_comparison()
