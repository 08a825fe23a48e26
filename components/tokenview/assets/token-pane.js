/** The tokens of one encoding: coloured text above, ids below, both linked. Only a page of a long text is drawn. */

import { h } from "../../live/assets/dom.js";

/**
 * A span of text and its tokens: the text (null for bytes that are not a whole character), the ids, the bytes of each
 * token in hexadecimal, and whether the other encoding splits the text differently.
 * @typedef {[text: string|null, ids: number[], bytes: string[], differs: boolean]} Span
 */

/** @typedef {{title: string, at: number, total: number, spans: Span[]}} TokenPage as the app sends it */

const COLOURS = 5;
const SYMBOLS = { " ": "·", "\n": "↵", "\r": "␍", "\t": "→", "\u00a0": "⍽" };
const INVISIBLE = /[ \n\r\t\u00a0]|[\p{Cf}\p{Cc}\p{Zl}\p{Zp}\p{Zs}\ufe00-\ufe0f\u3164]/u;
const EMOJI_JOINER = /\u200d|\ufe0f/;

let paneCount = 0;

const formatNumber = (number) => number.toLocaleString("en");

/**
 * Make characters visible that leave no mark on the screen.
 * @param {string|null} text null for bytes that are not a whole character
 * @param {string[]} bytes of each token, in hexadecimal
 * @returns {Array<string|{symbol: string}>} texts to show as they are, and symbols in place of invisible characters
 */
export function visibleCharacters(text, bytes) {
  if (text === null) return [{ symbol: `⟨${bytes.join(" ")}⟩` }];
  if (!INVISIBLE.test(text)) return [text];
  const isEmoji = text.length > 1 && /\p{Extended_Pictographic}/u.test(text);
  return [...text].flatMap((character) => {
    // Joiners inside an emoji belong to its shape; alone they are shown.
    if (!INVISIBLE.test(character) || (isEmoji && EMOJI_JOINER.test(character))) return [character];
    const symbol = { symbol: SYMBOLS[character] ?? codePointName(character) };
    return character === "\n" ? [symbol, "\n"] : [symbol];
  });
}

function codePointName(character) {
  return `U+${character.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}`;
}

/**
 * All that is known of the span at *index*.
 * @param {TokenPage} page
 * @param {number} index
 * @param {import("../../live/assets/labels.js").Translate} t
 */
export function describeSpan(page, index, t) {
  const [text, ids, bytes, differs] = page.spans[index];
  const before = page.spans.slice(0, index).reduce((sum, [, spanIds]) => sum + spanIds.length, page.at);
  const values = {
    number: before + 1,
    first: before + 1,
    last: before + ids.length,
    text: text === null ? t("incompleteCharacter") : JSON.stringify(text),
    ids: ids.join(", "),
    bytes: bytes.join(" | "),
  };
  const details = t(ids.length > 1 ? "tokenGroupDetails" : "tokenDetails", values);
  return differs ? t("tokenSplitDiffers", { details }) : details;
}

/**
 * Which of all tokens are on the page.
 * @param {TokenPage} page
 * @param {number} length how many tokens are on it
 * @param {import("../../live/assets/labels.js").Translate} t
 */
export function describeRange({ at, total }, length, t) {
  if (length === total) return t(total === 1 ? "oneToken" : "tokenTotal", { count: formatNumber(total) });
  return t("tokenRange", { first: formatNumber(at + 1), last: formatNumber(at + length), count: formatNumber(total) });
}

export class TokenPane {
  /**
   * @param {import("../../live/assets/labels.js").Translate} t
   * @param {(start: number) => void} [onPage] requests the page at a token; without it there are no page controls
   */
  constructor(t, onPage) {
    this.t = t;
    this.onPage = onPage;
    this.id = `pane${(paneCount += 1)}`;
    this.title = h("h3");
    this.range = h("span", { class: "range" });
    this.previous = h("button", { type: "button", onclick: () => this.#turnPage(-1) }, t("previousPage"));
    this.next = h("button", { type: "button", onclick: () => this.#turnPage(1) }, t("nextPage"));
    const go = { "aria-label": t("goToToken"), placeholder: t("goToToken"), onchange: () => this.#goToToken() };
    this.target = h("input", { type: "number", min: 1, ...go });
    this.pager = h("div", { class: "pager" }, this.previous, this.next, this.target);
    this.header = h("header", {}, this.title, this.range, this.pager);
    const list = { role: "listbox", tabindex: 0, "aria-label": t("tokens"), onkeydown: (event) => this.#onKey(event) };
    this.text = h("div", { class: "text", ...list });
    this.ids = h("div", { class: "ids", "aria-hidden": "true" });
    this.element = h("div", { class: "pane" }, this.header, this.text, this.ids);
    for (const box of [this.text, this.ids]) box.addEventListener("pointerover", (event) => this.#onPointer(event));
  }

  /**
   * @param {TokenPage|null} page null hides the pane
   * @param {boolean} isCompared whether another pane is beside this one
   */
  show(page, isCompared) {
    this.element.hidden = !page;
    this.page = page;
    this.selected = -1;
    if (!page) return;
    const length = page.spans.reduce((sum, [, ids]) => sum + ids.length, 0);
    this.title.textContent = page.title;
    this.title.hidden = !isCompared;
    this.range.textContent = isCompared || length < page.total ? describeRange(page, length, this.t) : "";
    this.header.hidden = !this.range.textContent;
    this.length = length;
    this.pager.hidden = !this.onPage || length === page.total;
    this.previous.disabled = page.at === 0;
    this.next.disabled = page.at + length >= page.total;
    this.text.setAttribute("aria-label", this.t("tokensByEncoding", { encoding: page.title }));
    this.text.removeAttribute("aria-activedescendant");
    this.text.replaceChildren(...page.spans.map((span, index) => this.#spanElement(span, index)));
    this.ids.replaceChildren(...page.spans.map(([, ids], index) =>
      h("span", { "data-index": index }, ids.length > 1 ? `[${ids.join(" ")}]` : `${ids[0]}`)));
    this.text.scrollTop = 0;
    this.ids.scrollTop = 0;
  }

  #spanElement([text, ids, bytes, differs], index) {
    const classes = [`c${(this.page.at + index) % COLOURS}`, differs && "differs", ids.length > 1 && "group", text === null && "raw"];
    const props = { role: "option", id: `${this.id}-${index}`, "data-index": index, class: classes.filter(Boolean).join(" ") };
    const content = visibleCharacters(text, bytes).map((part) => (typeof part === "string" ? part : h("i", {}, part.symbol)));
    return h("span", props, content, ids.length > 1 && h("sub", {}, `${ids.length}`));
  }

  #onPointer(event) {
    const index = event.target.closest("[data-index]")?.dataset.index;
    if (index !== undefined) this.#point(Number(index));
  }

  /** Report the span at *index* to the token view, which highlights it. */
  #point(index) {
    const detail = { pane: this, index, description: describeSpan(this.page, index, this.t) };
    this.element.dispatchEvent(new CustomEvent("token", { bubbles: true, detail }));
  }

  #onKey(event) {
    const { selected } = this;
    const last = this.page.spans.length - 1;
    const targets = {
      ArrowRight: selected + 1, ArrowDown: selected + 1, ArrowLeft: selected - 1, ArrowUp: selected - 1, Home: 0, End: last,
    };
    const index = targets[event.key];
    if (index === undefined || last < 0) return;
    event.preventDefault();
    this.#point(Math.max(0, Math.min(index, last)));
    this.text.children[this.selected].scrollIntoView({ block: "nearest" });
  }

  #turnPage(direction) {
    this.onPage(Math.max(0, this.page.at + direction * this.length));
  }

  #goToToken() {
    const number = Number(this.target.value);
    if (number >= 1) this.onPage(Math.min(Math.floor(number), this.page.total) - 1);
  }

  /** Mark the span at *index* in text and ids; -1 for none. */
  highlight(index) {
    for (const box of [this.text, this.ids]) {
      box.querySelector(".selected")?.classList.remove("selected");
      box.children[index]?.classList.add("selected");
    }
    this.text.querySelector("[aria-selected]")?.removeAttribute("aria-selected");
    this.selected = index;
    if (index < 0) return;
    const option = this.text.children[index];
    option.setAttribute("aria-selected", "true");
    this.text.setAttribute("aria-activedescendant", option.id);
    this.ids.children[index].scrollIntoView({ block: "nearest" });
  }
}
