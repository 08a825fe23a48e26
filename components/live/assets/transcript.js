/** The scrolling list of messages: updated by id, rendered lazily, and kept at the bottom while the reader is there. */

import { h, icon } from "./dom.js";
import { EndFollower } from "./end-follower.js";
import { MessageView } from "./message.js";

const RENDER_MARGIN = "1200px"; // outside the visible part

export class Transcript {
  /** @param {object} owner the owner of each MessageView */
  constructor(owner) {
    this.owner = owner;
    this.views = new Map();
    this.list = h("div", { class: "list" });
    this.scroller = h("div", { class: "scroller", tabindex: "0", role: "region", "aria-label": owner.t("conversation") }, this.list);
    this.jump = h("button", { type: "button", class: "jump", hidden: true, onclick: () => this.scrollToBottom() },
      icon("down"), owner.t("jumpToLatest"));
    this.element = h("div", { class: "transcript" }, this.scroller, this.jump);
    this.end = new EndFollower(this.scroller, this.list, (isAtEnd) => { this.jump.hidden = isAtEnd; });
    this.intersectionObserver = new IntersectionObserver((entries) => this.#renderNear(entries),
      { root: this.scroller, rootMargin: RENDER_MARGIN });
  }

  close() {
    this.end.close();
    this.intersectionObserver.disconnect();
  }

  scrollToBottom() {
    this.end.scrollToEnd();
  }

  #renderNear(entries) {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      this.intersectionObserver.unobserve(target);
      this.views.get(target)?.render();
    }
  }

  /** Show exactly *messages*; views of messages that stay keep their DOM, and so focus and selection. */
  show(messages) {
    const byId = new Map([...this.views.values()].map((view) => [view.message.id, view]));
    const views = messages.map((message) => this.#reuse(byId.get(message.id), message));
    const remaining = new Set(views);
    for (const view of this.views.values()) if (!remaining.has(view)) this.#remove(view);
    const rule = this.owner.t(this.owner.data?.summarises ? "droppedSummarised" : "dropped");
    views.forEach((view, index) => {
      this.#place(view, index);
      view.showRule(view.message.dropped && !views[index + 1]?.message.dropped, rule);
    });
  }

  #reuse(view, message) {
    if (!view) return new MessageView(message, this.owner);
    if (JSON.stringify(view.message) !== JSON.stringify(message)) view.update(message);
    return view;
  }

  #place(view, index) {
    const current = this.list.children[index] ?? null;
    if (current !== view.element) this.list.insertBefore(view.element, current);
    this.#register(view);
  }

  #register(view) {
    this.views.set(view.element, view);
    if (!view.isRendered) this.intersectionObserver.observe(view.element);
  }

  #remove(view) {
    this.views.delete(view.element);
    view.element.remove();
  }

  /** Create the view of a message that the app does not know yet, to be appended. */
  createView(role, text = "", images = []) {
    const message = { id: null, role, text, images, siblings: [], pinned: false, dropped: false, run: null };
    return new MessageView(message, this.owner);
  }

  append(...views) {
    this.list.append(...views.map((view) => view.element));
    for (const view of views) this.#register(view);
  }

  /** @returns {MessageView|null} */
  find(id) {
    return [...this.views.values()].find((view) => view.message.id === id) ?? null;
  }

  /** Remove *view* and what follows it, or only what follows. */
  truncate(view, { inclusive = true } = {}) {
    const elements = [...this.list.children];
    const start = elements.indexOf(view.element) + (inclusive ? 0 : 1);
    for (const element of elements.slice(start)) this.#remove(this.views.get(element));
  }

  /** Remove the messages that the app does not know. */
  removeUnsaved() {
    for (const view of this.views.values()) if (!view.message.id) this.#remove(view);
  }

  updateDetails() {
    for (const view of this.views.values()) view.updateDetails();
  }
}
