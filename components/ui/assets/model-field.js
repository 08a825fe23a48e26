/** The field with the selected model, a button that opens the list of models. */

import { h, icon } from "../../live/assets/dom.js";

/**
 * The selected model; *status* says in a word or two what concerns its use. The list has the models of *server*, or else of
 * the active one, and a choice of *servers* if there are several.
 * @typedef {{label: string, model: string, status?: string, server?: string, servers?: {id: string, name: string}[]}} ModelChoice
 */

export class ModelField {
  /**
   * @param {import("../../live/assets/session-token.js").SessionToken} token
   * @param {(model: string, server: string) => void} onSelect
   */
  constructor(token, onSelect) {
    this.token = token;
    this.onSelect = onSelect;
    this.value = h("span", { class: "selected" });
    this.status = h("span", { class: "lifecycle" });
    this.element = h("button", {
      type: "button", class: "model-field", "aria-haspopup": "dialog", "aria-expanded": "false",
      onclick: () => this.#open(), onkeydown: (event) => this.#onKey(event),
    }, this.value, this.status, icon("expand"));
  }

  /** @param {ModelChoice} choice */
  show(choice) {
    this.choice = choice;
    const { label, model, status = "" } = choice;
    this.value.textContent = model;
    this.status.textContent = status;
    this.element.title = model;
    this.element.setAttribute("aria-label", [`${label}: ${model}`, status].filter(Boolean).join(", "));
  }

  close() {
    this.list?.close();
  }

  /** As in a list of choices, an arrow key opens it, too. */
  #onKey(event) {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    event.preventDefault();
    this.#open();
  }

  async #open() {
    const { ModelList } = await import("./model-list.js");
    this.list ??= new ModelList(this.token);
    const { model, server, servers } = this.choice;
    this.list.open(this.element, model, (chosen, from) => {
      this.show({ ...this.choice, model: chosen, server: from, status: "" });
      this.onSelect(chosen, from);
    }, { server, servers });
  }
}
