/** Entry of the token view: a text box whose text is counted at every key, and its tokens, a window at a time. */

import { h } from "../assets/dom.js";
import { mounter } from "../assets/mounting.js";
import { Pane, highlight } from "./pane.js";

const KEY_PAUSE = 50; // ms without a key, after which the text is counted
const PAGE_PAUSE = 600; // and after which the page under the view is told

class TokenView {
  constructor() {
    this.config = { version: -1 };
    this.asking = new AbortController();
    this.box = h("textarea", { spellcheck: "false", rows: 9, oninput: () => this.typed() });
    this.summary = h("ul", { class: "summary", "aria-label": "Count" });
    this.note = h("p", { class: "note", role: "status" });
    this.left = new Pane((at) => this.fetch({ at }));
    this.right = new Pane();
    this.detail = h("p", { class: "detail" });
    this.panes = h("div", { class: "panes" }, this.left.element, this.right.element);
    this.element = h("section", {}, this.box, h("div", { class: "results" }, this.summary, this.note, this.panes, this.detail));
    this.element.addEventListener("token", (event) => this.pointed(event.detail));
  }

  configure(config, trigger) {
    const before = this.config;
    this.config = config;
    this.tell = () => trigger("changed", Date.now());
    this.box.hidden = !config.editable;
    this.box.setAttribute("aria-label", config.label);
    this.box.placeholder = config.label;
    this.element.classList.toggle("alone", !config.editable);
    const replaced = config.kind !== before.kind || config.version !== before.version;
    if (replaced) clearTimeout(this.counting);
    // Only a text from outside replaces what is in the box: another choice must not undo the latest keys.
    if (replaced || config.choice !== before.choice) this.fetch({ at: 0, text: replaced });
  }

  typed() {
    clearTimeout(this.counting);
    clearTimeout(this.telling);
    this.counting = setTimeout(() => this.fetch({ at: 0, write: this.box.value }), KEY_PAUSE);
    this.telling = setTimeout(() => this.tell(), PAGE_PAUSE);
  }

  /** Ask for the tokens at a place; an earlier question is no longer of interest. */
  async fetch({ at, text = false, write }) {
    this.asking.abort();
    const asking = (this.asking = new AbortController());
    this.element.setAttribute("aria-busy", "true");
    const url = new URL(`live/tokens/${this.config.kind}?at=${at}${text ? "&text" : ""}`, document.baseURI);
    const headers = { "x-live-token": this.config.token };
    const options = write === undefined ? { headers } : { headers, method: "POST", body: write };
    try {
      const reply = await fetch(url, { ...options, signal: asking.signal });
      const view = await reply.json();
      if (!asking.signal.aborted) this.show(reply.ok ? view : { problem: view });
    } catch (error) {
      if (asking.signal.aborted) return;
      this.show({ problem: { title: "The app does not answer.", hint: "Your text is still here; try again in a moment." } });
      console.warn("The token view got no answer:", error);
    }
  }

  show(view) {
    this.element.removeAttribute("aria-busy");
    if (typeof view.text === "string" && view.text !== this.box.value) this.box.value = view.text;
    const { problem } = view;
    this.note.classList.toggle("problem", Boolean(problem));
    this.note.textContent = problem ? `${problem.title} ${problem.hint}` : view.note;
    this.note.hidden = !this.note.textContent;
    this.summary.replaceChildren(...(view.summary ?? []).map(figure));
    cancelAnimationFrame(this.drawing);
    // The count comes first: it is on the screen before the tokens are drawn.
    this.drawing = requestAnimationFrame(() => setTimeout(() => this.draw(view)));
    this.latest = view;
  }

  draw(view) {
    if (view !== this.latest) return;
    this.panes.classList.toggle("two", Boolean(view.right));
    this.element.classList.toggle("compared", Boolean(view.right));
    this.left.show(view.left, Boolean(view.right));
    this.right.show(view.right, Boolean(view.right));
    this.detail.textContent = view.left?.total ? "Point at a token, or walk through them with the arrow keys." : "";
  }

  /** A token was pointed at: mark it, its ids, and what stands for the same bytes beside it. */
  pointed({ pane, index, words }) {
    const other = pane === this.left ? this.right : this.left;
    highlight(pane, index);
    highlight(other, -1);
    this.detail.textContent = words;
  }

  close() {
    clearTimeout(this.counting);
    clearTimeout(this.telling);
    this.asking.abort();
  }
}

function figure({ value, label, hint }) {
  return h("li", { title: hint }, h("strong", {}, value), ` ${label}`);
}

export const mount = mounter(new URL("tokenview.css", import.meta.url).href, () => {
  const view = new TokenView();
  return {
    element: h("div", { class: "tokenview" }, view.element),
    configure: (config, trigger) => view.configure(config, trigger),
    close: () => view.close(),
  };
});
