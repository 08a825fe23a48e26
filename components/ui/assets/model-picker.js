/** The choice of models as a widget of a page: a label and the field. */

import fieldStyles from "./model-field.css" with { type: "css" };
import styles from "./model-picker.css" with { type: "css" };
import { h } from "../../live/assets/dom.js";
import { createMount } from "../../live/assets/mount.js";
import { SessionToken } from "../../live/assets/session-token.js";
import { ModelField } from "./model-field.js";

export const mount = createMount([fieldStyles, styles], () => new ModelPicker());

class ModelPicker {
  constructor() {
    this.token = new SessionToken();
    this.field = new ModelField(this.token, (models) => this.trigger("models", models));
    this.label = h("span", { class: "label", "aria-hidden": "true" });
    this.element = h("div", { class: "model-picker" }, this.label, this.field.element);
  }

  configure(data, trigger) {
    this.trigger = trigger;
    this.token.configure(data.token, () => trigger("changed", Date.now()));
    this.label.textContent = data.label;
    this.field.show(data);
  }

  close() {
    this.token.close();
    this.field.close();
  }
}
