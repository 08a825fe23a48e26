/** The list of models with their prices, sizes and capabilities, to choose one or several from: searched by typing, over the page. */

import styles from "./model-list.css" with { type: "css" };
import { h, icon } from "../../live/assets/dom.js";
import { createTranslator } from "../../live/assets/labels.js";

const GAP = 4; // px between the list and its field
const MARGIN = 8; // px to the edge of the window
const MARKS = ["vision", "tools", "toolsInResponses", "reasoning", "fewerDimensions"];
// The numbers beside a model, and their headings.
const COLUMNS = {
  chat: { input: "inputPrice", output: "outputPrice", context: "context" },
  embedding: { input: "inputPrice", dimensions: "dimensions", maxInput: "maxInput" },
};
const PRICES = new Set(["input", "output"]);
const STEPS = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 };

/** @typedef {{id: string, title: string, input: string, output?: string, context?: string, dimensions?: string, maxInput?: string, marks: string[], status: string, note: string}} ModelOption */

/**
 * What can be chosen: models of one *kind*, of *server* or else of the active one, and several if there is a *limit*.
 * *none* is the choice of no model, *unavailable* why some cannot be chosen, by ID, and *servers* are those to choose one from.
 * @typedef {{kind?: "chat"|"embedding", limit?: number, none?: string, unavailable?: Record<string, string>, server?: string, servers?: {id: string, name: string}[]}} ModelOffer
 */

export class ModelList {
  /**
   * @param {import("../../live/assets/session-token.js").SessionToken} token
   * @param {import("../../live/assets/labels.js").Translate} [t]
   */
  constructor(token, t = createTranslator()) {
    this.token = token;
    this.t = t;
    /** @type {ModelOption[]} */
    this.models = [];
    this.input = h("input", {
      type: "text", role: "combobox", class: "search", placeholder: t("searchModels"), "aria-label": t("searchModels"), autocomplete: "off", spellcheck: "false",
      "aria-expanded": "true", "aria-controls": "models", "aria-autocomplete": "list", oninput: () => this.#draw(), onkeydown: (event) => this.#onKey(event),
    });
    this.list = h("div", {
      role: "listbox", id: "models", class: "options", "aria-label": t("models"), onclick: (event) => this.#onClick(event),
      onpointerover: (event) => this.#tellActive(event.target.closest(".option")?.dataset.index ?? this.active),
      onmousedown: (event) => event.preventDefault(), // the focus stays in the search
    });
    this.problem = h("p", { class: "problem", role: "status", hidden: true });
    this.count = h("p", { class: "count", role: "status", hidden: true });
    this.above = h("div", { class: "above" });
    this.heads = h("div", { class: "heads", "aria-hidden": "true" });
    this.element = h("div", { class: "model-list", popover: "auto", role: "dialog", "aria-label": t("models"), ontoggle: (event) => this.#onToggle(event) },
      this.above, this.input, this.heads, this.list, this.problem, this.count,
      h("p", { class: "hint" }, t("modelListHint")));
  }

  /**
   * Open the list at *anchor*, whose root it is drawn in.
   * @param {HTMLElement} anchor
   * @param {string[]} selected
   * @param {(models: string[], server: string) => void} onSelect called with the choice, of several when the list closes
   * @param {ModelOffer} [offer]
   * @param {object} [options]
   * @param {Node[]} [options.above] more choices above the models
   * @param {HTMLElement} [options.container] the parent of the list
   * @param {(model: string) => void} [options.onActive] called with the model that is pointed at or would be selected
   */
  async open(anchor, selected, onSelect, offer = {}, { above = [], container = anchor.parentElement, onActive } = {}) {
    const { server, servers = [] } = offer;
    // The server may have been removed since the model was selected.
    const isKnown = servers.length === 0 || servers.some(({ id }) => id === server);
    if (offer.kind !== this.offer?.kind) this.models = [];
    Object.assign(this, { anchor, offer, onSelect, onActive, selected: [...selected], initial: selected, server: isKnown ? server : servers[0].id });
    const root = anchor.getRootNode();
    if (!root.adoptedStyleSheets.includes(styles)) root.adoptedStyleSheets.push(styles);
    this.above.replaceChildren(...above, ...(servers.length > 1 ? [this.#serverChoice(servers)] : []));
    this.heads.replaceChildren(...["model", ...Object.values(this.#columns)].map((name) => h("span", {}, this.t(name))));
    this.list.setAttribute("aria-multiselectable", String(this.#hasSeveral));
    this.input.value = "";
    container.append(this.element);
    this.element.showPopover();
    this.#draw();
    this.#place();
    this.input.focus();
    await this.#load();
  }

  get #columns() {
    return COLUMNS[this.offer.kind ?? "chat"];
  }

  get #hasSeveral() {
    return Boolean(this.offer.limit);
  }

  close() {
    this.element.remove();
  }

  #serverChoice(servers) {
    const choice = h("select", { onchange: () => {
      this.server = choice.value;
      this.#load();
    } }, servers.map(({ id, name }) => h("option", { value: id, selected: id === this.server }, name)));
    return h("label", {}, this.t("server"), choice);
  }

  async #load() {
    const { server, offer: { kind } } = this;
    const query = new URLSearchParams({ ...(server !== undefined && { server }), ...(kind && { kind }) });
    let models = [], problem = "";
    try {
      const response = await this.token.fetch(`models?${query}`);
      if (!response.ok) throw new Error(response.statusText);
      ({ models } = await response.json());
      if (!models.length) problem = "noModelsListed";
    } catch {
      problem = "modelsUnavailable";
    }
    // Another server may have been chosen in the meantime.
    if (server !== this.server) return;
    this.models = models;
    this.problem.textContent = problem && this.t(problem);
    this.problem.hidden = !problem;
    this.#draw();
    this.#place();
  }

  #onToggle({ newState }) {
    this.anchor.setAttribute("aria-expanded", String(newState === "open"));
    if (newState === "open") return;
    // Unless the list was left for another element, the focus goes back to the field.
    const isFocusHere = this.element.contains(this.anchor.getRootNode().activeElement);
    if (isFocusHere || document.activeElement === document.body) this.anchor.focus();
    this.element.remove();
    if (this.#hasSeveral && this.selected.join("\n") !== this.initial.join("\n")) this.onSelect(this.selected, this.server);
  }

  /** Below the field, or above it where there is more room; never outside the window. */
  #place() {
    const field = this.anchor.getBoundingClientRect();
    const { style } = this.element;
    const below = window.innerHeight - field.bottom - GAP - MARGIN;
    const above = field.top - GAP - MARGIN;
    const isBelow = below >= Math.min(360, above);
    style.maxHeight = `${Math.max(isBelow ? below : above, 160)}px`;
    style.left = `${Math.max(MARGIN, Math.min(field.left, window.innerWidth - this.element.offsetWidth - MARGIN))}px`;
    style.top = isBelow ? `${field.bottom + GAP}px` : "auto";
    style.bottom = isBelow ? "auto" : `${window.innerHeight - field.top + GAP}px`;
  }

  /** Draw the models that match; an ID that is not in the list can be used as it is typed. */
  #draw(active) {
    const query = this.input.value.trim();
    const words = query.toLowerCase().split(/\s+/);
    const missing = this.selected.filter((id) => id && !this.models.some((model) => model.id === id));
    const rows = [...this.models, ...missing.map((id) => this.#typed(id, this.models.length > 0 ? this.t("notListed") : ""))];
    const matches = (text) => words.every((word) => text.toLowerCase().includes(word));
    const named = rows.filter(({ id, title }) => matches(`${id} ${title}`));
    // Then those with such a capability, end or successor.
    this.shown = [...named, ...rows.filter((model) => !named.includes(model) && matches(this.#searchText(model)))];
    if (query && !rows.some(({ id }) => id === query)) this.shown.push(this.#typed(query, this.t("useTyped")));
    if (!query && this.offer.none) this.shown.unshift(this.#typed("", ""));
    this.list.replaceChildren(...this.shown.map((model, index) => this.#option(model, index)));
    const first = query ? 0 : this.shown.findIndex(({ id }) => this.#isSelected(id));
    this.#activate(active ?? Math.max(0, first));
    this.count.hidden = !this.#hasSeveral;
    this.count.textContent = this.#hasSeveral ? this.t("modelLimit", { count: this.selected.length, limit: this.offer.limit }) : "";
  }

  #searchText({ id, title, marks, note }) {
    return [id, title, ...marks.map((mark) => this.t(mark)), note].join(" ");
  }

  #typed(id, note) {
    return { id, title: "", input: "", marks: [], status: "active", note };
  }

  #isSelected(id) {
    return id ? this.selected.includes(id) : this.selected.length === 0;
  }

  #isUnavailable(id) {
    const isFull = this.#hasSeveral && this.selected.length >= this.offer.limit && !this.#isSelected(id);
    return isFull || Boolean(this.offer.unavailable?.[id]);
  }

  #option(model, index) {
    const name = model.id || this.offer.none;
    const note = this.offer.unavailable?.[model.id] ?? model.note;
    const marks = MARKS.filter((mark) => model.marks.includes(mark)).map((mark) => this.t(mark));
    const sizes = Object.entries(this.#columns).filter(([column]) => !PRICES.has(column) && model[column]);
    const spoken = [name, this.#price(model), ...sizes.map(([column, label]) => `${model[column]} ${this.t(label)}`), ...marks, note];
    return h("div", {
      role: "option", id: `model-${index}`, class: "option", "data-status": model.status, "data-index": index,
      "aria-selected": String(this.#isSelected(model.id)), "aria-disabled": this.#isUnavailable(model.id) && "true",
    },
    h("span", { class: "spoken" }, spoken.filter(Boolean).join(", ")),
    h("span", { class: "name", "aria-hidden": "true" }, this.#hasSeveral && h("span", { class: "check" }, icon("check")), name),
    Object.keys(this.#columns).map((column) => h("span", { class: "number", "aria-hidden": "true" }, model[column] || (model.id ? "–" : ""))),
    h("span", { class: "details", "aria-hidden": "true" }, marks.map((mark) => h("span", {}, mark)), note && h("span", { class: "note" }, note)));
  }

  #price({ input, output }) {
    if (!input) return "";
    return this.offer.kind === "embedding" ? this.t("inputPricePerMillion", { input }) : this.t("pricePerMillion", { input, output: output || "–" });
  }

  #activate(index) {
    this.active = index;
    this.list.querySelector(".active")?.classList.remove("active");
    const option = this.list.children[index];
    option?.classList.add("active");
    option?.scrollIntoView({ block: "nearest" });
    if (option) this.input.setAttribute("aria-activedescendant", option.id);
    else this.input.removeAttribute("aria-activedescendant");
    this.#tellActive(index);
  }

  #tellActive(index) {
    const model = this.shown[index];
    if (model) this.onActive?.(model.id);
  }

  #onKey(event) {
    const last = this.shown.length - 1;
    const step = STEPS[event.key];
    if (event.key === "Enter" && !event.isComposing) this.#select(this.active);
    else if (step) this.#activate(Math.min(Math.max(this.active + step, 0), last));
    else return;
    event.preventDefault();
  }

  #onClick(event) {
    const option = event.target.closest(".option");
    if (option) this.#select(Number(option.dataset.index));
  }

  #select(index) {
    const model = this.shown[index];
    if (!model || this.#isUnavailable(model.id)) return;
    if (this.#hasSeveral) {
      this.selected = this.#isSelected(model.id) ? this.selected.filter((id) => id !== model.id) : [...this.selected, model.id];
      this.#draw(index);
      return;
    }
    this.element.hidePopover();
    this.onSelect(model.id ? [model.id] : [], this.server);
  }
}
