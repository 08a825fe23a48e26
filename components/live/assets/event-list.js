/** The events of one call: when they arrived as a line, and a table of which the last rows are in the page. */

import { h } from "./dom.js";
import { EndFollower } from "./end-follower.js";

const MAX_ROWS = 1000;
const MAX_POINTS = 200;
const WIDTH = 300;
const HEIGHT = 48;
const SVG = "http://www.w3.org/2000/svg";

/** @typedef {[at: number, gap: number, name: string, delta: string, characters: number]} EventRow */

export class EventList {
  /**
   * @param {import("./labels.js").Translate} t
   * @param {(start: number, end: number) => void} onSelect gets the part of the reply that the event brought
   */
  constructor(t, onSelect) {
    this.t = t;
    this.onSelect = onSelect;
    this.line = document.createElementNS(SVG, "svg");
    this.line.setAttribute("viewBox", `0 0 ${WIDTH} ${HEIGHT}`);
    this.line.setAttribute("preserveAspectRatio", "none");
    this.line.setAttribute("role", "img");
    this.caption = h("p", { class: "muted" });
    this.body = h("tbody", { onclick: (event) => this.#onClick(event), onkeydown: (event) => this.#onKey(event) });
    const heads = ["ms", t("gap"), t("event"), t("delta")].map((name) => h("th", { scope: "col" }, name));
    this.scroller = h("div", { class: "event-rows", tabindex: "0", role: "region", "aria-label": t("events") },
      h("table", {}, h("thead", {}, h("tr", {}, heads)), this.body));
    this.end = new EndFollower(this.scroller, this.scroller.firstElementChild);
    this.element = h("div", { class: "event-list" }, this.line, this.caption, this.scroller);
    this.clear();
  }

  get count() {
    return this.rows.length;
  }

  clear() {
    /** @type {EventRow[]} */
    this.rows = [];
    this.starts = [];
    this.characters = 0;
    this.selected = null;
    this.first = 0;
    this.body.replaceChildren();
  }

  /** @param {EventRow[]} rows that follow those already here */
  add(rows) {
    for (const row of rows) {
      this.starts.push(this.characters);
      this.characters += row[4];
      this.rows.push(row);
    }
  }

  /** Draw what was added; the newest row stays in view if the call was under way when its first row was drawn. */
  draw(isRunning) {
    const drawn = this.first + this.body.childElementCount;
    if (!drawn) this.end.isAtEnd = isRunning;
    this.body.append(...this.rows.slice(drawn).map((row, index) => this.#row(row, drawn + index)));
    while (this.body.childElementCount > MAX_ROWS) {
      this.body.firstChild.remove();
      this.first += 1;
    }
    this.end.update();
    this.#drawLine();
  }

  #row([at, gap, name, delta], number) {
    const cells = [at.toFixed(1), gap.toFixed(1), name, delta].map((text) => h("td", { title: text.length > 30 ? text : null }, text));
    return h("tr", { "data-number": number, "aria-selected": String(number === this.selected) }, cells);
  }

  #drawLine() {
    const chunks = this.rows.filter(([, , name]) => name === "chunk" || name.startsWith("response."));
    const last = chunks.at(-1)?.[0] ?? 0;
    const step = Math.max(1, Math.ceil(chunks.length / MAX_POINTS));
    const points = chunks.map((row, index) => [row[0], index + 1]).filter((_, index) => index % step === 0 || index === chunks.length - 1);
    const path = points.map(([at, count], index) => `${index ? "L" : "M"}${((at / last) * WIDTH).toFixed(1)} ${(HEIGHT - (count / chunks.length) * HEIGHT).toFixed(1)}`);
    const line = document.createElementNS(SVG, "path");
    line.setAttribute("d", last ? path.join("") : "");
    this.line.replaceChildren(line);
    const first = this.rows.find((row) => row[4] > 0)?.[0];
    const text = this.t("arrived", { count: chunks.length.toLocaleString(), ms: Math.round(last).toLocaleString() });
    this.caption.textContent = first === undefined ? text : `${text} · ${this.t("replyStart", { ms: Math.round(first).toLocaleString() })}`;
    this.line.setAttribute("aria-label", this.caption.textContent);
  }

  #onClick(event) {
    const row = event.target.closest("tr");
    if (row) this.select(Number(row.dataset.number));
  }

  #onKey(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || this.selected === null) return;
    event.preventDefault();
    this.select(Math.min(Math.max(this.selected + step, 0), this.rows.length - 1));
  }

  /** Select the event that brought character *position* of the reply. */
  selectAt(position) {
    const number = this.starts.findLastIndex((start, index) => start <= position && this.rows[index][4] > 0);
    if (number >= 0) this.select(number);
  }

  select(number) {
    this.selected = number;
    if (number < this.first) this.#drawFrom(number);
    for (const row of this.body.querySelectorAll('[aria-selected="true"]')) row.setAttribute("aria-selected", "false");
    const row = this.body.querySelector(`[data-number="${number}"]`);
    row?.setAttribute("aria-selected", "true");
    row?.scrollIntoView({ block: "center" });
    const start = this.starts[number];
    if (this.rows[number]?.[4]) this.onSelect(start, start + this.rows[number][4]);
  }

  /** Put the rows around *number* into the page instead of the last ones. */
  #drawFrom(number) {
    this.first = Math.max(0, number - MAX_ROWS / 2);
    const rows = this.rows.slice(this.first, this.first + MAX_ROWS);
    this.body.replaceChildren(...rows.map((row, index) => this.#row(row, this.first + index)));
  }
}
