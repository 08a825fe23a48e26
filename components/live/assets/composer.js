/** The composer: text that grows, images, draft, Send that becomes Stop, and the context usage. */

import { h, icon, iconButton, isSendKey } from "./dom.js";
import { IMAGE_TYPES, MAX_IMAGES, openImage, rejectionReason } from "./images.js";

const CONTEXT_USAGE_DELAY_MS = 400;
const TEXT_FIELDS = "input, textarea, select, [contenteditable]";
const DIALOG = '[data-testid="stDialog"]';
const appliedDrafts = new Set(); // ids: a rerun, or another mount of the page, sends a draft again

export class Composer {
  /**
   * @param {object} owner the chat
   * @param {import("./labels.js").Translate} owner.t
   * @param {HTMLElement} owner.element accepts dropped files
   * @param {(text: string, images: import("./images.js").AttachedImage[]) => void} owner.send
   * @param {() => void} owner.stop
   * @param {import("./call-split.js").CallSplit} owner.split whose button is in the row
   * @param {import("./stream.js").Api} owner.api
   * @param {(text: string) => void} owner.warn
   */
  constructor(owner) {
    this.owner = owner;
    this.t = owner.t;
    this.images = [];
    this.isBusy = false;
    this.isFocusPending = matchMedia("(hover: hover)").matches; // on a phone, the focus would open the keyboard
    this.conversation = null;
    this.#build();
    this.#listen();
  }

  #build() {
    const { t } = this;
    this.area = h("textarea", { rows: "1", "aria-label": t("message") });
    this.thumbnails = h("div", { class: "thumbnails" });
    this.file = h("input", { type: "file", accept: IMAGE_TYPES.join(","), multiple: true, hidden: true, tabindex: "-1" });
    this.attach = iconButton("attach", t("attach"), () => this.file.click());
    this.model = h("span", { class: "model" });
    this.contextUsage = h("div", { class: "context-usage" });
    this.button = h("button", { type: "button", class: "send", onclick: (event) => this.#onClick(event) });
    const row = h("div", { class: "row" }, this.attach, this.model, this.owner.split.toggle, this.contextUsage, this.button);
    this.element = h("div", { class: "composer" }, this.thumbnails, this.area, this.file, row);
  }

  #listen() {
    this.area.addEventListener("input", () => this.#onChange());
    this.area.addEventListener("keydown", (event) => this.#onKey(event));
    this.area.addEventListener("paste", (event) => this.#onFiles(event, event.clipboardData));
    // The whole chat: a file dropped beside the box would make the browser leave the page.
    this.owner.element.addEventListener("dragover", (event) => this.#onDragOver(event));
    this.owner.element.addEventListener("dragleave", () => this.element.classList.remove("dropping"));
    this.owner.element.addEventListener("drop", (event) => this.#onFiles(event, event.dataTransfer));
    this.file.addEventListener("change", () => this.#attachAll(this.file.files));
  }

  /** Apply the page's data; the text being typed stays. */
  configure(data) {
    this.readonly = Boolean(data.readonly);
    this.noImagesReason = data.supports_images ? "" : this.t("imagesUnsupported", { model: data.model ?? "" });
    if (this.readonly) this.noImagesReason = this.t("readOnly");
    this.area.placeholder = data.placeholder || this.t("placeholder");
    this.area.disabled = this.readonly;
    this.#updateAttachButton();
    const details = [data.api, this.t(data.streaming ? "streaming" : "notStreaming")].map((text) => h("span", { class: "muted" }, text));
    this.model.replaceChildren(data.model ?? "", ...details);
    this.model.title = [`${this.t("model")}: ${data.model ?? ""}`, data.api].filter(Boolean).join(" · ");
    if (data.conversation !== this.conversation) this.#openConversation(data.conversation);
    this.#showImages();
    this.draft = data.draft;
    this.#insertDraft();
    this.#updateButton();
    this.#focusFirst();
  }

  /** Focus the box once it can be used, unless the user is typing elsewhere. */
  #focusFirst() {
    if (!this.isFocusPending || this.readonly) return;
    this.isFocusPending = false;
    if (!document.activeElement?.matches(TEXT_FIELDS) && !document.querySelector(DIALOG)) this.area.focus({ preventScroll: true });
  }

  #updateAttachButton() {
    const label = [this.t("attach"), this.noImagesReason].filter(Boolean).join(": ");
    this.attach.hidden = this.readonly;
    this.attach.disabled = Boolean(this.noImagesReason);
    this.attach.setAttribute("aria-label", label);
    this.attach.title = label;
  }

  #openConversation(conversation) {
    this.conversation = conversation;
    this.area.value = sessionStorage.getItem(this.#draftKey()) ?? "";
    this.images = [];
    this.#onChange();
  }

  #insertDraft() {
    const { draft } = this;
    if (!draft || draft.send || appliedDrafts.has(draft.id)) return;
    appliedDrafts.add(draft.id);
    this.#setContent(joinTexts(this.area.value, draft.text), this.images);
    this.area.focus();
  }

  /** Send the draft, once, if a button of another page asked for that. The draft of a link has no `send`. */
  sendDraft() {
    const { draft } = this;
    if (!draft?.send || this.isBusy || this.readonly || appliedDrafts.has(draft.id)) return;
    appliedDrafts.add(draft.id);
    this.owner.send(draft.text, []);
  }

  #draftKey() {
    return `live-draft:${this.conversation}`;
  }

  /** Put back what could not be sent, before what has been written since. */
  restore(text, images) {
    this.#setContent(joinTexts(text, this.area.value), [...images, ...this.images]);
  }

  #setContent(text, images) {
    this.area.value = text;
    this.images = images;
    this.#onChange();
  }

  /** @param {boolean} isBusy whether a reply is in progress */
  setBusy(isBusy) {
    this.isBusy = isBusy;
    this.isStopping = false;
    this.#updateButton();
  }

  /** @param {{share: number, text: string, level: string, detail: string}} usage estimated for the next request */
  #showContextUsage({ share, text, level, detail }) {
    this.contextUsage.dataset.level = level ?? "ok";
    this.contextUsage.title = detail ?? "";
    const meter = h("meter", { min: "0", max: "1", value: String(Math.min(1, share)), "aria-label": text });
    this.contextUsage.replaceChildren(meter, h("span", {}, text));
  }

  #onChange() {
    this.#saveDraft();
    this.#resize();
    this.#showImages();
    this.#updateButton();
    this.fetchContextUsageLater(CONTEXT_USAGE_DELAY_MS);
  }

  #showImages() {
    const problem = this.#imageProblem();
    const note = problem ? [h("p", { class: "note", role: "status" }, problem)] : [];
    this.thumbnails.classList.toggle("rejected", Boolean(problem));
    this.thumbnails.replaceChildren(...this.images.map((image) => this.#thumbnail(image)), ...note);
  }

  /** @returns {string} why these images cannot be sent, or "" */
  #imageProblem() {
    if (this.images.length > MAX_IMAGES) return this.t("tooMany");
    return this.images.length && this.noImagesReason ? `${this.noImagesReason} ${this.t("imagesUnsupportedHint")}` : "";
  }

  #resize() {
    this.area.style.height = "";
    if (this.area.value) this.area.style.height = `${this.area.scrollHeight}px`;
  }

  #saveDraft() {
    if (this.area.value) sessionStorage.setItem(this.#draftKey(), this.area.value);
    else sessionStorage.removeItem(this.#draftKey());
  }

  /** Have the context usage of the next request estimated after *delay* ms without another change. */
  fetchContextUsageLater(delay) {
    clearTimeout(this.contextUsageTimer);
    const sizes = this.images.map(({ width, height, file }) => ({ width, height, bytes: file.size }));
    if (this.readonly) return;
    this.contextUsageTimer = setTimeout(() => this.#fetchContextUsage(sizes), delay);
  }

  async #fetchContextUsage(images) {
    const body = { conversation: this.conversation, text: this.area.value, images };
    const latest = (this.contextUsageRequest = this.owner.api.post("context-usage", body));
    const usage = await latest.catch(() => null);
    if (usage && latest === this.contextUsageRequest) this.#showContextUsage(usage);
  }

  #updateButton() {
    const name = this.isBusy ? "stop" : "send";
    const label = this.t(this.isStopping ? "stopping" : name);
    this.button.replaceChildren(icon(name));
    this.button.setAttribute("aria-label", label);
    this.button.title = label;
    this.button.dataset.mode = name;
    this.button.disabled = this.isBusy ? this.isStopping : this.readonly || this.#isEmpty();
  }

  #isEmpty() {
    return !this.area.value.trim() && this.images.length === 0;
  }

  #onClick(event) {
    if (!this.isBusy) this.#send();
    // The second click of a double click on Send must not stop what the first has sent.
    else if (event.detail < 2) this.#stop();
  }

  #stop() {
    this.isStopping = true;
    this.#updateButton();
    this.owner.stop();
    this.area.focus();
  }

  #send() {
    if (this.isBusy || this.readonly || this.#isEmpty()) return;
    if (this.#imageProblem()) return this.owner.warn(this.#imageProblem());
    const { images } = this;
    this.owner.send(this.area.value.trim(), images);
    this.#setContent("", []);
    this.area.focus();
  }

  #onKey(event) {
    if (event.key === "Escape" && this.isBusy && !this.isStopping) this.#stop();
    if (!isSendKey(event)) return;
    event.preventDefault();
    this.#send();
  }

  #onDragOver(event) {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    this.element.classList.toggle("dropping", !this.noImagesReason);
  }

  /** Attach dropped or pasted files, or say why not; text that is pasted with a rejected image is inserted. */
  #onFiles(event, transfer) {
    this.element.classList.remove("dropping");
    const files = [...(transfer?.files ?? [])];
    if (files.length === 0) return;
    const hasText = event.type === "paste" && transfer.types.includes("text/plain");
    if (!this.noImagesReason || !hasText) event.preventDefault();
    if (this.noImagesReason) this.owner.warn(this.noImagesReason);
    else this.#attachAll(files);
  }

  async #attachAll(files) {
    const selected = [...files]; // the list is live: the next line empties it
    this.file.value = "";
    for (const file of selected) await this.#attach(file); // one by one: each counts toward the limit of the next
    this.#onChange();
  }

  async #attach(file) {
    const problem = rejectionReason(file, this.images.length);
    const image = problem ? null : await openImage(file);
    if (image) this.images.push(image);
    else this.owner.warn(this.t(problem ?? "notImage", { name: file.name }));
  }

  #thumbnail(image) {
    const { name } = image.file;
    const remove = iconButton("close", this.t("remove", { name }), () => {
      this.images = this.images.filter((other) => other !== image);
      URL.revokeObjectURL(image.src);
      this.#onChange();
      this.area.focus();
    });
    return h("div", { class: "thumbnail" }, h("img", { src: image.src, alt: name }), remove);
  }
}

function joinTexts(...texts) {
  return texts.filter((text) => text.trim()).join("\n\n");
}
