/** One reply of a variant: its text as it arrives, and how it ended. */

import { h } from "../../live/assets/dom.js";
import { MessageView } from "../../live/assets/message.js";
import { Reply } from "../../live/assets/reply.js";

const ACTIONS = ["regenerate", "raw", "inspect"];

export class ReplyCell {
  /**
   * @param {string} runId
   * @param {object} owner
   * @param {import("../../live/assets/labels.js").Translate} owner.t
   * @param {(runId: string) => void} owner.onInspect
   * @param {(variantId: string) => void} owner.onRun
   */
  constructor(runId, owner) {
    this.runId = runId;
    const message = { id: null, role: "assistant", text: "", images: [], siblings: [], run: null };
    this.viewOwner = { t: owner.t, readonly: false, actions: ACTIONS, onAction: (name) => this.#onAction(name, owner) };
    this.view = new MessageView(message, this.viewOwner);
    this.sameTag = h("span", { class: "tag", hidden: true });
    this.staleTag = h("span", { class: "tag stale", hidden: true }, owner.t("staleReply"));
    this.again = h("button", { type: "button", class: "text again", hidden: true, onclick: () => owner.onRun(this.variantId) }, owner.t("runAgain"));
    this.element = h("section", { class: "cell" }, h("div", { class: "tags" }, this.staleTag, this.sameTag), this.view.element, this.again);
  }

  get isRunning() {
    return Boolean(this.reply);
  }

  get hasText() {
    return !this.isRunning && Boolean(this.view.message.text);
  }

  /** @param {{variantId: string, label: string, isLast: boolean}} place in the comparison; only a last reply can be repeated */
  setPlace({ variantId, label, isLast }) {
    this.variantId = variantId;
    this.isLast = isLast;
    this.#offerToRunAgain();
    this.element.setAttribute("aria-label", label);
    if (this.viewOwner.readonly !== isLast) return;
    this.viewOwner.readonly = !isLast;
    this.view.updateDetails();
  }

  /** Say whether the variant was edited since it was asked. */
  setStale(isStale) {
    this.staleTag.hidden = !isStale;
  }

  /** Show a reply that has ended. */
  show(message) {
    this.isCut = false;
    this.view.status.hidden = true;
    this.view.update(message);
    this.view.render();
    this.#offerToRunAgain();
  }

  /** An error has a button of its own; that of an interruption, such as by a restart of the app, is here. */
  #offerToRunAgain() {
    this.again.hidden = !this.isLast || this.view.message.run?.state !== "interrupted";
  }

  /** Wait for the events of the run. */
  follow() {
    this.reply ??= new Reply(this.view);
  }

  handleEvent(event) {
    if (event.t === "end") this.#end(event.message);
    else this.reply?.handleEvent(event);
  }

  #end(message) {
    const { reply } = this;
    this.reply = null;
    if (!reply) return this.show(message);
    reply.finish(message);
    this.#offerToRunAgain();
  }

  /** Show how a reply has ended whose end did not arrive. */
  showIfCut(message) {
    if (this.isCut && message) this.show(message);
  }

  /** Show what has arrived, and *text* if there is a reason why no more can. */
  settle(text) {
    this.reply?.settle();
    this.reply?.setStatus(text);
    this.reply = null;
    this.isCut = true;
  }

  setStatus(text) {
    this.reply?.setStatus(text);
  }

  /** Say that the same text is in other columns; nothing if *text* is empty. */
  showSame(text) {
    this.sameTag.textContent = text;
    this.sameTag.hidden = !text;
  }

  close() {
    this.reply?.dispose();
  }

  #onAction(name, owner) {
    if (name === "inspect") owner.onInspect(this.runId);
    if (name === "raw") this.view.toggleRaw();
    if (name === "regenerate") owner.onRun(this.variantId);
  }
}
