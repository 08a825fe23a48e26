/** The message box: autosizing text, images, draft, Send that turns to Stop, and the context gauge. */

import { h, icon, iconButton, isSendKey } from "./dom.js";
import { IMAGE_TYPES, MAX_IMAGES, openImage, refusal } from "./images.js";

const ESTIMATE_MS = 400;
const appliedDrafts = new Set();

export class Composer {
  /** @param {{say: import("./dom.js").Say, send: Function, stop: Function, estimate: Function, warn: Function}} owner */
  constructor(owner) {
    this.owner = owner;
    this.say = owner.say;
    this.images = [];
    this.busy = false;
    this.conversation = null;
    this.#build();
    this.#listen();
  }

  #build() {
    const { say } = this;
    this.area = h("textarea", { rows: "1", "aria-label": say("composer") });
    this.thumbs = h("div", { class: "thumbs" });
    this.file = h("input", { type: "file", accept: IMAGE_TYPES.join(","), multiple: true, hidden: true, tabindex: "-1" });
    this.attach = iconButton("attach", say("attach"), () => this.file.click());
    this.model = h("span", { class: "model" });
    this.gauge = h("div", { class: "gauge" });
    this.button = h("button", { type: "button", class: "send", onclick: () => this.#press() });
    const row = h("div", { class: "row" }, this.attach, this.model, this.gauge, this.button);
    this.element = h("div", { class: "composer" }, this.thumbs, this.area, this.file, row);
  }

  #listen() {
    this.area.addEventListener("input", () => this.#changed());
    this.area.addEventListener("focus", () => this.estimateSoon(0), { once: true });
    this.area.addEventListener("keydown", (event) => this.#key(event));
    this.area.addEventListener("paste", (event) => this.#offer(event, event.clipboardData));
    // The whole chat: a file dropped beside the box would make the browser leave the page.
    this.owner.element.addEventListener("dragover", (event) => this.#invite(event));
    this.owner.element.addEventListener("dragleave", () => this.element.classList.remove("dropping"));
    this.owner.element.addEventListener("drop", (event) => this.#offer(event, event.dataTransfer));
    this.file.addEventListener("change", () => this.#addAll(this.file.files));
  }

  /** Take the page's data; the text being typed stays. */
  configure(data) {
    this.readonly = Boolean(data.readonly);
    this.refusesImages = data.can_see ? "" : this.say("blind", { model: data.model ?? "" });
    if (this.readonly) this.refusesImages = this.say("closed");
    this.area.placeholder = data.placeholder || this.say("placeholder");
    this.area.disabled = this.readonly;
    this.#showAttach();
    const pace = h("span", { class: "faint" }, this.say(data.streaming ? "streamingOn" : "streamingOff"));
    this.model.replaceChildren(data.model ?? "", pace);
    this.model.title = `${this.say("model")}: ${data.model ?? ""}`;
    if (data.conversation !== this.conversation) this.#open(data.conversation);
    this.#showImages();
    this.#applyDraft(data.draft);
    this.#paintButton();
  }

  #showAttach() {
    const label = this.refusesImages ? `${this.say("attach")}: ${this.refusesImages}` : this.say("attach");
    this.attach.hidden = this.readonly;
    this.attach.disabled = Boolean(this.refusesImages);
    this.attach.setAttribute("aria-label", label);
    this.attach.title = label;
  }

  #open(conversation) {
    this.conversation = conversation;
    this.area.value = sessionStorage.getItem(this.#draftKey()) ?? "";
    this.images = [];
    this.#changed();
  }

  #applyDraft(draft) {
    if (!draft || appliedDrafts.has(draft.id)) return;
    appliedDrafts.add(draft.id);
    this.#put(joined(this.area.value, draft.text), this.images);
    this.area.focus();
  }

  #draftKey() {
    return `live-draft:${this.conversation}`;
  }

  /** Put back what could not be sent, before what has been written since. */
  giveBack(text, images) {
    this.#put(joined(text, this.area.value), [...images, ...this.images]);
  }

  #put(text, images) {
    this.area.value = text;
    this.images = images;
    this.#changed();
  }

  setBusy(busy) {
    this.busy = busy;
    this.stopping = false;
    this.#paintButton();
  }

  showGauge(gauge) {
    const parts = gauge ? [h("meter", meterProps(gauge)), h("span", {}, gauge.text)] : [];
    this.gauge.dataset.level = gauge?.level ?? "ok";
    this.gauge.title = gauge?.detail ?? "";
    this.gauge.replaceChildren(...parts);
  }

  #changed() {
    this.#saveDraft();
    this.#resize();
    this.#showImages();
    this.#paintButton();
    this.estimateSoon(ESTIMATE_MS);
  }

  #showImages() {
    const obstacle = this.#obstacle();
    const note = obstacle ? [h("p", { class: "note", role: "status" }, obstacle)] : [];
    this.thumbs.classList.toggle("refused", Boolean(obstacle));
    this.thumbs.replaceChildren(...this.images.map((image) => this.#thumb(image)), ...note);
  }

  /** Why these images cannot be sent, or "". */
  #obstacle() {
    if (this.images.length > MAX_IMAGES) return this.say("tooMany");
    return this.images.length && this.refusesImages ? `${this.refusesImages} ${this.say("blindHint")}` : "";
  }

  #resize() {
    this.area.style.height = "";
    if (this.area.value) this.area.style.height = `${this.area.scrollHeight}px`;
  }

  #saveDraft() {
    if (this.area.value) sessionStorage.setItem(this.#draftKey(), this.area.value);
    else sessionStorage.removeItem(this.#draftKey());
  }

  estimateSoon(delay) {
    clearTimeout(this.estimating);
    const sizes = this.images.map(({ width, height, file }) => ({ width, height, bytes: file.size }));
    if (this.readonly) return;
    this.estimating = setTimeout(() => this.owner.estimate(this.area.value, sizes), delay);
  }

  #paintButton() {
    const name = this.busy ? "stop" : "send";
    const label = this.say(this.stopping ? "stopping" : name);
    this.button.replaceChildren(icon(name));
    this.button.setAttribute("aria-label", label);
    this.button.title = label;
    this.button.dataset.mode = name;
    this.button.disabled = this.busy ? this.stopping : this.readonly || this.#empty();
  }

  #empty() {
    return !this.area.value.trim() && this.images.length === 0;
  }

  #press() {
    if (this.busy) this.#stop();
    else this.#send();
  }

  #stop() {
    this.stopping = true;
    this.#paintButton();
    this.owner.stop();
    this.area.focus();
  }

  #send() {
    if (this.busy || this.readonly || this.#empty()) return;
    if (this.#obstacle()) return this.owner.warn(this.#obstacle());
    const { images } = this;
    this.owner.send(this.area.value.trim(), images);
    this.#put("", []);
    this.area.focus();
  }

  #key(event) {
    if (event.key === "Escape" && this.busy && !this.stopping) this.#stop();
    if (!isSendKey(event)) return;
    event.preventDefault();
    this.#send();
  }

  #invite(event) {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    this.element.classList.toggle("dropping", !this.refusesImages);
  }

  /** Take dropped or pasted files, or say why not; text that is pasted with a refused picture goes in. */
  #offer(event, transfer) {
    this.element.classList.remove("dropping");
    const files = [...(transfer?.files ?? [])];
    if (files.length === 0) return;
    const textToo = event.type === "paste" && transfer.types.includes("text/plain");
    if (!this.refusesImages || !textToo) event.preventDefault();
    if (this.refusesImages) this.owner.warn(this.refusesImages);
    else this.#addAll(files);
  }

  async #addAll(files) {
    const chosen = [...files];
    this.file.value = "";
    for (const file of chosen) await this.#add(file);
    this.#changed();
  }

  async #add(file) {
    const problem = refusal(file, this.images.length);
    const image = problem ? null : await openImage(file);
    if (image) this.images.push(image);
    else this.owner.warn(this.say(problem ?? "notImage", { name: file.name }));
  }

  #thumb(image) {
    const { name } = image.file;
    const remove = iconButton("close", this.say("remove", { name }), () => {
      this.images = this.images.filter((other) => other !== image);
      URL.revokeObjectURL(image.src);
      this.#changed();
      this.area.focus();
    });
    return h("div", { class: "thumb" }, h("img", { src: image.src, alt: name }), remove);
  }
}

function joined(...texts) {
  return texts.filter((text) => text.trim()).join("\n\n");
}

function meterProps({ share, text }) {
  return { min: "0", max: "1", value: String(Math.min(1, share)), "aria-label": text };
}
