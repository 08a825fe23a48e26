/** The chat: transcript, composer and the run in progress, kept in step with the app. */

import { editInPlace, undoBar } from "./actions.js";
import { Bars } from "./bars.js";
import { Composer } from "./composer.js";
import { h, metricList } from "./dom.js";
import { Exchange } from "./exchange.js";
import { fillHeight } from "./height.js";
import { encodeImages } from "./images.js";
import { speaker } from "./labels.js";
import { Log } from "./log.js";
import { warmUp } from "./sanitize.js";
import { Api } from "./stream.js";
import { Transcript } from "./transcript.js";
import { welcome } from "./welcome.js";

const CONFLICT = 409; // the page is on its way to another conversation: its data will say which
const PATIENCE_MS = 2000;

export class Chat {
  constructor() {
    this.say = (key, values) => this.speak(key, values);
    this.speak = speaker();
    this.api = new Api("");
    this.data = {};
    this.readonly = false;
    this.withdrawn = null;
    this.element = h("section", { class: "frame" });
  }

  /** Take the page's data; called again with each rerun. */
  configure(data, trigger) {
    const former = this.data;
    this.data = data;
    this.trigger = trigger;
    this.api.token = data.token;
    this.speak = speaker(data.labels);
    this.readonly = Boolean(data.readonly);
    if (!this.composer) this.#build();
    this.composer.configure(data);
    if (data.readonly !== former.readonly) this.transcript.redrawAround();
    if (data.conversation !== former.conversation) this.#open();
    else if (["token", "settings"].some((key) => data[key] !== former[key])) this.#renew();
  }

  /** The messages, or what the next request would leave out, are others now; a running reply is not disturbed. */
  #renew() {
    this.stale = Boolean(this.run);
    if (this.stale) this.composer.estimateSoon(0);
    else this.#refetch();
  }

  #build() {
    this.transcript = new Transcript(this);
    this.composer = new Composer(this);
    this.bars = new Bars(this.say);
    this.totals = h("div", { class: "totals" });
    this.log = new Log(this.say);
    this.empty = h("div", { class: "empty" });
    this.transcript.scroller.append(this.empty);
    this.element.append(this.transcript.element, ...this.bars.elements, this.composer.element, this.totals, this.log.element);
    this.unfill = fillHeight(this.element);
    warmUp(this.say);
  }

  close() {
    this.#leaveRun();
    this.transcript.close();
    this.unfill();
  }

  #setBusy(busy) {
    this.composer.setBusy(busy);
    this.element.classList.toggle("busy", busy);
  }

  /** Hear no more of the reply; a question that has not arrived goes back into the message box. */
  #leaveRun(unreadable = []) {
    const { run } = this;
    this.run = null;
    this.#setBusy(false);
    run?.leave();
    if (run?.unheard) this.#withdraw(run.key);
    if (run?.unsent) this.composer.giveBack(run.sent.text, run.sent.images.filter((image) => !unreadable.includes(image)));
  }

  #open() {
    if (this.run?.unsent) this.warn(this.say("carried"), this.say("carriedHint"));
    this.#leaveRun();
    this.transcript.show([]);
    this.transcript.toBottom();
    this.empty.replaceChildren(h("p", { class: "faint" }, this.say("loading")));
    this.#refetch();
  }

  async #refetch({ quiet = false } = {}) {
    const { conversation } = this.data;
    this.stale = false;
    try {
      const state = await this.api.get(`transcript?conversation=${encodeURIComponent(conversation)}`);
      if (conversation === this.data.conversation && !this.run) this.#show(state);
    } catch (error) {
      if (!quiet && error.status !== CONFLICT) this.bars.warnOf(error);
    }
  }

  /** Show a transcript as the app sent it, and join the run that is still going. */
  #show(state) {
    this.transcript.show(state.messages);
    this.#showEmpty(state.messages.length === 0);
    this.#showSums(state);
    if (state.running && !this.run) this.#join(state);
  }

  /** What all replies took, and whether they are saved; how full the context is by now takes longer to know. */
  #showSums({ totals, notice }) {
    this.bars.showNotice(notice);
    this.totals.replaceChildren(...(totals?.length ? [metricList(totals, this.say("totals"), this.say)] : []));
    this.composer.estimateSoon(0);
  }

  #showEmpty(isEmpty) {
    this.empty.replaceChildren(...(isEmpty ? welcome(this, this.data.starters ?? []) : []));
  }

  #join({ running, messages }) {
    const known = this.transcript.find(messages.findLast((message) => message.run?.id === running)?.id);
    const view = known ?? this.transcript.blank("assistant");
    if (!known) this.transcript.append(view);
    this.#follow({ run: running });
    this.run.drawIn(view);
  }

  /** Send a new message; the composer is empty already. */
  send(text, images) {
    if (this.run) return;
    this.#ask("send", { text, images, message: null });
    const shown = images.map(({ src, file }) => ({ src, alt: file.name }));
    this.#draw(this.transcript.blank("user", text, shown));
  }

  /** An action of a message's own buttons. */
  act(name, view, argument) {
    const { id, run } = view.message;
    const looking = { raw: () => view.toggleRaw(), inspect: () => this.trigger("inspect", run.id) }[name];
    const changing = {
      regenerate: () => this.#again(name, view),
      continue: () => this.#again(name, view),
      edit: () => editInPlace(view, (text) => this.#resend(view, text)),
      select: () => this.#select(argument),
      delete: () => this.#delete(view),
      pin: () => this.#change(id, "pin"),
    }[name];
    if (looking) looking();
    else if (!this.run) changing();
  }

  /** Answer again, or go on with the answer in *view*: what follows that is on another branch from now on. */
  #again(action, view) {
    const keep = action === "continue";
    this.#ask(action, { message: view.message.id });
    this.transcript.cutAt(view, { keep });
    this.#draw(null, keep ? view : null);
  }

  /** @returns {boolean} whether the text was taken; while a reply runs it is not */
  #resend(view, text) {
    if (this.run) {
      this.warn(this.say("busy"), this.say("busyHint"));
      return false;
    }
    const { id, images } = view.message;
    this.#ask("edit", { text, message: id });
    this.transcript.cutAt(view);
    this.#draw(this.transcript.blank("user", text, images));
    return true;
  }

  #ask(action, { text = "", images = [], message }) {
    const body = { conversation: this.data.conversation, action, text, message, images: [] };
    const ready = images.length ? async () => ({ ...body, images: await encodeImages(images, this.say) }) : () => body;
    this.#follow({ sent: { text, images } }, this.withdrawn ? () => this.withdrawn.then(ready) : ready);
  }

  /** Show the question, if it is a new one, and the place of its answer, if that has none. */
  #draw(user = null, view = null) {
    const reply = view ?? this.transcript.blank("assistant");
    this.run.drawIn(reply, user);
    this.empty.replaceChildren();
    this.transcript.append(...[user, !view && reply].filter(Boolean));
    this.transcript.toBottom();
    this.#keepFocus();
  }

  /** When the button that was pressed is gone, go on in the composer; on a phone that would open the keyboard. */
  #keepFocus() {
    const lost = this.element.getRootNode().activeElement === null;
    if (lost && matchMedia("(hover: hover)").matches) this.composer.area.focus({ preventScroll: true });
  }

  #follow(origin, body = null) {
    this.run = new Exchange(origin);
    this.run.follow(this.api, body, this);
    this.#setBusy(true);
  }

  onStart() {
    this.log.started();
  }

  /** *message* is null when the reply is on a branch that is no longer on show: another tab has moved on. */
  async onEnd(run, { message, ...sums }) {
    this.trigger("ended", run.id);
    if (!message) return this.onLost();
    this.run = null;
    this.#setBusy(false);
    this.#showSums(sums);
    await run.reply.finish(message);
    if (this.stale) this.#refetch({ quiet: true });
    this.log.ended(message);
  }

  /** The end was not told: the transcript knows it. */
  onLost() {
    this.#leaveRun();
    this.#refetch();
  }

  /** A page that is about to show another conversation takes the question there; if it does not come, it goes back. */
  onRefused(run, error) {
    if (error.status !== CONFLICT) return this.#fallBack(error);
    return setTimeout(() => this.run === run && this.#fallBack(error), PATIENCE_MS);
  }

  #fallBack(error) {
    this.bars.warnOf(error);
    this.#takeBack(error.unreadable);
  }

  /** Nothing was sent: the transcript goes back to what it was, and the question into the composer. */
  #takeBack(unreadable) {
    this.#leaveRun(unreadable);
    this.transcript.dropUnsaved();
    Promise.resolve(this.withdrawn).then(() => this.#refetch({ quiet: true }));
    this.composer.area.focus();
  }

  /** Stop the reply; a message that is still on its way up is taken back at once. */
  stop() {
    const { run } = this;
    if (run?.id) this.api.post(`runs/${encodeURIComponent(run.id)}/stop`).catch((error) => this.bars.warnOf(error));
    else if (run) this.#takeBack();
  }

  /** The app may have begun the reply without our having heard of it: it has to forget that before anything else. */
  #withdraw(key) {
    const all = Promise.all([this.withdrawn, this.api.post(`sends/${key}/withdraw`).catch(() => {})]);
    this.withdrawn = all;
    all.then(() => { if (this.withdrawn === all) this.withdrawn = null; });
  }

  async #change(id, verb) {
    const { conversation } = this.data;
    try {
      const state = await this.api.post(`messages/${encodeURIComponent(id)}/${verb}`, { conversation });
      if (conversation === this.data.conversation) this.#show(state);
      this.trigger("changed", Date.now());
      return true;
    } catch (error) {
      this.bars.warnOf(error);
      return false;
    }
  }

  async #select(id) {
    await this.#change(id, "select");
    this.transcript.find(id)?.element.querySelector(".branch button:enabled")?.focus();
  }

  async #delete(view) {
    const { id } = view.message;
    if (!(await this.#change(id, "delete"))) return;
    const { bar, undo } = undoBar(this.say, async () => {
      await this.#change(id, "restore");
      this.transcript.find(id)?.element.focus();
    });
    this.bars.show(bar);
    undo.focus();
  }

  async estimate(text, images) {
    const asked = (this.estimating = this.api.post("estimate", { conversation: this.data.conversation, text, images }));
    const gauge = await asked.catch(() => null);
    if (gauge && asked === this.estimating) this.composer.showGauge(gauge);
  }

  warn(text, hint = "") {
    this.bars.warn(text, hint);
  }
}
