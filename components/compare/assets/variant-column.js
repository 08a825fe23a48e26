/** The head of a column: the name, the model and the settings of a variant, and what can be done with it. */

import { h, icon, iconButton } from "../../live/assets/dom.js";
import { ModelField } from "../../ui/assets/model-field.js";

export class VariantColumn {
  /**
   * @param {object} owner
   * @param {import("../../live/assets/labels.js").Translate} owner.t
   * @param {import("../../live/assets/stream.js").Api} owner.api
   * @param {(variantId: string, change: string, body?: object) => void} owner.onChange
   * @param {(variantId: string) => void} owner.onSettings
   * @param {(variantId: string) => void} owner.onRun
   * @param {(variantId: string) => void} owner.onStop
   */
  constructor(owner) {
    this.owner = owner;
    this.t = owner.t;
    this.letterTag = h("span", { class: "letter", "aria-hidden": "true" });
    this.name = h("input", { class: "name", maxlength: "100", onchange: () => this.#rename(), onkeydown: (event) => this.#onNameKey(event) });
    this.run = iconButton("regenerate", "", (event) => this.#onRun(event), { class: "icon run" });
    this.tools = h("div", { class: "tools" });
    this.model = new ModelField(owner.api.token, ([model], server) => owner.onChange(this.variant.id, "model", { server, model }));
    this.server = h("small", { class: "muted" });
    this.settings = h("button", { type: "button", class: "settings", onclick: () => owner.onSettings(this.variant.id) });
    this.element = h("header", { class: "variant" },
      h("div", { class: "title" }, this.letterTag, this.name, this.run),
      h("div", { class: "model-choice" }, this.model.element, this.server), h("div", { class: "row" }, this.settings, this.tools));
  }

  /** Show *variant* in the column *letter*. */
  update({ variant, letter, index, count, canAdd, canRemove, servers }) {
    this.variant = variant;
    this.letter = letter;
    this.letterTag.textContent = letter;
    this.name.setAttribute("aria-label", this.t("variantName", { letter }));
    this.name.placeholder = this.t("variant", { letter });
    if (this.name.getRootNode().activeElement !== this.name) this.name.value = variant.name;
    this.#showModel(servers);
    this.#showSettings();
    this.#showTools({ index, count, canAdd, canRemove });
  }

  /** @param {"none"|"ready"|"running"|"stopping"} state of its last reply; with "none" there is no prompt to run */
  setState(state) {
    const isRunning = state === "running" || state === "stopping";
    const label = this.t(isRunning ? "stopVariant" : "runVariant", { letter: this.letter });
    const button = iconButton(isRunning ? "stop" : "regenerate", label, (event) => this.#onRun(event), { class: "icon run" });
    button.hidden = state === "none";
    button.disabled = state === "stopping";
    const hadFocus = this.run.getRootNode().activeElement === this.run;
    this.run.replaceWith(button);
    this.run = button;
    this.isRunning = isRunning;
    if (hadFocus) button.focus();
  }

  focusTool(name) {
    const button = this.tools.querySelector(`[data-tool=${name}]`);
    (button?.disabled ? this.name : button)?.focus();
  }

  #showModel(servers) {
    const { letter, variant } = this;
    this.model.show({ label: this.t("variantModel", { letter }), models: [variant.model], server: variant.server, servers });
    this.server.textContent = servers.length > 1 ? variant.server_name : "";
  }

  #showSettings() {
    const { letter, variant } = this;
    const text = variant.settings.join(" · ") || this.t("defaultSettings");
    this.settings.replaceChildren(icon("settings"), h("span", {}, text));
    this.settings.title = this.t("variantSettings", { letter });
    this.settings.setAttribute("aria-label", `${this.t("variantSettings", { letter })}: ${text}`);
  }

  #showTools({ index, count, canAdd, canRemove }) {
    const { letter } = this;
    const change = (name, body) => () => this.owner.onChange(this.variant.id, name, body);
    const focused = this.tools.contains(this.tools.getRootNode().activeElement) ? this.tools.getRootNode().activeElement.dataset.tool : null;
    const tool = (name, iconName, isEnabled, action) => iconButton(iconName, this.t(name, { letter }), action, { "data-tool": name, disabled: !isEnabled });
    this.tools.replaceChildren(
      tool("duplicateVariant", "duplicate", canAdd, change("copy")),
      tool("moveLeft", "previous", index > 0, change("move", { steps: -1 })),
      tool("moveRight", "next", index < count - 1, change("move", { steps: 1 })),
      tool("removeVariant", "close", canRemove, change("remove")));
    if (focused) this.focusTool(focused);
  }

  #rename() {
    if (this.name.value.trim() !== this.variant.name) this.owner.onChange(this.variant.id, "rename", { name: this.name.value });
  }

  #onNameKey(event) {
    if (event.key === "Enter" && !event.isComposing) this.name.blur();
  }

  #onRun(event) {
    // The second click of a double click must not stop what the first has started.
    if (event.detail > 1) return;
    if (this.isRunning) this.owner.onStop(this.variant.id);
    else this.owner.onRun(this.variant.id);
  }
}
