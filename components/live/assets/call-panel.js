/** The call of one reply: its code, request, response and events, also while they arrive. */

import { copyButton, h, iconButton, metricList } from "./dom.js";
import { EventList } from "./event-list.js";
import { offsetAtPoint, rangeOf, renderedRange, sourcePosition } from "./text-position.js";

const INTERVAL_MS = 300;
const PARTS = ["code", "request", "response", "events"];
const HIGHLIGHT = "call-event";

export class CallPanel {
  /**
   * @param {object} chat its owner: `api`, `t`, `transcript`, `split` and `trigger`
   * @param {(root: HTMLElement) => void} highlight colours the code in an element
   */
  constructor(chat, highlight) {
    this.chat = chat;
    this.highlight = highlight;
    this.t = chat.t;
    this.runId = null;
    this.part = "events";
    this.title = h("p", { class: "call-title" });
    this.metrics = h("div", { class: "call-metrics" });
    this.tabs = PARTS.map((part) => h("button", { type: "button", role: "tab", class: "tab", id: `call-${part}`, onclick: () => this.#select(part) }, this.t(part)));
    this.content = h("div", { class: "call-content", role: "tabpanel", tabindex: "0" });
    this.events = new EventList(this.t, (start, end) => this.#highlight(start, end));
    const details = h("button", { type: "button", class: "text", onclick: () => this.#showDetails() }, this.t("details"));
    const close = iconButton("close", this.t("close"), () => this.chat.split.closeDrawer(), { class: "icon close-drawer" });
    this.stylesheet = h("link", { rel: "stylesheet", href: new URL("call-panel.css", import.meta.url).href });
    this.element = h("div", { class: "call-panel" }, this.stylesheet,
      h("div", { class: "call-head" }, this.title, details, close), this.metrics,
      h("div", { class: "tabs", role: "tablist", onkeydown: (event) => this.#onKey(event) }, this.tabs), this.content);
    this.#markTab();
  }

  /** Everything else about the call is in a dialog of the page, which must not be below the drawer. */
  #showDetails() {
    if (!this.runId) return;
    this.chat.split.closeDrawer();
    this.chat.trigger("inspect", this.runId);
  }

  showNothing() {
    this.pause();
    this.runId = null;
    this.title.textContent = this.t("noCall");
    this.metrics.replaceChildren();
    this.events.clear();
    this.content.replaceChildren();
  }

  /** Show the call of *runId*, and follow it while it is under way. */
  show(runId) {
    if (runId !== this.runId) {
      this.runId = runId;
      this.events.clear();
      this.source = null;
      CSS.highlights?.delete(HIGHLIGHT);
    }
    this.refresh();
  }

  /** Show the call of *runId*, and mark the event that brought the text of *view* which was clicked. */
  async showAt(runId, view, { clientX, clientY }) {
    const offset = offsetAtPoint(view.body, clientX, clientY);
    this.#select("events", { quiet: true });
    this.show(runId);
    await this.loading;
    const position = offset === null ? null : sourcePosition(view.message.text, view.body.textContent, offset);
    if (position !== null) this.events.selectAt(position - this.#prefix(view));
  }

  /** A continued reply starts with the text of the reply before it. */
  #prefix(view) {
    return Math.max(0, view.message.text.length - this.events.characters);
  }

  #highlight(start, end) {
    const view = [...this.chat.transcript.views.values()].find(({ message }) => message.run?.id === this.runId);
    if (!view || !CSS.highlights) return;
    const prefix = this.#prefix(view);
    const place = renderedRange(view.message.text, view.body.textContent, start + prefix, end + prefix);
    const range = place && rangeOf(view.body, place.start, place.end);
    if (!range) return void CSS.highlights.delete(HIGHLIGHT);
    CSS.highlights.set(HIGHLIGHT, new Highlight(range));
    range.startContainer.parentElement?.scrollIntoView({ block: "nearest" });
  }

  #onKey(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const next = PARTS[(PARTS.indexOf(this.part) + step + PARTS.length) % PARTS.length];
    this.#select(next);
    this.tabs[PARTS.indexOf(next)].focus();
  }

  #select(part, { quiet = false } = {}) {
    if (part === this.part) return;
    this.part = part;
    this.#markTab();
    this.content.replaceChildren();
    if (!quiet && this.runId) this.refresh();
  }

  #markTab() {
    this.tabs.forEach((tab, index) => {
      const isSelected = PARTS[index] === this.part;
      tab.setAttribute("aria-selected", String(isSelected));
      tab.tabIndex = isSelected ? 0 : -1;
    });
    this.content.setAttribute("aria-labelledby", `call-${this.part}`);
  }

  refresh() {
    this.pause();
    this.loading = this.#fetch();
  }

  pause() {
    clearTimeout(this.timer);
    this.fetchCount = (this.fetchCount ?? 0) + 1;
  }

  close() {
    this.pause();
    CSS.highlights?.delete(HIGHLIGHT);
  }

  async #fetch() {
    const { runId, part, fetchCount } = this;
    const path = `runs/${encodeURIComponent(runId)}/call?after=${this.events.count}&part=${part}`;
    let call = null;
    try {
      call = await this.chat.api.get(path);
    } catch (error) {
      if (fetchCount === this.fetchCount) this.title.textContent = error.title || this.t("disconnected");
    }
    if (!call || fetchCount !== this.fetchCount) return;
    this.#draw(call);
    // A reply may have more events than one answer, and an ended one may be shown before it is saved.
    if (this.events.count < call.total_events) await this.#fetch();
    else if (call.is_running) this.timer = setTimeout(() => this.#fetch(), INTERVAL_MS);
  }

  #draw(call) {
    this.title.textContent = `${call.api} · ${call.model} · ${call.state.replaceAll("_", " ")}`;
    this.metrics.replaceChildren(metricList(call.metrics.filter(({ label }) => label !== "Request ID" && label !== "Model"), this.t("metrics"), this.t));
    if (call.after === this.events.count) this.events.add(call.events);
    if (this.part === "events") this.#place(this.events.element);
    else this.#drawSource(call.part, call.is_running);
    this.events.draw(call.is_running);
  }

  #place(...nodes) {
    if (this.content.firstChild !== nodes[0]) this.content.replaceChildren(...nodes);
  }

  /** A text that has not changed keeps its DOM, and so a selection in it. */
  #drawSource(part, isRunning) {
    const source = JSON.stringify([this.part, part]);
    if (source === this.source && this.content.childElementCount) return;
    this.source = source;
    const blocks = Array.isArray(part) ? part : [{ label: "", source: part ?? "" }];
    this.content.replaceChildren(...blocks.map((block) => this.#sourceBlock(block)));
    // A response that grows is replaced all the time.
    if (!(isRunning && this.part === "response")) this.highlight(this.content);
  }

  #sourceBlock({ label, source }) {
    const head = h("div", { class: "source-head" }, h("span", {}, label), copyButton(this.t, () => source));
    const language = { code: label.toLowerCase().includes("curl") ? "bash" : "python" }[this.part] ?? "json";
    const code = h("code", { class: `language-${language}` }, source);
    return h("section", { class: "source" }, head, h("figure", { class: "code" }, h("pre", { tabindex: "0", "aria-label": label || this.t(this.part) }, code)));
  }
}
