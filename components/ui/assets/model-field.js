/** The field with the selected models, a button that opens the list of models. */

import { h, icon } from "../../live/assets/dom.js";

/**
 * The selected models; *status* says in a word or two what concerns the use of one. Without a model the field shows *empty*.
 * @typedef {{label: string, models: string[], status?: string, empty?: string} & import("./model-list.js").ModelOffer} ModelChoice
 */

export class ModelField {
  /**
   * @param {import("../../live/assets/session-token.js").SessionToken} token
   * @param {(models: string[], server: string) => void} onSelect
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
    const { label, models, status = "", none, empty = "" } = choice;
    const text = models.join(", ") || none || empty;
    this.value.textContent = text;
    this.value.classList.toggle("empty", models.length === 0);
    this.status.textContent = status;
    this.element.title = text;
    this.element.setAttribute("aria-label", [`${label}: ${text}`, status].filter(Boolean).join(", "));
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
    const { models, ...offer } = this.choice;
    this.list.open(this.element, models, (chosen, server) => {
      this.show({ ...this.choice, models: chosen, server, status: "" });
      this.onSelect(chosen, server);
    }, offer);
  }
}
