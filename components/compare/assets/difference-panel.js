/** The last replies of two variants side by side, with the words marked that are in one of them only. */

import { h } from "../../live/assets/dom.js";

export class DifferencePanel {
  /**
   * @param {object} owner
   * @param {import("../../live/assets/labels.js").Translate} owner.t
   * @param {(left: string, right: string) => Promise<object>} owner.fetchDifference
   * @param {import("../../live/assets/notifications.js").Notifications} owner.notifications
   */
  constructor(owner) {
    this.owner = owner;
    this.replies = [];
    const { t } = owner;
    this.left = h("select", { "aria-label": t("leftReply"), onchange: () => this.#fetch() });
    this.right = h("select", { "aria-label": t("rightReply"), onchange: () => this.#fetch() });
    this.note = h("span", { class: "muted", role: "status" });
    this.texts = h("div", { class: "texts", role: "region", tabindex: "0", "aria-label": t("differences") });
    this.element = h("details", { class: "differences", hidden: true, ontoggle: () => this.element.open && this.#fetch() },
      h("summary", {}, t("differences")),
      h("div", { class: "choice" }, this.left, this.right, this.note), this.texts);
  }

  /** Offer *replies*, each with the id of its variant and its group of identical ones; with fewer than two there is nothing to compare. */
  show(replies) {
    this.element.hidden = replies.length < 2;
    const [left, right] = [this.left.value, this.right.value];
    this.replies = replies;
    this.#offer(this.left, left, replies[0]?.id);
    this.#offer(this.right, right === this.left.value ? "" : right, this.#other(this.left.value));
    if (this.element.hidden) this.element.open = false;
    if (this.element.open) this.#fetch();
  }

  /** A reply to compare that of *variantId* with, one with another text if possible. */
  #other(variantId) {
    const { group } = this.replies.find(({ id }) => id === variantId) ?? {};
    const others = this.replies.filter(({ id }) => id !== variantId);
    return (others.find((other) => group === -1 || other.group !== group) ?? others[0])?.id;
  }

  #offer(select, value, initial) {
    select.replaceChildren(...this.replies.map(({ id, label }) => h("option", { value: id }, label)));
    select.value = this.replies.some(({ id }) => id === value) ? value : initial;
  }

  async #fetch() {
    const request = (this.request = this.owner.fetchDifference(this.left.value, this.right.value));
    try {
      const { left, right, equal } = await request;
      if (request !== this.request) return;
      this.note.textContent = this.owner.t("differencesEqual", { equal });
      this.texts.replaceChildren(markedText(left), markedText(right));
    } catch (error) {
      if (request === this.request) this.owner.notifications.warnAbout(error);
    }
  }
}

function markedText(pieces) {
  return h("p", {}, pieces.map(([text, isChanged]) => (isChanged ? h("mark", {}, text) : text)));
}
