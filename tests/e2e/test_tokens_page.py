"""The Tokens page: count tokens while typing, compare encodings, decode ids."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.app_server import AppServer
from tests.e2e.pages import settle

HTML = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"
PROSE = ("The quick brown fox jumps over the lazy dog. " * 230)[:10_000]

# Types a word, waits until the count on the screen has changed, and returns the elapsed milliseconds.
TYPE_A_WORD = """async (box) => {
  const count = () => box.getRootNode().querySelector(".summary").textContent;
  const before = count();
  box.value += " word";
  const typed = performance.now();
  box.dispatchEvent(new Event("input", { bubbles: true }));
  while (count() === before) await new Promise(requestAnimationFrame);
  return performance.now() - typed;
}"""


@pytest.fixture
def tokens(page: Page, app: AppServer) -> Page:
    """The Tokens page, after it has counted its example."""
    page.goto(f"{app.url}/tokens")
    expect(listbox(page)).to_be_visible()
    settle(page)
    return page


def listbox(page: Page) -> Locator:
    return page.get_by_role("listbox", name="Tokens (")


def box(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Text to count")


def count(page: Page) -> Locator:
    return page.get_by_role("list", name="Token count")


def test_counts_while_typing_and_then_updates_the_page(tokens: Page) -> None:
    box(tokens).fill("hello world!")

    expect(count(tokens)).to_contain_text("3 tokens (o200k_base, assumed)")
    expect(tokens.get_by_text("3 tokens · 12 characters · 2 words")).to_be_visible()
    assert listbox(tokens).get_by_role("option").all_inner_texts() == ["hello", "·world", "!"]


def test_draws_no_panels_of_the_text_that_a_too_large_one_replaces(tokens: Page) -> None:
    statistics = tokens.get_by_role("tab", name="Statistics")
    expect(statistics).to_be_visible()

    box(tokens).fill("too much " * 120_000)

    expect(tokens.get_by_text("The text is larger than 1 MB, the limit while typing.")).to_be_visible()
    expect(statistics).to_have_count(0)
    box(tokens).fill("hello world!")
    expect(statistics).to_be_visible()


def test_does_not_wrap_a_line_that_would_block_the_page(tokens: Page) -> None:
    box(tokens).focus()
    tokens.keyboard.press("Control+a")

    tokens.keyboard.insert_text("Tokens are read, 토큰은 글자가 아닙니다. " * 2_000)

    expect(count(tokens)).to_contain_text("62,000 characters")
    expect(box(tokens)).to_have_css("white-space-collapse", "preserve")
    expect(box(tokens)).to_have_css("text-wrap-mode", "nowrap")
    box(tokens).fill("hello world!")
    expect(box(tokens)).to_have_css("text-wrap-mode", "wrap")


def test_counts_ten_kilobytes_within_300_ms_of_a_key(tokens: Page) -> None:
    box(tokens).fill(PROSE)
    expect(count(tokens)).to_contain_text("10,000 characters")
    settle(tokens)

    # On a busy machine, one of them.
    assert any(box(tokens).evaluate(TYPE_A_WORD) < 300 for _ in range(30))


def test_shows_the_tokens_of_a_split_character_together(tokens: Page) -> None:
    box(tokens).fill("뷁")

    piece = listbox(tokens).get_by_role("option")
    expect(piece).to_have_count(1)
    piece.hover()
    expect(tokens.get_by_text("Tokens 1 to 2 combined")).to_contain_text("bytes eb b7 | 81")
    assert "\ufffd" not in tokens.locator(".results").inner_text()


def test_links_text_and_ids_by_pointer_and_keyboard(tokens: Page) -> None:
    box(tokens).fill("hello world!")
    expect(listbox(tokens).get_by_role("option")).to_have_count(3)

    tokens.locator(".ids").get_by_text("2375").hover()
    expect(listbox(tokens).locator(".selected")).to_have_text("·world")

    listbox(tokens).press("ArrowRight")
    expect(tokens.locator(".ids .selected")).to_have_text("0")


def test_marks_text_that_two_encodings_split_differently(tokens: Page) -> None:
    box(tokens).fill("hello 안녕하세요")
    tokens.get_by_role("combobox", name="Compare with").click()
    tokens.get_by_role("option", name="cl100k_base").click()

    expect(tokens.get_by_text("1 of 3 tokens differ from cl100k_base")).to_be_visible()
    expect(listbox(tokens).first.locator(".differs")).to_have_text("녕하세요")


def test_accepts_the_id_of_any_model(tokens: Page) -> None:
    box(tokens).fill("안녕하세요")
    encoding = tokens.get_by_role("combobox", name="Model / encoding")
    encoding.fill("gpt-4-0613")
    encoding.press("Enter")

    expect(count(tokens)).to_contain_text("5 tokens (cl100k_base)")


def test_decodes_ids_and_names_an_invalid_one(tokens: Page) -> None:
    tokens.get_by_text("Token IDs", exact=True).click()
    ids = tokens.get_by_role("textbox", name="Token IDs to decode")
    expect(listbox(tokens).get_by_role("option")).to_have_count(3)

    ids.fill("24912 nonsense")

    expect(tokens.get_by_text("'nonsense' is not a token ID.")).to_be_visible()


def test_escapes_html(tokens: Page) -> None:
    box(tokens).fill(HTML)

    expect(listbox(tokens)).to_contain_text("onerror")
    assert tokens.locator(".text img, .text script").count() == 0
    assert "owned" not in tokens.title()


def test_reads_a_file_and_draws_one_page_of_it(tokens: Page, tmp_path: Path) -> None:
    file = tmp_path / "long.txt"
    file.write_text("One line of many, all alike.\n" * 20_000)
    tokens.get_by_text("File", exact=True).click()
    tokens.locator("input[type=file]").set_input_files(file)

    expect(tokens.get_by_text("tokens 1 to 500 of 160,000")).to_be_visible()
    assert listbox(tokens).get_by_role("option").count() <= 520
    tokens.get_by_role("spinbutton", name="Go to token").fill("160000")
    tokens.get_by_role("spinbutton", name="Go to token").press("Enter")
    expect(tokens.get_by_text(re.compile("to 160,000 of 160,000"))).to_be_visible()


def test_removes_the_last_file_when_the_next_cannot_be_read(tokens: Page) -> None:
    tokens.get_by_text("File", exact=True).click()
    upload = tokens.locator("input[type=file]")
    upload.set_input_files({"name": "a.txt", "mimeType": "text/plain", "buffer": b"some words"})
    expect(count(tokens)).to_contain_text("2 tokens")

    upload.set_input_files({"name": "b.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 broken"})

    expect(tokens.get_by_role("alert")).to_contain_text("The PDF cannot be read")
    expect(listbox(tokens)).to_be_hidden()


def test_keeps_the_text_while_another_page_is_visited(tokens: Page) -> None:
    box(tokens).fill("still here")
    expect(tokens.get_by_text("2 tokens · 10 characters")).to_be_visible()

    tokens.get_by_role("link", name="Settings").click()
    tokens.get_by_role("link", name="Tokens").click()

    expect(box(tokens)).to_have_value("still here")
