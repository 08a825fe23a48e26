/** Draw Markdown as it arrives: finished blocks are frozen, only the open last block is parsed again. */

import { h } from "./dom.js";
import { draw, highlightLater, lex } from "./sanitize.js";

const CHUNK = 4096; // characters in one text node of a growing block: layout cost follows the node, not the reply
const RICH_LIMIT = 64 * 1024; // a single block beyond this is drawn as plain text
const FRAME_MS = 8; // of parsing and building in a frame; the rest of it belongs to layout
const SLICE = { least: 512, first: 1024, most: 4 * 1024, mostPlain: 32 * 1024 }; // characters drawn in a frame
const LONG_LIST = 24; // items; beyond that an open list is frozen item by item
const REST = 6; // an open block that took t ms to draw is left alone for REST times t
const FENCE = /^(`{3,}|~{3,})[^\n]*\n/;

/** Text that only grows, in pieces small enough to lay out. */
class PlainWriter {
  /** @param {HTMLElement} target @param {RegExp} seam where a new piece may begin */
  constructor(target, seam) {
    this.target = target;
    this.seam = seam;
    this.#next();
  }

  write(text) {
    for (let rest = text; rest;) {
      const room = CHUNK - this.node.length;
      const cut = room > 0 ? Math.min(room, rest.length) : this.#seamIn(rest);
      this.node.appendData(rest.slice(0, cut));
      rest = rest.slice(cut);
      if (rest || this.node.length > CHUNK) this.#maybeNext(room <= 0);
    }
  }

  #seamIn(rest) {
    const found = rest.slice(0, CHUNK).search(this.seam);
    return found < 0 ? Math.min(CHUNK, rest.length) : found + 1;
  }

  #maybeNext(full) {
    if (full && (this.seam.test(this.node.data.at(-1)) || this.node.length > 8 * CHUNK)) this.#next();
  }

  #next() {
    this.node = document.createTextNode("");
    this.target.append(h("span", { class: "chunk" }, this.node));
  }
}

/** Show *text* as it is, a long one in pieces that are laid out only when they come near the screen. */
export function writePlain(target, text) {
  target.replaceChildren();
  if (text.length < RICH_LIMIT) target.textContent = text;
  else new PlainWriter(target, /\s/).write(text);
}

/** A fenced code block whose closing fence has not come yet. */
class OpenCode {
  constructor(fence, code) {
    const end = ` {0,3}${fence[0]}{${fence.length},}[ \\t]*(?:\\n|$)`;
    this.closing = new RegExp(`(^|\\n)${end}`);
    this.closingLater = new RegExp(`(\\n)${end}`);
    this.code = code;
    this.held = "";
    this.midline = false;
    code.replaceChildren();
    this.writer = new PlainWriter(code, /\n/);
  }

  /** @returns {string|null} the text after the closing fence, or null while the block is open */
  push(text, last) {
    const all = this.held + text;
    const found = (this.midline ? this.closingLater : this.closing).exec(all);
    const complete = found && (last || found[0].endsWith("\n"));
    if (complete) return this.#close(all, found);
    this.held = last ? "" : heldBack(all, this.midline);
    const written = all.slice(0, all.length - this.held.length);
    this.writer.write(written);
    if (written) this.midline = !written.endsWith("\n");
    return null;
  }

  #close(all, found) {
    this.writer.write(all.slice(0, found.index) + found[1]);
    return all.slice(found.index + found[0].length);
  }
}

/** The last line, as long as it may still turn out to be the closing fence. */
function heldBack(text, midline) {
  const start = text.lastIndexOf("\n") + 1;
  if (start === 0 && midline) return "";
  const line = text.slice(start);
  return /^ {0,3}(`+|~+)?[ \t]*$/.test(line) ? line : "";
}

/**
 * How many tokens can no longer change: all before the last block, once it is clear that this one is on its own.
 * While its first line is incomplete it may yet turn out to go on the list before it ("2" becomes "2. two").
 */
function settledCount(tokens) {
  const blocks = [...tokens.keys()].filter((index) => tokens[index].type !== "space");
  const last = blocks.at(-1) ?? 0;
  const before = tokens[blocks.at(-2)]?.type;
  const apart = tokens[last - 1]?.type === "space" && !["list", "code"].includes(before);
  return apart || tokens[last]?.raw.includes("\n") ? last : (blocks.at(-2) ?? 0);
}

function lastLeaf(node) {
  let leaf = node;
  while (leaf.lastElementChild?.matches("p,li,ul,ol,blockquote,h1,h2,h3,h4,h5,h6")) leaf = leaf.lastElementChild;
  return leaf;
}

export class MarkdownStream {
  #queue = "";
  #tail = "";
  #slice = SLICE.first;
  #flushed = 0;
  #list = null;
  #rested = 0;
  #stale = false;
  #unparsed = 0;
  #code = null;
  #plain = null;
  #ended = false;

  /**
   * @param {HTMLElement} target
   * @param {import("./dom.js").Say} say
   */
  constructor(target, say) {
    this.say = say;
    this.open = h("div", { class: "open" });
    this.target = target;
    target.replaceChildren(this.open);
  }

  /** Queue text; *flush* draws it. */
  push(text) {
    this.#queue += text.includes("\r") ? text.replaceAll("\r", "") : text;
  }

  /** No more text will come: what is open settles at the next flush that reaches it. */
  end() {
    this.#ended = true;
  }

  /** One frame's worth of work. @returns {boolean} whether all that was pushed is drawn */
  flush() {
    const began = performance.now();
    const text = this.#queue.slice(0, this.#slice);
    this.#queue = this.#queue.slice(text.length);
    this.#draw(text, this.#ended && !this.#queue);
    this.#pace(began, text.length === this.#slice);
    return !this.#queue && !this.#stale;
  }

  /** Draw more in the next frame if this one was quick, less if it, or the layout after the former, was slow. */
  #pace(began, full) {
    const layout = full ? began - this.#flushed - 17 : 0;
    this.#flushed = performance.now();
    const spent = Math.max(this.#flushed - began, layout);
    const most = this.#code || this.#plain ? SLICE.mostPlain : SLICE.most;
    if (full && spent < FRAME_MS) this.#slice *= 2;
    if (spent > 2 * FRAME_MS) this.#slice /= 2;
    this.#slice = Math.min(Math.max(this.#slice, SLICE.least), most);
  }

  #draw(text, last) {
    if (this.#code) return this.#drawCode(text, last);
    if (this.#plain) return this.#drawPlain(text, last);
    this.#tail += text;
    this.#unparsed += text.length;
    if (last || this.#unparsed > SLICE.most || performance.now() >= this.#rested) return this.#parse(last);
    if (text) lastLeaf(this.open).append(text);
    this.#stale = true;
    return undefined;
  }

  #parse(last) {
    this.#stale = false;
    this.#unparsed = 0;
    const tokens = lex(this.#tail);
    const settled = last ? tokens.length : settledCount(tokens);
    this.#freeze(tokens.slice(0, settled));
    if (settled > 0) this.#endList();
    const rest = this.#shortenList(tokens.slice(settled), last);
    if (!last && !this.#enterCode(rest) && !this.#enterPlain()) this.#drawOpen(rest);
  }

  #drawOpen(tokens) {
    const began = performance.now();
    this.open.replaceChildren(draw(tokens, this.say));
    const now = performance.now();
    this.#rested = now + REST * (now - began);
  }

  #freeze(tokens) {
    if (tokens.length === 0) return;
    this.#tail = this.#tail.slice(tokens.reduce((length, token) => length + token.raw.length, 0));
    const drawn = draw(tokens, this.say);
    this.open.replaceChildren();
    if (this.#list) this.#continueList(drawn);
    this.open.before(drawn);
    highlightLater(this.target);
  }

  /** Freeze all but the last item of a long open list; the frozen element takes the items to come. */
  #shortenList(tokens, last) {
    const list = tokens[0];
    if (last || list?.type !== "list" || list.items.length < LONG_LIST) return tokens;
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

  /** Move the first list of *drawn*, which goes on where the growing list stopped, into that. */
  #continueList(drawn) {
    const more = drawn.firstElementChild;
    if (more?.tagName === this.#list.tagName) {
      this.#list.append(...more.children);
      more.remove();
    }
  }

  #enterCode(tokens) {
    const fence = tokens[0]?.type === "code" && FENCE.exec(this.#tail);
    if (!fence) return false;
    const figure = draw([tokens[0]], this.say).firstElementChild;
    this.open.replaceChildren();
    this.open.before(figure);
    const code = figure.querySelector("code");
    code.dataset.coloured = "later";
    this.#code = new OpenCode(fence[1], code);
    const body = this.#tail.slice(fence[0].length);
    this.#tail = "";
    this.#drawCode(body, false);
    return true;
  }

  #drawCode(text, last) {
    const rest = this.#code.push(text, last);
    if (rest === null && !last) return;
    delete this.#code.code.dataset.coloured;
    this.#code = null;
    highlightLater(this.target);
    this.#queue = (rest ?? "") + this.#queue;
  }

  #enterPlain() {
    if (this.#tail.length < RICH_LIMIT) return false;
    const block = h("div", { class: "plain" });
    this.open.replaceChildren();
    this.open.before(block);
    this.#plain = new PlainWriter(block, /\s/);
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

/** Whether blocks far apart depend on each other, so that only the whole text draws right. */
export function needsWholeText(text) {
  return text.length < 4 * RICH_LIMIT && /^ {0,3}\[[^\]\n]+\]:/m.test(text);
}
