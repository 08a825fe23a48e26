/** The chat: transcript, composer and the request in progress, synchronised with the app. */

import { editInPlace } from "./actions.js";
import { ChatRequest } from "./chat-request.js";
import { CallSplit } from "./call-split.js";
import { Composer } from "./composer.js";
import { h, metricList } from "./dom.js";
import { emptyState } from "./empty-state.js";
import { fillHeight } from "./height.js";
import { encodeImages } from "./images.js";
import { createTranslator } from "./labels.js";
import { MessageChanges } from "./message-changes.js";
import { MessageMenu } from "./message-menu.js";
import { LiveRegion, Notifications } from "./notifications.js";
import { OtherTabs } from "./other-tabs.js";
import { preload } from "./sanitize.js";
import { Api } from "./stream.js";
import { Transcript } from "./transcript.js";

const CONFLICT = 409; // the page is about to show another conversation: its data will say which
const CONFLICT_TIMEOUT_MS = 2000;
const RETRY_INTERVAL_MS = 3000;

export class Chat {
  constructor() {
    this.t = (key, values) => this.translate(key, values); // one function, whichever labels the page sends
    this.translate = createTranslator();
    this.api = new Api();
    this.data = {};
    this.request = null;
    this.undoing = null; // a promise, while the app undoes a send
    this.element = h("section", { class: "frame" });
    this.menu = new MessageMenu(this);
  }

  /** Apply the page's data; called again with each rerun. */
  configure(data, trigger) {
    const previous = this.data;
    this.data = data;
    this.trigger = trigger;
    this.api.token.configure(data.token, () => trigger("changed", Date.now()));
    this.translate = createTranslator(data.labels);
    this.readonly = Boolean(data.readonly);
    if (!this.composer) this.#build();
    this.composer.configure(data);
    if (data.readonly !== previous.readonly) this.transcript.updateDetails();
    if (data.conversation !== previous.conversation) this.#openConversation();
    else if (["token", "settings"].some((key) => data[key] !== previous[key])) this.#refresh();
  }

  #build() {
    this.transcript = new Transcript(this);
    this.split = new CallSplit(this);
    this.composer = new Composer(this);
    this.notifications = new Notifications(this.t);
    this.totals = h("div", { class: "totals" });
    this.liveRegion = new LiveRegion(this.t);
    this.changes = new MessageChanges(this);
    this.otherTabs = new OtherTabs((conversation) => this.#onOtherTab(conversation));
    this.empty = h("div", { class: "empty" });
    this.transcript.scroller.append(this.empty);
    const above = [this.transcript.element, ...this.notifications.elements];
    const conversation = h("div", { class: "conversation" }, above, this.composer.element, this.totals, this.liveRegion.element);
    this.element.append(conversation, this.split.place);
    this.split.attach(this.element, conversation);
    this.stopFilling = fillHeight(this.element);
    preload(this.t);
  }

  close() {
    clearTimeout(this.retryTimer);
    this.otherTabs.close();
    this.api.token.close();
    this.#dropRequest();
    this.transcript.close();
    this.split.close();
    this.stopFilling();
  }

  #setBusy(isBusy) {
    this.composer.setBusy(isBusy);
    this.element.classList.toggle("busy", isBusy);
  }

  /** The messages, or what the next request would leave out, have changed; a running reply is not disturbed. */
  #refresh() {
    this.refetchAtEnd = Boolean(this.request);
    if (this.refetchAtEnd) this.composer.fetchContextUsageLater(0);
    else this.#fetchTranscript();
  }

  /** Ignore the rest of the reply; a message that has not arrived goes back into the composer. */
  #dropRequest(unreadable = []) {
    const { request } = this;
    this.request = null;
    this.#setBusy(false);
    if (!request) return;
    request.dispose();
    if (request.isUnconfirmed) this.#postUndo(request.key);
    const message = request.unsentMessage;
    if (message) this.composer.restore(message.text, message.images.filter((image) => !unreadable.includes(image)));
  }

  #openConversation() {
    if (this.request?.unsentMessage) this.warn(this.t("notSent"), this.t("notSentHint"));
    this.#dropRequest();
    this.transcript.show([]);
    this.transcript.scrollToBottom();
    this.empty.replaceChildren(h("p", { class: "muted" }, this.t("loading")));
    this.#fetchTranscript();
  }

  /** Another tab has changed *conversation*. A reply that this tab follows goes on; the end of it shows the change. */
  #onOtherTab(conversation) {
    if (conversation !== this.data.conversation) return;
    this.refetchAtEnd = Boolean(this.request);
    if (!this.request) this.#fetchTranscript({ quiet: true });
  }

  async #fetchTranscript({ quiet = false } = {}) {
    const { conversation } = this.data;
    this.refetchAtEnd = false;
    try {
      const state = await this.api.get(`transcript?conversation=${encodeURIComponent(conversation)}`);
      if (conversation === this.data.conversation && !this.request) this.showState(state);
    } catch (error) {
      if (!error.status) this.#retryLater();
      else if (!quiet && error.status !== CONFLICT) this.notifications.warnAbout(error);
    }
  }

  /** The app does not respond: it may be restarting. */
  #retryLater() {
    this.notifications.showDisconnected();
    clearTimeout(this.retryTimer);
    this.retryTimer = setTimeout(() => !this.request && this.#fetchTranscript({ quiet: true }), RETRY_INTERVAL_MS);
  }

  /** Show a transcript as the app sent it, and follow the run that is still in progress. */
  showState(state) {
    this.notifications.hideDisconnected();
    this.transcript.show(state.messages);
    this.split.reset();
    this.empty.replaceChildren(...(state.messages.length === 0 ? emptyState(this, this.data.example_prompts ?? []) : []));
    this.#showTotals(state);
    if (state.running && !this.request) this.#followRun(state);
    else this.composer.sendDraft();
  }

  /** Show the sums over all replies, and whether they are saved; the context usage takes longer and follows. */
  #showTotals({ totals, notice }) {
    this.notifications.showNotice(notice);
    this.totals.replaceChildren(...(totals?.length ? [metricList(totals, this.t("totals"), this.t)] : []));
    this.composer.fetchContextUsageLater(0);
  }

  #followRun({ running: runId, messages }) {
    const existing = this.transcript.find(messages.findLast((message) => message.run?.id === runId)?.id);
    const view = existing ?? this.transcript.createView("assistant");
    if (!existing) this.transcript.append(view);
    this.#start({ runId });
    this.request.attachViews(view);
  }

  /** Send a new message; the composer is empty already. */
  send(text, images) {
    if (this.request) return;
    this.#post("send", { text, images, message: null });
    const thumbnails = images.map(({ src, file }) => ({ src, alt: file.name }));
    this.#showRequest(this.transcript.createView("user", text, thumbnails));
  }

  /** Handle the button *name* of a message. */
  onAction(name, view, argument) {
    const { id, run } = view.message;
    const reading = { raw: () => view.toggleRaw(), inspect: () => this.split.open(run.id) }[name];
    const changing = {
      regenerate: () => this.replyAgain(name, view),
      continue: () => this.replyAgain(name, view),
      edit: () => editInPlace(view, (text) => this.#resend(view, text)),
      select: () => this.changes.select(argument),
      delete: () => this.changes.delete(id),
      pin: () => this.changes.pin(id),
    }[name];
    if (reading) reading();
    else if (!this.request) changing();
  }

  /**
   * Regenerate the reply in *view*, or continue it: what follows it is on another branch from now on.
   * @param {{model?: string, api?: string, fault?: string}} [options] of this request only
   */
  replyAgain(action, view, options = {}) {
    if (this.request) return;
    const isContinued = action === "continue";
    this.#post(action, { message: view.message.id, options });
    this.transcript.truncate(view, { inclusive: !isContinued });
    this.#showRequest(null, isContinued ? view : null);
  }

  /** @returns {boolean} whether the text was accepted; while a reply runs it is not */
  #resend(view, text) {
    if (this.request) {
      this.warn(this.t("busy"), this.t("busyHint"));
      return false;
    }
    const { id, images } = view.message;
    this.#post("edit", { text, message: id });
    this.transcript.truncate(view);
    this.#showRequest(this.transcript.createView("user", text, images));
    return true;
  }

  #post(action, { text = "", images = [], message, options = {} }) {
    const body = { ...options, conversation: this.data.conversation, action, text, message, images: [] };
    const createBody = images.length ? async () => ({ ...body, images: await encodeImages(images, this.t) }) : () => body;
    this.#start({ message: { text, images } }, this.undoing ? () => this.undoing.then(createBody) : createBody);
  }

  #start(origin, createBody = null) {
    this.request = new ChatRequest(origin);
    this.request.start(this.api, createBody, this);
    this.#setBusy(true);
  }

  /** Show the user's message, if it is new, and the place of its reply, if that is not *view*. */
  #showRequest(userView = null, view = null) {
    const replyView = view ?? this.transcript.createView("assistant");
    this.request.attachViews(replyView, userView);
    this.empty.replaceChildren();
    this.transcript.append(...[userView, !view && replyView].filter(Boolean));
    this.transcript.scrollToBottom();
    // The focus is lost when the button that was pressed is removed. On a phone, the composer's would open the keyboard.
    const isFocusLost = this.element.getRootNode().activeElement === null;
    if (isFocusLost && matchMedia("(hover: hover)").matches) this.composer.area.focus({ preventScroll: true });
  }

  /** What this tab sent is saved, and the reply begins. */
  onStart() {
    this.split.show(this.request.runId);
    this.liveRegion.announceStart();
    this.otherTabs.notify(this.data.conversation);
  }

  /** *message* is null when another tab has selected a branch without the reply. */
  async onEnd(request, { message, ...state }) {
    this.trigger("ended", request.runId);
    if (!message) return this.onDisconnect();
    this.request = null;
    this.#setBusy(false);
    this.#showTotals(state);
    this.split.onEnd(request.runId);
    await request.reply.finish(message);
    if (this.refetchAtEnd) this.#fetchTranscript({ quiet: true });
    this.liveRegion.announceEnd(message);
  }

  /** The end did not arrive: the transcript has it. What did arrive stays on the screen. */
  onDisconnect() {
    this.request.reply.settle();
    this.#dropRequest();
    this.#fetchTranscript();
  }

  /** A page that is about to show another conversation takes the message there; if it does not, the message goes back. */
  onError(request, error) {
    if (error.status !== CONFLICT) return this.#giveUp(error);
    return setTimeout(() => this.request === request && this.#giveUp(error), CONFLICT_TIMEOUT_MS);
  }

  #giveUp(error) {
    this.notifications.warnAbout(error);
    this.#undoSend(error.unreadable);
  }

  /** Nothing was sent: the transcript goes back to what it was, and the text into the composer. */
  #undoSend(unreadable) {
    this.#dropRequest(unreadable);
    this.transcript.removeUnsaved();
    Promise.resolve(this.undoing).then(() => this.#fetchTranscript({ quiet: true }));
    this.composer.area.focus();
  }

  /** Stop the reply; a message that is still being uploaded is undone at once. */
  stop() {
    const { request } = this;
    if (!request) return;
    if (request.isUnconfirmed) this.#undoSend();
    else this.api.post(`runs/${encodeURIComponent(request.runId)}/stop`).catch((error) => this.notifications.warnAbout(error));
  }

  /** The app may have started the reply without a confirmation that reached us: it has to undo that first. */
  async #postUndo(key) {
    const undoing = (this.undoing = Promise.all([this.undoing, this.api.post(`sends/${key}/undo`).catch(() => {})]));
    await undoing;
    if (this.undoing === undoing) this.undoing = null;
  }

  warn(text, hint = "") { this.notifications.warn(text, hint); }
}
