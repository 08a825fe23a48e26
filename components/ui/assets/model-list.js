/** The list of models with their prices, context windows and capabilities: searched by typing, over the page. */

import styles from "./model-list.css" with { type: "css" };
import { h } from "../../live/assets/dom.js";
import { createTranslator } from "../../live/assets/labels.js";

const GAP = 4; // px between the list and its field
const MARGIN = 8; // px to the edge of the window
const MARKS = ["vision", "tools", "toolsInResponses", "reasoning"];
const STEPS = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 };

/** @typedef {{id: string, title: string, input: string, output: string, context: string, marks: string[], status: string, note: string}} ModelOption */

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
    const heads = ["model", "inputPrice", "outputPrice", "context"].map((name) => h("span", {}, t(name)));
    this.list = h("div", {
      role: "listbox", id: "models", class: "options", "aria-label": t("models"), onclick: (event) => this.#onClick(event),
      onmousedown: (event) => event.preventDefault(), // the focus stays in the search
    });
    this.problem = h("p", { class: "problem", role: "status", hidden: true });
    this.above = h("div", { class: "above" });
    this.element = h("div", { class: "model-list", popover: "auto", role: "dialog", "aria-label": t("models"), ontoggle: (event) => this.#onToggle(event) },
      this.above, this.input, h("div", { class: "heads", "aria-hidden": "true" }, heads), this.list, this.problem,
      h("p", { class: "hint" }, t("modelListHint")));
  }

  /**
   * Open the list at *anchor*, whose root it is drawn in.
   * @param {HTMLElement} anchor
   * @param {string} selected
   * @param {(model: string, server: string) => void} onSelect
   * @param {object} [options]
   * @param {Node[]} [options.above] more choices above the models
   * @param {HTMLElement} [options.container] the parent of the list
   * @param {string} [options.server] whose models are listed; without it those of the active server
   * @param {{id: string, name: string}[]} [options.servers] to choose one from
   */
  async open(anchor, selected, onSelect, { above = [], container = anchor.parentElement, server, servers = [] } = {}) {
    // The server may have been removed since the model was selected.
    const isKnown = servers.length === 0 || servers.some(({ id }) => id === server);
    Object.assign(this, { anchor, selected, onSelect, server: isKnown ? server : servers[0].id });
    const root = anchor.getRootNode();
    if (!root.adoptedStyleSheets.includes(styles)) root.adoptedStyleSheets.push(styles);
    this.above.replaceChildren(...above, ...(servers.length > 1 ? [this.#serverChoice(servers)] : []));
    this.input.value = "";
    container.append(this.element);
    this.element.showPopover();
    this.#draw();
    this.#place();
    this.input.focus();
    await this.#load();
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
    const { server } = this;
    let models = [], problem = "";
    try {
      const response = await this.token.fetch(server === undefined ? "models" : `models?server=${encodeURIComponent(server)}`);
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
  #draw() {
    const query = this.input.value.trim();
    const words = query.toLowerCase().split(/\s+/);
    this.shown = this.models.filter((model) => words.every((word) => searchText(model).includes(word)));
    if (query && !this.models.some(({ id }) => id === query)) {
      this.shown.push({ id: query, title: "", input: "", output: "", context: "", marks: [], status: "active", note: this.t("useTyped") });
    }
    this.list.replaceChildren(...this.shown.map((model, index) => this.#option(model, index)));
    this.#activate(Math.max(0, query ? 0 : this.shown.findIndex(({ id }) => id === this.selected)));
  }

  #option(model, index) {
    const marks = MARKS.filter((mark) => model.marks.includes(mark)).map((mark) => this.t(mark));
    const price = model.input && this.t("pricePerMillion", { input: model.input, output: model.output || "–" });
    const spoken = [model.id, price, model.context && `${model.context} ${this.t("context")}`, ...marks, model.note];
    return h("div", {
      role: "option", id: `model-${index}`, class: "option", "data-status": model.status, "data-index": index,
      "aria-selected": String(model.id === this.selected), "aria-label": spoken.filter(Boolean).join(", "),
    },
    h("span", { class: "name" }, model.id), h("span", { class: "number" }, model.input || "–"), h("span", { class: "number" }, model.output || "–"),
    h("span", { class: "number" }, model.context || "–"), h("span", { class: "details" }, marks.map((mark) => h("span", {}, mark)), model.note && h("span", { class: "note" }, model.note)));
  }

  #activate(index) {
    this.active = index;
    this.list.querySelector(".active")?.classList.remove("active");
    const option = this.list.children[index];
    option?.classList.add("active");
    option?.scrollIntoView({ block: "nearest" });
    if (option) this.input.setAttribute("aria-activedescendant", option.id);
    else this.input.removeAttribute("aria-activedescendant");
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
    if (!model) return;
    this.element.hidePopover();
    this.onSelect(model.id, this.server);
  }
}

function searchText({ id, title, marks }) {
  return [id, title, ...marks].join(" ").toLowerCase();
}
