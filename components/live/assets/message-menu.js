/** What the menu of a message offers beside its buttons: other pages, and the request sent again in another way. */

import { ApiChoice } from "./api-choice.js";
import { openMenu } from "./menu.js";

function canCompare({ message, owner }) {
  return Boolean(message.run?.id) && !owner.readonly;
}

/** The actions in the order they are shown, each with the messages that have it. */
const MENU_ACTIONS = [
  ["regenerateWith", ({ message, owner }) => message.role === "assistant" && !owner.readonly],
  ["fail", ({ message, owner }) => message.role === "assistant" && owner.data.faults?.length && !owner.readonly],
  ["compare", canCompare],
  ["compareStreams", canCompare],
  ["compareApis", canCompare],
  ["tokens", ({ message }) => message.run?.id],
  ["raw", ({ message }) => message.role === "assistant" && message.text],
  ["pin", ({ owner }) => !owner.readonly],
  ["delete", ({ owner }) => !owner.readonly],
];

/** @returns {boolean} whether the menu of a message has anything in it */
export function hasMenu(view) {
  return MENU_ACTIONS.some(([, applies]) => applies(view));
}

export class MessageMenu {
  /** @param {import("./chat.js").Chat} chat whose messages have the menu */
  constructor(chat) {
    this.chat = chat;
    this.t = chat.t;
  }

  /** Open the menu of *view* at its button *anchor*. */
  open(view, anchor) {
    const compare = (contrast) => this.chat.trigger("compare", { run: view.message.run.id, contrast });
    const special = {
      regenerateWith: () => this.#chooseModel(view, anchor),
      fail: () => this.#chooseFault(view, anchor),
      compare: () => compare("model"),
      compareStreams: () => compare("stream"),
      compareApis: () => compare("api"),
      tokens: () => this.chat.trigger("tokens", view.message.run.id),
    };
    const items = MENU_ACTIONS.filter(([, applies]) => applies(view)).map(([name]) => {
      const { message, isRaw } = view;
      const label = { pin: message.pinned ? "unpin" : "pin", raw: isRaw ? "rendered" : "raw", tokens: "openInTokens" }[name] ?? name;
      return { name, icon: name.startsWith("compare") ? "compare" : name, label: this.t(label), onSelect: special[name] ?? (() => this.chat.onAction(name, view)) };
    });
    openMenu(anchor, items, this.t("more"));
  }

  /** Fail one request: the sandbox gets the fault in a header of that request. */
  #chooseFault(view, anchor) {
    const items = this.chat.data.faults.map(({ id, label }) => ({
      name: id, label, onSelect: () => this.chat.replyAgain("regenerate", view, { fault: id }),
    }));
    openMenu(anchor, items, this.t("failTitle"), { hasTitle: true });
  }

  async #chooseModel(view, anchor) {
    const { ModelList } = await import("../../ui/assets/model-list.js");
    const { data, api, t } = this.chat;
    this.list ??= new ModelList(api.token, t);
    const choice = new ApiChoice(data, t);
    const regenerate = ([model]) => {
      this.chat.replyAgain("regenerate", view, { model, api: choice.requestedFor(model) });
    };
    const model = view.message.run?.model || data.model;
    await this.list.open(anchor, [model], regenerate, {}, {
      above: [choice.element], container: anchor.closest(".live"), onActive: (active) => choice.show(active),
    });
  }
}
