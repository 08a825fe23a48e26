/** Draw Markdown as it arrives: finished blocks are drawn once, only the open last block is parsed again. */

import { h } from "./dom.js";
import { closeMarkup, countFinishedBlocks, FenceScanner, lex, openingFence } from "./markdown-parser.js";
import { highlightLater, render } from "./sanitize.js";

const MAX_TEXT_NODE = 4096; // characters in one text node of a growing block: layout cost follows the node, not the reply
const MAX_MARKDOWN_BLOCK = 64 * 1024; // a single block beyond this is drawn as plain text
const FRAME_BUDGET_MS = 8; // of parsing and building in a frame; the rest of it belongs to layout
const FRAME_MS = 17;
const SLICE = { min: 512, initial: 1024, max: 4 * 1024, maxPlain: 32 * 1024 }; // characters drawn in a frame
const LONG_LIST_ITEMS = 24; // beyond that an open list is frozen item by item
const IDLE_FACTOR = 6; // an open block that took t ms to draw is not parsed again for IDLE_FACTOR times t

/** Text that only grows, in pieces small enough to lay out. */
class PlainTextWriter {
  /**
   * @param {HTMLElement} target
   * @param {RegExp} boundary the characters after which a new piece may begin
   */
  constructor(target, boundary) {
    this.target = target;
    this.boundary = boundary;
    this.#startPiece();
  }

  write(text) {
    for (let rest = text; rest;) {
      const room = MAX_TEXT_NODE - this.node.length;
      const length = room > 0 ? Math.min(room, rest.length) : this.#lengthToBoundary(rest);
      this.node.appendData(rest.slice(0, length));
      rest = rest.slice(length);
      const isFull = room <= 0 && (rest || this.node.length > MAX_TEXT_NODE);
      // Text without any boundary is split all the same, but late: a split there is visible as a line break.
      if (isFull && (this.boundary.test(this.node.data.at(-1)) || this.node.length > 8 * MAX_TEXT_NODE)) this.#startPiece();
    }
  }

  #lengthToBoundary(text) {
    const index = text.slice(0, MAX_TEXT_NODE).search(this.boundary);
    return index < 0 ? Math.min(MAX_TEXT_NODE, text.length) : index + 1;
  }

  #startPiece() {
    this.node = document.createTextNode("");
    this.target.append(h("span", { class: "chunk" }, this.node));
  }
}

/** Show *text* as it is, a long one in pieces that are laid out only when they come near the screen. */
export function writePlainText(target, text) {
  target.replaceChildren();
  if (text.length < MAX_MARKDOWN_BLOCK) target.textContent = text;
  else new PlainTextWriter(target, /\s/).write(text);
}

function lastLeaf(node) {
  let leaf = node;
  while (leaf.lastElementChild?.matches("p,li,ul,ol,blockquote,h1,h2,h3,h4,h5,h6")) leaf = leaf.lastElementChild;
  return leaf;
}

export class MarkdownStream {
  #queue = ""; // pushed, but not drawn
  #tail = ""; // the source of the open block
  #slice = SLICE.initial;
  #flushedAt = 0;
  #list = null; // the frozen part of a long list that still grows
  #idleUntil = 0;
  #needsParse = false;
  #unparsed = 0;
  #code = null; // the open fenced block
  #plain = null; // the writer of an open block that is too long to parse
  #ended = false;
  #isCut = false;

  /**
   * @param {HTMLElement} target emptied
   * @param {import("./labels.js").Translate} t
   */
  constructor(target, t) {
    this.t = t;
    this.open = h("div", { class: "open" });
    this.target = target;
    target.replaceChildren(this.open);
  }

  /** Queue text; `flush` draws it. */
  push(text) {
    this.#queue += text.includes("\r") ? text.replaceAll("\r", "") : text;
  }

  /**
   * No more text will come: what is open is finished by the next flush that reaches it.
   * @param {boolean} [isCut] whether the text ends too early, so that open markup is closed and not shown as text
   */
  end(isCut = false) {
    this.#ended = true;
    this.#isCut = isCut;
  }

  /** Do one frame's worth of work. @returns {boolean} whether all that was pushed is drawn */
  flush() {
    const start = performance.now();
    const text = this.#queue.slice(0, this.#slice);
    this.#queue = this.#queue.slice(text.length);
    this.#draw(text, this.#ended && !this.#queue);
    this.#adaptSlice(start, text.length === this.#slice);
    return !this.#queue && !this.#needsParse;
  }

  /** Draw more in the next frame if this one was quick, less if it, or the layout after the frame before, was slow. */
  #adaptSlice(start, wasFull) {
    const layout = wasFull ? start - this.#flushedAt - FRAME_MS : 0;
    this.#flushedAt = performance.now();
    const elapsed = Math.max(this.#flushedAt - start, layout);
    const max = this.#code || this.#plain ? SLICE.maxPlain : SLICE.max;
    if (wasFull && elapsed < FRAME_BUDGET_MS) this.#slice *= 2;
    if (elapsed > 2 * FRAME_BUDGET_MS) this.#slice /= 2;
    this.#slice = Math.min(Math.max(this.#slice, SLICE.min), max);
  }

  #draw(text, last) {
    if (this.#code) return this.#drawCode(text, last);
    if (this.#plain) return this.#drawPlain(text, last);
    this.#tail += text;
    this.#unparsed += text.length;
    if (last || this.#unparsed > SLICE.max || performance.now() >= this.#idleUntil) return this.#parse(last);
    // Too early to parse again: the new words are shown at once, their markup follows.
    if (text) lastLeaf(this.open).append(text);
    this.#needsParse = true;
    return undefined;
  }

  #parse(last) {
    this.#needsParse = false;
    this.#unparsed = 0;
    if (last && this.#isCut) this.#tail = closeMarkup(this.#tail);
    const tokens = lex(this.#tail);
    const finished = last ? tokens.length : countFinishedBlocks(tokens);
    this.#freeze(tokens.slice(0, finished));
    if (finished > 0) this.#endList();
    const rest = this.#shortenList(tokens.slice(finished), last);
    if (!last && !this.#enterCode(rest) && !this.#enterPlain()) this.#drawOpen(rest);
  }

  #drawOpen(tokens) {
    const start = performance.now();
    const closed = closeMarkup(this.#tail);
    this.open.replaceChildren(render(closed === this.#tail ? tokens : lex(closed), this.t));
    const now = performance.now();
    this.#idleUntil = now + IDLE_FACTOR * (now - start);
  }

  /** Draw finished tokens for the last time, before the open block. */
  #freeze(tokens) {
    if (tokens.length === 0) return;
    this.#tail = this.#tail.slice(tokens.reduce((length, token) => length + token.raw.length, 0));
    const fragment = render(tokens, this.t);
    this.open.replaceChildren();
    if (this.#list) this.#continueList(fragment);
    this.open.before(fragment);
    highlightLater(this.target);
  }

  /** Freeze all but the last item of a long open list; later items are added to the frozen element. */
  #shortenList(tokens, last) {
    const list = tokens[0];
    if (last || list?.type !== "list" || list.items.length < LONG_LIST_ITEMS) return tokens;
    const items = list.items.slice(0, -1);
    this.#freeze([{ ...list, items, raw: items.map((item) => item.raw).join("") }]);
    this.#list ??= this.open.previousElementSibling;
    this.#list.classList.add("growing");
    return lex(this.#tail);
  }

  #endList() {
    this.#list?.classList.remove("growing");
    this.#list = null;
  }

  /** Move the items of *fragment*'s first list, the continuation of the growing list, into that. */
  #continueList(fragment) {
    const continuation = fragment.firstElementChild;
    if (continuation?.tagName === this.#list.tagName) {
      this.#list.append(...continuation.children);
      continuation.remove();
    }
  }

  #enterCode(tokens) {
    const opening = tokens[0]?.type === "code" && openingFence(this.#tail);
    if (!opening) return false;
    const figure = render([tokens[0]], this.t).firstElementChild;
    this.open.replaceChildren();
    this.open.before(figure);
    const element = figure.querySelector("code");
    element.dataset.highlight = "open"; // code that still grows is not coloured yet
    element.replaceChildren();
    this.#code = { element, scanner: new FenceScanner(opening.fence), writer: new PlainTextWriter(element, /\n/) };
    const body = this.#tail.slice(opening.line.length);
    this.#tail = "";
    this.#drawCode(body, false);
    return true;
  }

  #drawCode(text, last) {
    const { code, rest } = this.#code.scanner.push(text, last);
    this.#code.writer.write(code);
    if (rest === null && !last) return;
    delete this.#code.element.dataset.highlight;
    this.#code = null;
    highlightLater(this.target);
    this.#queue = (rest ?? "") + this.#queue;
  }

  #enterPlain() {
    if (this.#tail.length < MAX_MARKDOWN_BLOCK) return false;
    const block = h("div", { class: "plain" });
    this.open.replaceChildren();
    this.open.before(block);
    this.#plain = new PlainTextWriter(block, /\s/);
    this.#plain.write(this.#tail);
    this.#tail = "";
    return true;
  }

  #drawPlain(text, last) {
    const end = text.indexOf("\n\n");
    this.#plain.write(end < 0 ? text : text.slice(0, end));
    if (end >= 0 || last) this.#plain = null;
    if (end >= 0) this.#queue = text.slice(end) + this.#queue;
  }
}
