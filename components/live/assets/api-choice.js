/** The choice of the API for a model: what will be used is checked, and fixed where the model has only one. */

import { h } from "./dom.js";

export class ApiChoice {
  /**
   * @param {object} data of the page
   * @param {Record<string, string>} data.apis labels by name
   * @param {string} data.api_name the API of the page
   * @param {string} data.model the model of the page
   * @param {string[]} data.responses_only the models without Chat Completions
   * @param {import("./labels.js").Translate} t
   */
  constructor(data, t) {
    this.data = data;
    this.t = t;
    this.note = h("p", { class: "api-note", role: "status" });
    this.radios = Object.keys(data.apis).map((name) => h("input", { type: "radio", name: "api", value: name }));
    const labels = this.radios.map((radio) => h("label", {}, radio, data.apis[radio.value]));
    const onchange = ({ target }) => { this.chosen = target.value; };
    this.element = h("div", { role: "radiogroup", "aria-label": t("api"), class: "apis", onchange }, labels, this.note);
    this.show(data.model);
  }

  /** Show the API that *model* will be sent to. */
  show(model) {
    const isFixed = this.#isResponsesOnly(model);
    const api = this.apiOf(model);
    for (const radio of this.radios) {
      radio.checked = radio.value === api;
      radio.disabled = isFixed && !radio.checked;
    }
    this.note.textContent = isFixed ? this.t("responsesOnly", { model }) : "";
  }

  /** @returns {string} the API of *model*: the only one it has, the chosen one, or the default */
  apiOf(model) {
    if (this.#isResponsesOnly(model)) return "responses";
    if (this.chosen) return this.chosen;
    return this.#isResponsesOnly(this.data.model) ? "chat.completions" : this.data.api_name;
  }

  /** @returns {string|undefined} the API to ask for; without one the app decides, which knows more models */
  requestedFor(model) {
    return this.#isResponsesOnly(model) ? "responses" : this.chosen;
  }

  #isResponsesOnly(model) {
    return this.data.responses_only.includes(model.replace(/-\d{4}-\d{2}-\d{2}$/, ""));
  }
}
