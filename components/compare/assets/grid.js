/** The columns: heads of the variants, and below them the replies of each turn, side by side. */

import { h } from "../../live/assets/dom.js";
import { ColumnTabs } from "./column-tabs.js";
import { ReplyCell } from "./reply-cell.js";
import { VariantColumn } from "./variant-column.js";

const LETTERS = "ABCDEF";

export class Grid {
  /** @param {import("./comparison-view.js").ComparisonView} owner handles what is clicked in the columns */
  constructor(owner) {
    this.owner = owner;
    this.t = owner.t;
    this.columns = new Map(); // heads by the id of the variant
    this.cells = new Map(); // replies by the id of the run
    this.view = { variants: [], turns: [], summary: { highlights: [], identical: [] } };
    this.element = h("div", { class: "grid", role: "region", tabindex: "0", "aria-label": this.t("variants") });
    this.tabs = new ColumnTabs(this.element, this.t);
  }

  /** Show the comparison as the app sent it; what is drawn already stays, so that a running reply goes on. */
  show(view, servers) {
    this.view = view;
    this.#removeOld();
    const count = view.variants.length;
    view.variants.forEach((variant, index) => {
      const column = this.columns.get(variant.id) ?? new VariantColumn(this.owner);
      this.columns.set(variant.id, column);
      column.update({ variant, letter: LETTERS[index], index, count, canAdd: view.can_add, canRemove: view.can_remove, servers });
    });
    const layout = JSON.stringify([view.variants.map(({ id }) => id), view.turns.map(({ prompt, replies }) => [prompt, Object.entries(replies).map(([id, { run }]) => [id, run])])]);
    if (layout !== this.layout) this.#layOut();
    this.layout = layout;
    this.tabs.show(view.variants.map(({ id, name, model }) => ({ letter: this.letterOf(id), title: name || model, head: this.columns.get(id).element })));
    for (const { replies } of view.turns) {
      for (const { run, message } of Object.values(replies)) this.cells.get(run)?.showIfCut(message);
    }
    for (const { id } of view.variants) this.cells.get(this.lastRunOf(id))?.setStale(view.turns.at(-1).replies[id].is_stale);
    this.showPrompts(view.prompt);
    this.updateStates();
  }

  /** Remove the heads and replies that the comparison no longer has. */
  #removeOld() {
    const variants = new Set(this.view.variants.map(({ id }) => id));
    const runs = new Set(this.view.turns.flatMap(({ replies }) => Object.values(replies).map(({ run }) => run)));
    for (const id of this.columns.keys()) if (!variants.has(id)) this.columns.delete(id);
    for (const [id, cell] of this.cells) {
      if (runs.has(id)) continue;
      cell.close();
      this.cells.delete(id);
    }
  }

  #layOut() {
    const { variants, turns } = this.view;
    const rows = turns.flatMap((turn, index) => [
      h("p", { class: "turn" }, h("span", {}, turn.prompt)),
      ...variants.map((variant) => this.#cell(turn, variant, index === turns.length - 1)),
    ]);
    const empty = turns.length ? [] : variants.map(() => h("p", { class: "cell placeholder muted" }, this.t("noReplyYet")));
    this.element.style.setProperty("--columns", variants.length);
    this.element.dataset.columns = variants.length;
    this.element.replaceChildren(...variants.map(({ id }) => this.columns.get(id).element), ...rows, ...empty);
  }

  /** Show the prompt of each turn above its replies, unless *current*, which is being edited, says it already. */
  showPrompts(current) {
    const { turns } = this.view;
    this.element.classList.toggle("with-prompts", turns.length > 1 || (turns.length === 1 && turns[0].prompt !== current.trim()));
  }

  #cell(turn, variant, isLast) {
    const reply = turn.replies[variant.id];
    if (!reply) return h("p", { class: "cell placeholder muted" }, this.t(isLast ? "notRun" : "noReply"));
    const isNew = !this.cells.has(reply.run);
    const cell = this.cells.get(reply.run) ?? new ReplyCell(reply.run, this.owner);
    this.cells.set(reply.run, cell);
    cell.setPlace({ variantId: variant.id, label: this.t("replyOf", { letter: this.letterOf(variant.id), model: variant.model }), isLast });
    if (isNew && reply.message) cell.show(reply.message);
    else if (isNew) cell.follow();
    return cell.element;
  }

  /** Hand the events of runs to their replies. */
  handleEvents(events) {
    for (const event of events) this.cells.get(event.run)?.handleEvent(event);
    if (events.some(({ t }) => t === "end")) this.updateStates();
  }

  /** The ids of the runs that are not known to have ended. */
  get runningIds() {
    return [...this.cells.values()].filter((cell) => cell.isRunning).map((cell) => cell.runId);
  }

  lastRunOf(variantId) {
    return this.view.turns.at(-1)?.replies[variantId]?.run;
  }

  /** Show at each column whether its last reply is in progress. */
  updateStates() {
    for (const [id, column] of this.columns) {
      const isRunning = this.cells.get(this.lastRunOf(id))?.isRunning;
      column.setState(this.view.turns.length === 0 ? "none" : isRunning ? "running" : "ready");
    }
  }

  setStopping(variantIds) {
    for (const id of variantIds) if (this.cells.get(this.lastRunOf(id))?.isRunning) this.columns.get(id)?.setState("stopping");
  }

  /** Mark the last replies that have the same text. */
  showIdentical(groups) {
    this.view.summary.identical = groups;
    const variantIds = this.view.variants.map(({ id }) => id);
    for (const id of variantIds) {
      const others = (groups.find((group) => group.includes(id)) ?? []).filter((other) => other !== id);
      const letters = others.map((other) => this.letterOf(other)).join(", ");
      this.cells.get(this.lastRunOf(id))?.showSame(letters && this.t("sameAs", { letters }));
    }
  }

  /** The variants whose last reply has ended with a text; those of a *group*, unless that is -1, have the same text. */
  lastReplies() {
    const hasText = ({ id }) => this.cells.get(this.lastRunOf(id))?.hasText;
    const groupOf = (id) => this.view.summary.identical.findIndex((group) => group.includes(id));
    return this.view.variants.filter(hasText).map(({ id, name, model }) => ({ id, label: `${this.letterOf(id)} · ${name || model}`, group: groupOf(id) }));
  }

  letterOf(variantId) {
    return LETTERS[this.view.variants.findIndex(({ id }) => id === variantId)] ?? "?";
  }

  setStatus(text) {
    for (const cell of this.cells.values()) cell.setStatus(text);
  }

  settle(text) {
    for (const cell of this.cells.values()) if (cell.isRunning) cell.settle(text);
    this.updateStates();
  }

  focusTool(variantId, name) {
    this.columns.get(variantId)?.focusTool(name);
  }

  close() {
    this.tabs.close();
    for (const cell of this.cells.values()) cell.close();
  }
}
