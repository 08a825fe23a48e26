/** Entry of the token view: a text box whose text is counted after every key, and its tokens, a page at a time. */

import styles from "./tokenview.css" with { type: "css" };
import { h } from "../../live/assets/dom.js";
import { createTranslator } from "../../live/assets/labels.js";
import { createMount } from "../../live/assets/mount.js";
import { SessionToken } from "../../live/assets/session-token.js";
import { TextBox } from "./text-box.js";
import { TokenPane } from "./token-pane.js";

const COUNT_DELAY_MS = 50; // without a key, after which the text is counted
const RERUN_DELAY_MS = 600; // and after which the page around the view runs again

class TokenView {
  constructor() {
    const t = (this.t = createTranslator());
    this.config = { version: -1 };
    this.abort = new AbortController();
    this.token = new SessionToken();
    this.box = new TextBox(t, (text, isComplete) => this.#onText(text, isComplete));
    this.summary = h("ul", { class: "summary", "aria-label": t("tokenCount") });
    this.note = h("p", { class: "note", role: "status" });
    this.left = new TokenPane(t, (start) => this.#fetch({ start }));
    this.right = new TokenPane(t);
    this.detail = h("p", { class: "detail" });
    this.panes = h("div", { class: "panes" }, this.left.element, this.right.element);
    const results = h("div", { class: "results" }, this.summary, this.note, this.panes, this.detail);
    this.element = h("section", {}, this.box.element, results);
    this.element.addEventListener("token", (event) => this.#onToken(event.detail));
  }

  /** Apply the page's data; called again with each rerun. */
  configure(config, trigger) {
    const previous = this.config;
    this.config = config;
    this.trigger = trigger;
    this.token.configure(config.token, () => trigger("changed", Date.now()));
    this.box.element.hidden = !config.editable;
    this.box.area.setAttribute("aria-label", config.label);
    this.box.area.placeholder = config.label;
    this.element.classList.toggle("single", !config.editable);
    // The app has restarted, so it does not know the text that is in the box.
    const isForgotten = previous.token && config.token !== previous.token && config.kind === previous.kind && config.editable;
    if (isForgotten) return void this.#fetch({ start: 0, newText: this.box.text });
    const isReplaced = config.kind !== previous.kind || config.version !== previous.version;
    if (isReplaced) clearTimeout(this.countTimer);
    // Only a text from outside replaces what is in the box: another encoding must not undo the latest keys.
    if (isReplaced || config.options !== previous.options) this.#fetch({ start: 0, withText: isReplaced });
  }

  /** @param {string} text @param {boolean} isComplete a paste is complete at once, other text may go on */
  #onText(text, isComplete) {
    clearTimeout(this.countTimer);
    clearTimeout(this.rerunTimer);
    this.rerunTimer = setTimeout(() => this.trigger("changed", Date.now()), RERUN_DELAY_MS);
    const count = () => this.#fetch({ start: 0, newText: text });
    if (isComplete) count();
    else this.countTimer = setTimeout(count, COUNT_DELAY_MS);
  }

  /** Fetch the page of tokens at *start*, of *newText* if there is one; it replaces an earlier request. */
  async #fetch({ start, withText = false, newText }) {
    this.abort.abort();
    const abort = (this.abort = new AbortController());
    this.element.setAttribute("aria-busy", "true");
    const path = `tokens/${this.config.kind}?at=${start}${withText ? "&text" : ""}`;
    const options = newText === undefined ? {} : { method: "POST", body: newText };
    try {
      const response = await this.token.fetch(path, { ...options, signal: abort.signal });
      const view = await response.json();
      if (abort.signal.aborted) return;
      this.#show(response.ok ? view : { error: view });
      // The page may have run before the text was rejected.
      if (newText !== undefined && !response.ok) this.trigger("changed", Date.now());
    } catch (error) {
      if (abort.signal.aborted) return;
      this.#show({ error: { title: this.t("appUnavailable"), hint: this.t("appUnavailableHint") } });
      console.warn("tokenview:", error);
    }
  }

  #show(view) {
    this.element.removeAttribute("aria-busy");
    if (typeof view.text === "string") this.box.setText(view.text);
    const { error } = view;
    this.note.classList.toggle("error", Boolean(error));
    this.note.textContent = error ? `${error.title} ${error.hint}` : view.note;
    this.note.hidden = !this.note.textContent;
    this.summary.replaceChildren(...(view.summary ?? []).map(metricItem));
    cancelAnimationFrame(this.drawFrame);
    // The count comes first: it is on the screen before the tokens are drawn.
    this.drawFrame = requestAnimationFrame(() => setTimeout(() => this.#drawTokens(view)));
    this.latest = view;
  }

  #drawTokens(view) {
    if (view !== this.latest) return;
    this.panes.classList.toggle("side-by-side", Boolean(view.right));
    this.element.classList.toggle("compared", Boolean(view.right));
    this.left.show(view.left, Boolean(view.right));
    this.right.show(view.right, Boolean(view.right));
    this.detail.textContent = view.left?.total ? this.t("tokenHelp") : "";
  }

  /** Highlight the token that the pointer or the keyboard is at, and describe it. */
  #onToken({ pane, index, description }) {
    pane.highlight(index);
    (pane === this.left ? this.right : this.left).highlight(-1);
    this.detail.textContent = description;
  }

  close() {
    clearTimeout(this.countTimer);
    clearTimeout(this.rerunTimer);
    this.token.close();
    this.abort.abort();
  }
}

function metricItem({ value, label, hint }) {
  return h("li", { title: hint }, h("strong", {}, value), ` ${label}`);
}

export const mount = createMount([styles], () => {
  const view = new TokenView();
  return {
    element: h("div", { class: "tokenview" }, view.element),
    configure: (config, trigger) => view.configure(config, trigger),
    close: () => view.close(),
  };
});
