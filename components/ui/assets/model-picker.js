/** The field with the selected model, which opens the list of models. */

import styles from "./model-picker.css" with { type: "css" };
import { h, icon } from "../../live/assets/dom.js";
import { createMount } from "../../live/assets/mount.js";
import { SessionToken } from "../../live/assets/session-token.js";

export const mount = createMount([styles], () => new ModelPicker());

class ModelPicker {
  constructor() {
    this.token = new SessionToken();
    this.value = h("span", { class: "value" });
    this.status = h("span", { class: "status" });
    this.button = h("button", {
      type: "button", class: "field", "aria-haspopup": "dialog", "aria-expanded": "false",
      onclick: () => this.#open(), onkeydown: (event) => this.#onKey(event),
    }, this.value, this.status, icon("expand"));
    this.label = h("span", { class: "label", "aria-hidden": "true" });
    this.element = h("div", { class: "model-picker" }, this.label, this.button);
  }

  configure({ token, label, model, status }, trigger) {
    this.trigger = trigger;
    this.label.textContent = label;
    this.token.configure(token, () => trigger("changed", Date.now()));
    this.#show(model, status);
  }

  close() {
    this.token.close();
    this.list?.close();
  }

  #show(model, status = "") {
    this.model = model;
    this.value.textContent = model;
    this.status.textContent = status;
    this.button.title = model;
    this.button.setAttribute("aria-label", [`${this.label.textContent}: ${model}`, status].filter(Boolean).join(", "));
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
    this.list.open(this.button, this.model, (model) => {
      this.#show(model);
      this.trigger("model", model);
    });
  }
}
