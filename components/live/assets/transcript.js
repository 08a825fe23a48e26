/** The scrolling list of messages: reconciled by id, drawn lazily, and kept at the bottom while the reader is there. */

import { h, icon } from "./dom.js";
import { MessageView } from "./message.js";

const NEAR_BOTTOM = 48; // px
const DRAW_AHEAD = "1200px";

export class Transcript {
  /** @param {object} owner what each MessageView calls back */
  constructor(owner) {
    this.owner = owner;
    this.views = new Map();
    this.pinned = true;
    this.list = h("div", { class: "list" });
    this.scroller = h("div", { class: "scroller", tabindex: "0", role: "region", "aria-label": owner.say("conversation") }, this.list);
    this.jump = h("button", { type: "button", class: "jump", hidden: true, onclick: () => this.toBottom() },
      icon("down"), owner.say("jump"));
    this.element = h("div", { class: "transcript" }, this.scroller, this.jump);
    this.#watch();
  }

  #watch() {
    this.scroller.addEventListener("scroll", () => this.#onScroll(), { passive: true });
    this.sizes = new ResizeObserver(() => this.#keepBottom());
    this.sizes.observe(this.list);
    this.sizes.observe(this.scroller);
    this.nearness = new IntersectionObserver((entries) => this.#drawNear(entries),
      { root: this.scroller, rootMargin: DRAW_AHEAD });
  }

  close() {
    this.sizes.disconnect();
    this.nearness.disconnect();
  }

  #onScroll() {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    this.pinned = scrollHeight - scrollTop - clientHeight < NEAR_BOTTOM;
    this.jump.hidden = this.pinned;
  }

  #keepBottom() {
    if (this.pinned) this.scroller.scrollTop = this.scroller.scrollHeight;
    else this.#onScroll();
  }

  toBottom() {
    this.pinned = true;
    this.jump.hidden = true;
    this.#keepBottom();
  }

  #drawNear(entries) {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      this.nearness.unobserve(target);
      this.views.get(target)?.render();
    }
  }

  /** Show exactly *messages*; views of messages that stay keep their DOM, and so focus and selection. */
  show(messages) {
    const known = new Map([...this.views.values()].map((view) => [view.message.id, view]));
    const views = messages.map((message) => this.#reuse(known.get(message.id), message));
    const wanted = new Set(views);
    for (const view of this.views.values()) if (!wanted.has(view)) this.#remove(view);
    views.forEach((view, index) => this.#place(view, index));
  }

  #reuse(view, message) {
    if (!view) return new MessageView(message, this.owner);
    if (JSON.stringify(view.message) !== JSON.stringify(message)) view.update(message);
    return view;
  }

  #place(view, index) {
    const here = this.list.children[index] ?? null;
    if (here !== view.element) this.list.insertBefore(view.element, here);
    this.#track(view);
  }

  #track(view) {
    this.views.set(view.element, view);
    if (!view.rendered) this.nearness.observe(view.element);
  }

  #remove(view) {
    this.views.delete(view.element);
    view.element.remove();
  }

  /** A message that the app has not heard of yet, to be appended. */
  blank(role, text = "", images = []) {
    const message = { id: null, role, text, images, siblings: [], pinned: false, dropped: false, run: null };
    return new MessageView(message, this.owner);
  }

  append(...views) {
    this.list.append(...views.map((view) => view.element));
    for (const view of views) this.#track(view);
  }

  find(id) {
    return [...this.views.values()].find((view) => view.message.id === id) ?? null;
  }

  /** Take away *view* and what follows it, or only what follows. */
  cutAt(view, { keep = false } = {}) {
    const all = [...this.list.children];
    const from = all.indexOf(view.element) + (keep ? 1 : 0);
    for (const element of all.slice(from)) this.#remove(this.views.get(element));
  }

  /** Take away what the app has never heard of. */
  dropUnsaved() {
    for (const view of this.views.values()) if (!view.message.id) this.#remove(view);
  }

  redrawAround() {
    for (const view of this.views.values()) view.showAround();
  }
}
