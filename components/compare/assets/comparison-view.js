/** A comparison: the prompt, the columns of its variants, what stands out, and the follow-up question. */

import { h } from "../../live/assets/dom.js";
import { createTranslator } from "../../live/assets/labels.js";
import { Notifications } from "../../live/assets/notifications.js";
import { preload } from "../../live/assets/sanitize.js";
import { Api } from "../../live/assets/stream.js";
import { DifferencePanel } from "./difference-panel.js";
import { Grid } from "./grid.js";
import { FollowUpForm, PromptForm } from "./prompt-form.js";
import { followGroup } from "./run-group.js";
import { Summary } from "./summary.js";

// The tool to focus after a change that has moved or removed the one that was pressed.
const TOOLS = { copy: "duplicateVariant", move: "moveRight" };

export class ComparisonView {
  constructor() {
    const t = (this.t = createTranslator());
    this.api = new Api();
    this.data = {};
    this.groups = new Set(); // of runs that are followed, by what stops following them
    this.prompt = new PromptForm(this);
    this.notifications = new Notifications(t);
    this.summary = new Summary(t);
    this.grid = new Grid(this);
    this.difference = new DifferencePanel(this);
    this.followUp = new FollowUpForm(this);
    this.status = h("p", { class: "visually-hidden", role: "status" });
    this.element = h("section", { class: "comparison", "aria-label": t("comparison") },
      this.prompt.element, ...this.notifications.elements, this.summary.element, this.difference.element, this.grid.tabs.element, this.grid.element, this.followUp.element, this.status);
    preload(t);
  }

  /** Apply the page's data; called again with each rerun. */
  configure(data, trigger) {
    const previous = this.data;
    this.data = data;
    this.trigger = trigger;
    this.api.token.configure(data.token, () => trigger("changed", Date.now()));
    this.prompt.setExamples(data.examples);
    if (data.comparison !== previous.comparison) this.#open();
    else if (data.version !== previous.version) this.#fetch();
    else if (this.view && JSON.stringify(data.servers) !== JSON.stringify(previous.servers)) this.grid.show(this.view, data.servers);
  }

  close() {
    this.#unfollowAll();
    this.api.token.close();
    this.grid.close();
  }

  get path() {
    return `comparisons/${this.data.comparison}`;
  }

  async #open() {
    this.#unfollowAll();
    const view = await this.#fetch();
    if (view) this.prompt.setText(view.prompt);
  }

  #unfollowAll() {
    for (const abort of this.groups) abort.abort();
    this.groups.clear();
  }

  async #fetch() {
    const { comparison } = this.data;
    try {
      const view = await this.api.get(this.path);
      if (comparison !== this.data.comparison) return null;
      this.#show(view);
      const runs = this.grid.runningIds;
      if (runs.length && this.groups.size === 0) this.#follow({ runs });
      return view;
    } catch (error) {
      this.notifications.warnAbout(error);
      return null;
    }
  }

  #show(view) {
    this.view = view;
    this.grid.show(view, this.data.servers);
    this.#showSummary(view.summary);
    this.#updateForms();
  }

  #showSummary(summary) {
    this.summary.show(summary, (id) => this.grid.letterOf(id));
    this.grid.showIdentical(summary.identical);
    this.difference.show(this.grid.lastReplies());
  }

  #updateForms() {
    const isRunning = this.groups.size > 0 || this.grid.runningIds.length > 0;
    this.prompt.setState(isRunning ? "running" : "ready");
    this.followUp.setBusy(isRunning);
    this.followUp.element.hidden = !this.view?.turns.length;
  }

  onPrompt(text) {
    this.grid.showPrompts(text);
    this.api.post(`${this.path}/prompt`, { text }).catch((error) => console.warn("compare:", error));
  }

  onRunAll(text) {
    this.#follow({ body: { text } });
  }

  async onFollowUp(text) {
    const isSent = await this.#follow({ body: { text, follow_up: true } });
    if (!isSent) this.followUp.setText(text);
  }

  onRun(variantId) {
    this.#follow({ body: { variant: variantId } });
  }

  onStop(variantId) {
    this.grid.setStopping([variantId]);
    this.#stop({ run: this.grid.lastRunOf(variantId) });
  }

  onStopAll() {
    this.prompt.setState("stopping");
    this.grid.setStopping(this.view.variants.map(({ id }) => id));
    this.#stop({});
  }

  #stop(body) {
    this.api.post(`${this.path}/stop`, body).catch((error) => {
      this.notifications.warnAbout(error);
      this.#updateForms();
      this.grid.updateStates();
    });
  }

  onInspect(runId) {
    this.trigger("inspect", runId);
  }

  onSettings(variantId) {
    this.trigger("settings", variantId);
  }

  /** @returns {Promise<object>} the last replies of two variants in pieces that are changed or not */
  fetchDifference(left, right) {
    return this.api.get(`${this.path}/differences?left=${left}&right=${right}`);
  }

  async onChange(variantId, change, body = {}) {
    try {
      this.#show(await this.api.post(`${this.path}/variants/${variantId}/${change}`, body));
      if (TOOLS[change]) this.grid.focusTool(variantId, body.steps === -1 ? "moveLeft" : TOOLS[change]);
    } catch (error) {
      this.notifications.warnAbout(error);
      this.#fetch();
    }
  }

  /** Send a prompt, or follow runs that are under way. @returns {Promise<boolean>} whether it was sent */
  async #follow({ body, runs }) {
    const abort = new AbortController();
    this.groups.add(abort);
    if (body) this.#hideComparisons();
    this.#updateForms();
    const source = { path: this.path, body, runs, signal: abort.signal };
    const onEvents = (events) => this.#onEvents(events);
    const onDisconnect = () => this.grid.setStatus(this.t("disconnected"));
    let ended;
    try {
      ended = await followGroup(this.api, source, onEvents, onDisconnect);
    } catch (error) {
      this.#endGroup(abort);
      this.notifications.warnAbout(error);
      return false;
    }
    if (abort.signal.aborted) return true;
    this.#endGroup(abort);
    if (!ended) {
      this.grid.settle(this.t("noResponse"));
      this.#fetch();
    }
    this.trigger("ended", Date.now());
    return true;
  }

  /** The summary of the last replies does not apply to the next ones. */
  #hideComparisons() {
    this.summary.hide();
    this.grid.showIdentical([]);
    this.difference.show([]);
  }

  #endGroup(abort) {
    this.groups.delete(abort);
    this.#updateForms();
  }

  #onEvents(events) {
    const start = events.find(({ t }) => t === "start");
    if (start) this.#onStart(start);
    this.grid.handleEvents(events);
    const summary = events.find(({ t }) => t === "summary")?.summary;
    if (summary) this.#onSummary(summary);
  }

  #onStart(view) {
    this.#show(view);
    this.status.textContent = this.t("repliesStarted");
  }

  #onSummary(summary) {
    this.#showSummary(summary);
    this.status.textContent = this.t("repliesEnded");
  }
}
