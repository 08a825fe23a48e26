/** What stands out among the last replies: a line of facts above the columns. */

import { h } from "../../live/assets/dom.js";

export class Summary {
  /** @param {import("../../live/assets/labels.js").Translate} t */
  constructor(t) {
    this.t = t;
    this.element = h("ul", { class: "facts", "aria-label": t("highlights"), hidden: true });
  }

  /**
   * @param {{highlights: {label: string, value: string, variants: string[]}[], identical: string[][]}} summary
   * @param {(variantId: string) => string} letterOf
   */
  show({ highlights, identical }, letterOf) {
    const letters = (variants) => variants.map(letterOf).join(", ");
    const facts = highlights.map(({ label, value, variants }) => h("li", {},
      h("span", { class: "muted" }, label), " ", h("strong", {}, letters(variants)), ` ${value}`));
    const same = identical.map((variants) => h("li", {}, h("span", { class: "muted" }, this.t("identical")), " ", h("strong", {}, letters(variants))));
    this.element.replaceChildren(...facts, ...same);
    this.element.hidden = facts.length + same.length === 0;
  }

  hide() {
    this.element.hidden = true;
  }
}
