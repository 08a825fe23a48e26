/** The call of one reply: beside the conversation, or on a narrow screen as a drawer over it. */

import { h, icon } from "./dom.js";
import { highlightLater } from "./sanitize.js";

const STORAGE_KEY = "playground.call-panel";
const WIDE = "(min-width: 1000px)";
const OPEN_BY_DEFAULT = "(min-width: 1400px)"; // both halves are wide enough to read

export class CallSplit {
  /** @param {object} chat its owner: `api`, `t`, `transcript` and `trigger` */
  constructor(chat) {
    this.chat = chat;
    this.panel = null;
    this.place = h("aside", { class: "call", "aria-label": chat.t("callPanel"), hidden: true, ontoggle: (event) => this.#onDrawer(event) });
    this.isDrawerOpen = false;
    this.toggle = h("button", { type: "button", class: "text call-toggle", "aria-pressed": "false", onclick: () => this.#setOpen(!this.isVisible) },
      icon("inspect"), chat.t("callPanel"));
    this.media = matchMedia(WIDE);
    this.onResize = () => this.#apply();
    this.media.addEventListener("change", this.onResize);
    this.setting = readSetting();
    this.onClick = (event) => this.#onClick(event);
  }

  /** Put the panel beside *conversation* in *frame*. */
  attach(frame, conversation) {
    this.frame = frame;
    this.conversation = conversation;
    conversation.addEventListener("click", this.onClick);
    this.#apply();
  }

  /** Until somebody opens the panel, it waits for the first message: an empty one would say nothing. */
  get isVisible() {
    if (!this.media.matches) return this.isDrawerOpen;
    return this.setting === null ? matchMedia(OPEN_BY_DEFAULT).matches && this.#lastRun() !== null : this.setting === "open";
  }

  /** Show the call of *runId*, which somebody has asked for. */
  open(runId) {
    this.runId = runId;
    if (this.media.matches) return this.#setOpen(true);
    this.isDrawerOpen = true;
    this.#apply();
    this.place.showPopover();
  }

  /** Close the drawer; what is beside the conversation stays. */
  closeDrawer() {
    if (this.isDrawerOpen) this.place.hidePopover();
  }

  #onDrawer({ newState }) {
    if (newState === "open") return;
    this.isDrawerOpen = false;
    this.#apply();
  }

  #setOpen(isOpen) {
    this.setting = isOpen ? "open" : "closed";
    writeSetting(this.setting);
    this.#apply();
  }

  #apply() {
    this.frame.classList.toggle("split", this.isVisible && this.media.matches);
    // A popover is over the page: Escape and a click beside it close it.
    this.place.popover = this.media.matches ? null : "auto";
    this.place.hidden = !this.isVisible;
    this.toggle.setAttribute("aria-pressed", String(this.isVisible));
    if (this.isVisible) this.#load();
    else this.panel?.pause();
  }

  /** The panel's script is loaded when it is first opened, so that it takes no time from the page. */
  async #load() {
    if (!this.panel) {
      const { CallPanel } = await import("./call-panel.js");
      this.panel ??= new CallPanel(this.chat, highlightLater);
      this.place.replaceChildren(this.panel.element);
    }
    const shown = this.#lastRun();
    if (shown) this.panel.show(shown);
    else this.panel.showNothing();
  }

  #lastRun() {
    if (this.runId) return this.runId;
    const views = [...this.chat.transcript.list.children].map((element) => this.chat.transcript.views.get(element));
    return views.findLast((view) => view?.message.run)?.message.run.id ?? null;
  }

  /** Another conversation is open, or this one has been loaded. */
  reset() {
    this.runId = null;
    this.#apply();
  }

  /** Show the call of *runId* if the panel is open. */
  show(runId) {
    this.runId = runId;
    this.#apply();
  }

  /** The reply of *runId* has ended: what the panel shows is complete with the next answer. */
  onEnd(runId) {
    if (this.isVisible && this.panel?.runId === runId) this.panel.refresh();
  }

  /** A click into the text of a reply marks the event that brought it. */
  #onClick(event) {
    if (!this.isVisible || !this.panel || event.composedPath().some((node) => node.matches?.("button, a, textarea, input"))) return;
    const article = event.composedPath().find((node) => node.matches?.('article[data-role="assistant"]'));
    const view = article && this.chat.transcript.views.get(article);
    if (!view?.message.run) return;
    this.runId = view.message.run.id;
    this.panel.showAt(this.runId, view, event);
  }

  close() {
    this.media.removeEventListener("change", this.onResize);
    this.conversation?.removeEventListener("click", this.onClick);
    this.panel?.close();
  }
}

/** @returns {"open"|"closed"|null} null if nobody has chosen, or if storage is disabled */
function readSetting() {
  try {
    return localStorage.getItem(STORAGE_KEY);
  } catch {
    return null;
  }
}

function writeSetting(setting) {
  try {
    localStorage.setItem(STORAGE_KEY, setting);
  } catch {
    // It is not remembered, then.
  }
}
