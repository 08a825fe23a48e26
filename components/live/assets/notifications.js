/** What the chat reports outside its messages: notices above the composer, and a live region for screen readers. */

import { h, iconButton, metricText } from "./dom.js";
import { RequestError } from "./stream.js";

const ANNOUNCEMENTS = 3; // that stay in the live region

/** A lasting notice of the page, and below it the latest warning or offer. */
export class Notifications {
  /** @param {import("./labels.js").Translate} t */
  constructor(t) {
    this.t = t;
    this.notice = h("div", { class: "notifications" });
    this.latest = h("div", { class: "notifications" });
    this.elements = [this.notice, this.latest];
  }

  /** @param {string|null|undefined} text empty to remove the notice */
  showNotice(text) {
    if (this.noticeText === text) return; // a screen reader would read it again
    this.noticeText = text;
    this.notice.replaceChildren(...(text ? [h("div", { class: "notification", role: "status" }, h("span", {}, text))] : []));
  }

  /** @param {HTMLElement} element replaces the latest one */
  show(element) {
    this.latest.replaceChildren(element);
  }

  warn(text, hint = "") {
    const element = h("div", { class: "notification warning", role: "alert" },
      h("span", {}, h("strong", {}, text), hint && ` ${hint}`),
      iconButton("close", this.t("dismiss"), () => element.remove()));
    this.show(element);
  }

  /** Show that the app does not respond, until `hideDisconnected`. */
  showDisconnected() {
    if (this.disconnected?.isConnected) return; // a screen reader would read it again
    this.disconnected = h("div", { class: "notification warning", role: "alert" }, h("strong", {}, this.t("disconnected")));
    this.show(this.disconnected);
  }

  hideDisconnected() {
    this.disconnected?.remove();
  }

  /** Explain why a request failed. */
  warnAbout(error) {
    if (error instanceof RequestError && error.title) return this.warn(error.title, error.hint);
    if (error instanceof RequestError && error.status) return this.warn(this.t("unexpectedStatus", { status: error.status }));
    console.warn("live:", error);
    return this.warn(this.t("sendFailed"), this.t("sendFailedHint"));
  }
}

/** Announces start and end of each reply to screen readers, which would otherwise read every token or nothing. */
export class LiveRegion {
  /** @param {import("./labels.js").Translate} t */
  constructor(t) {
    this.t = t;
    this.element = h("div", { class: "visually-hidden", role: "log", "aria-live": "polite" });
  }

  announceStart() {
    this.#announce("replyStarted");
  }

  /** @param {{run: object|null}} message the reply with its run */
  announceEnd({ run }) {
    const summary = (run?.metrics ?? []).map(metricText).join(", ");
    if (run?.error) this.#announce("replyFailed", { title: run.error.title });
    else this.#announce("replyComplete", { summary });
  }

  #announce(key, values) {
    this.element.append(h("p", {}, this.t(key, values)));
    while (this.element.childElementCount > ANNOUNCEMENTS) this.element.firstChild.remove();
  }
}
