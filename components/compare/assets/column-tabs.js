/** The letters of all columns, above a strip that is too narrow for them: which ones are in view, and a click goes to one. */

import { h } from "../../live/assets/dom.js";

export class ColumnTabs {
  /**
   * @param {HTMLElement} strip scrolls the columns
   * @param {import("../../live/assets/labels.js").Translate} t
   */
  constructor(strip, t) {
    this.strip = strip;
    this.t = t;
    this.columns = []; // a button for each head
    this.element = h("nav", { class: "column-tabs", "aria-label": t("columns"), hidden: true });
    strip.addEventListener("scroll", () => this.#update(), { passive: true });
    this.resizes = new ResizeObserver(() => this.#update());
    this.resizes.observe(strip);
  }

  /** @param {{letter: string, title: string, head: HTMLElement}[]} columns in their order */
  show(columns) {
    this.columns = columns.map(({ letter, title, head }) => {
      const goTo = () => this.strip.scrollTo({ left: head.offsetLeft - this.strip.offsetLeft, behavior: "smooth" });
      const label = h("span", { class: "column-title" }, title);
      return { head, button: h("button", { type: "button", class: "text", "aria-label": this.t("showVariant", { letter }), onclick: goTo }, h("b", {}, letter), label) };
    });
    this.element.replaceChildren(...this.columns.map(({ button }) => button));
    this.#update();
  }

  #update() {
    const { strip } = this;
    this.element.hidden = strip.scrollWidth <= strip.clientWidth + 1;
    if (this.element.hidden) return;
    const { left, right } = strip.getBoundingClientRect();
    for (const { head, button } of this.columns) {
      const box = head.getBoundingClientRect();
      const isInView = Math.min(box.right, right) - Math.max(box.left, left) > box.width / 2;
      button.setAttribute("aria-current", isInView);
    }
  }

  close() {
    this.resizes.disconnect();
  }
}
