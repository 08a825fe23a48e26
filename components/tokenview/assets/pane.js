/** The tokens of one encoding: coloured text above, ids below, both linked. Only a window of them is drawn. */

import { h } from "../assets/dom.js";
import { visible } from "./glyphs.js";

const COLOURS = 5;
let panes = 0;

export class Pane {
  /** @param {(at: number) => void} [turn] asks for the window at a place; without it there is nothing to turn */
  constructor(turn) {
    this.turn = turn;
    this.name = `pane${(panes += 1)}`;
    this.title = h("h3");
    this.position = h("span", { class: "position" });
    this.before = h("button", { type: "button", onclick: () => this.page(-1) }, "Previous");
    this.after = h("button", { type: "button", onclick: () => this.page(1) }, "Next");
    this.place = h("input", { type: "number", min: 1, "aria-label": "Go to token", placeholder: "Go to token", onchange: () => this.go() });
    this.pager = h("div", { class: "pager" }, this.before, this.after, this.place);
    this.header = h("header", {}, this.title, this.position, this.pager);
    this.text = h("div", { class: "text", role: "listbox", tabindex: 0, "aria-label": "Tokens", onkeydown: (event) => this.key(event) });
    this.ids = h("div", { class: "ids", "aria-hidden": "true" });
    this.element = h("div", { class: "pane" }, this.header, this.text, this.ids);
    for (const box of [this.text, this.ids]) box.addEventListener("pointerover", (event) => this.over(event));
  }

  show(view, compared) {
    this.element.hidden = !view;
    this.view = view;
    this.marked = -1;
    if (!view) return;
    const shown = view.pieces.reduce((sum, [, ids]) => sum + ids.length, 0);
    this.title.textContent = view.title;
    this.title.hidden = !compared;
    this.position.textContent = compared || shown < view.total ? position(view, shown) : "";
    this.header.hidden = !this.position.textContent;
    this.shown = shown;
    this.pager.hidden = !this.turn || shown === view.total;
    this.before.disabled = view.at === 0;
    this.after.disabled = view.at + shown >= view.total;
    this.text.setAttribute("aria-label", `Tokens by ${view.title}`);
    this.text.removeAttribute("aria-activedescendant");
    this.text.replaceChildren(...view.pieces.map((piece, index) => this.piece(piece, index)));
    this.ids.replaceChildren(...view.pieces.map(([, ids], index) => h("span", { "data-at": index }, ids.length > 1 ? `[${ids.join(" ")}]` : `${ids[0]}`)));
    this.text.scrollTop = 0;
    this.ids.scrollTop = 0;
  }

  piece([text, ids, , differs], index) {
    const props = {
      role: "option",
      id: `${this.name}-${index}`,
      "data-at": index,
      class: `c${(this.view.at + index) % COLOURS}${differs ? " differs" : ""}${ids.length > 1 ? " group" : ""}${text === null ? " raw" : ""}`,
    };
    return h("span", props, ...visible(text, this.view.pieces[index][2]), ids.length > 1 && h("sub", {}, `${ids.length}`));
  }

  over(event) {
    const at = event.target.closest("[data-at]")?.dataset.at;
    if (at !== undefined) this.point(Number(at));
  }

  point(index) {
    this.element.dispatchEvent(new CustomEvent("token", { bubbles: true, detail: { pane: this, index, words: this.words(index) } }));
  }

  /** Say all there is to know of a piece. */
  words(index) {
    const [text, ids, bytes, differs] = this.view.pieces[index];
    const before = this.view.pieces.slice(0, index).reduce((sum, piece) => sum + piece[1].length, this.view.at);
    const number = ids.length > 1 ? `Tokens ${before + 1} to ${before + ids.length}, together` : `Token ${before + 1}:`;
    const said = text === null ? "bytes that are no character" : JSON.stringify(text);
    const cut = differs ? " · cut otherwise by the other encoding" : "";
    return `${number} ${said} · ${ids.length > 1 ? "ids" : "id"} ${ids.join(", ")} · bytes ${bytes.join(" | ")}${cut}`;
  }

  key(event) {
    const last = this.view.pieces.length - 1;
    const next = { ArrowRight: this.marked + 1, ArrowDown: this.marked + 1, ArrowLeft: this.marked - 1, ArrowUp: this.marked - 1, Home: 0, End: last }[event.key];
    if (next === undefined || last < 0) return;
    event.preventDefault();
    this.point(Math.max(0, Math.min(next, last)));
    this.text.children[this.marked].scrollIntoView({ block: "nearest" });
  }

  page(direction) {
    this.turn(Math.max(0, direction > 0 ? this.view.at + this.shown : this.view.at - this.shown));
  }

  go() {
    const place = Number(this.place.value);
    if (place >= 1) this.turn(Math.min(Math.floor(place), this.view.total) - 1);
  }
}

/** Mark the piece at *index* in text and ids; -1 for none. */
export function highlight(pane, index) {
  for (const box of [pane.text, pane.ids]) {
    box.querySelector(".on")?.classList.remove("on");
    box.children[index]?.classList.add("on");
  }
  pane.text.querySelector("[aria-selected]")?.removeAttribute("aria-selected");
  pane.marked = index;
  if (index < 0) return;
  pane.text.children[index].setAttribute("aria-selected", "true");
  pane.text.setAttribute("aria-activedescendant", pane.text.children[index].id);
  pane.ids.children[index].scrollIntoView({ block: "nearest" });
}

function position({ at, total }, shown) {
  if (shown === total) return `${total.toLocaleString("en")} ${total === 1 ? "token" : "tokens"}`;
  return `tokens ${(at + 1).toLocaleString("en")} to ${(at + shown).toLocaleString("en")} of ${total.toLocaleString("en")}`;
}
