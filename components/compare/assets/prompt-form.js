/** The prompt that all variants get, with examples, and the button that runs and stops all of them. */

import { h, isSendKey } from "../../live/assets/dom.js";

const SAVE_DELAY_MS = 250; // without a key, after which the text is saved, so that a reload shows it again
const SHORTCUT = /Mac|iP/.test(navigator.platform) ? "⌘↵" : "Ctrl+Enter";

export class PromptForm {
  /**
   * @param {object} owner
   * @param {import("../../live/assets/labels.js").Translate} owner.t
   * @param {(text: string) => void} owner.onRunAll
   * @param {() => void} owner.onStopAll
   * @param {(text: string) => void} owner.onPrompt called when the text has changed
   */
  constructor(owner) {
    this.owner = owner;
    this.t = owner.t;
    this.area = h("textarea", {
      id: "prompt", rows: "2", maxlength: "1000000", oninput: () => this.#onInput(), onkeydown: (event) => this.#onKey(event),
    });
    this.examples = h("div", { class: "examples-row", role: "group", "aria-label": this.t("examplePrompts") });
    this.button = h("button", { type: "button", class: "text primary run-all", onclick: (event) => this.#onClick(event) });
    this.element = h("div", { class: "prompt" },
      h("label", { for: "prompt", class: "visually-hidden" }, this.t("prompt")), this.area,
      h("div", { class: "row" }, this.examples, this.button));
    this.setState("ready");
  }

  setText(text) {
    this.area.value = text;
    this.#updateButton();
  }

  get text() {
    return this.area.value;
  }

  setExamples(examples) {
    this.examples.replaceChildren(h("span", { class: "muted" }, this.t("examples")), ...examples.map(({ label, prompt }) =>
      h("button", { type: "button", class: "text", onclick: () => this.#useExample(prompt) }, label)));
  }

  /** @param {"ready"|"running"|"stopping"} state */
  setState(state) {
    this.state = state;
    this.#updateButton();
  }

  #updateButton() {
    const label = { ready: "runAll", running: "stopAll", stopping: "stopping" }[this.state];
    const shortcut = this.state === "ready" ? h("kbd", {}, SHORTCUT) : null;
    this.button.replaceChildren(this.t(label), ...(shortcut ? [shortcut] : []));
    this.button.disabled = this.state === "stopping" || (this.state === "ready" && !this.text.trim());
  }

  #useExample(prompt) {
    this.setText(prompt);
    this.#onInput();
    this.area.focus();
  }

  #onInput() {
    this.#updateButton();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.owner.onPrompt(this.text), SAVE_DELAY_MS);
  }

  #onKey(event) {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
    event.preventDefault();
    if (this.state === "ready" && this.text.trim()) this.#run();
  }

  #onClick(event) {
    // The second click of a double click must not stop what the first has started.
    if (event.detail > 1) return;
    if (this.state === "running") this.owner.onStopAll();
    else this.#run();
  }

  #run() {
    clearTimeout(this.timer);
    this.owner.onRunAll(this.text);
  }
}

/** The follow-up question, which continues every column. */
export class FollowUpForm {
  /**
   * @param {object} owner
   * @param {import("../../live/assets/labels.js").Translate} owner.t
   * @param {(text: string) => void} owner.onFollowUp
   */
  constructor(owner) {
    this.owner = owner;
    this.isBusy = false;
    const label = owner.t("followUp");
    this.area = h("textarea", { rows: "1", placeholder: label, "aria-label": label, oninput: () => this.#update(), onkeydown: (event) => this.#onKey(event) });
    this.button = h("button", { type: "button", class: "text primary", onclick: () => this.#send() }, owner.t("askAll"));
    this.element = h("div", { class: "follow-up", hidden: true }, this.area, this.button);
    this.#update();
  }

  setBusy(isBusy) {
    this.isBusy = isBusy;
    this.#update();
  }

  setText(text) {
    this.area.value = text;
    this.#update();
  }

  #update() {
    this.button.disabled = this.isBusy || !this.area.value.trim();
  }

  #onKey(event) {
    if (!isSendKey(event)) return;
    event.preventDefault();
    this.#send();
  }

  #send() {
    const text = this.area.value.trim();
    if (this.isBusy || !text) return;
    this.setText("");
    this.owner.onFollowUp(text);
  }
}
