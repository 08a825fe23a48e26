/** The bars above the message box: the page's lasting notice, and the latest thing to tell or to offer. */

import { h, iconButton } from "./dom.js";
import { StartError } from "./stream.js";

export class Bars {
  /** @param {import("./dom.js").Say} say */
  constructor(say) {
    this.say = say;
    this.notice = h("div", { class: "bars" });
    this.latest = h("div", { class: "bars" });
    this.elements = [this.notice, this.latest];
  }

  showNotice(text) {
    if (this.noticed === text) return;
    this.noticed = text;
    this.notice.replaceChildren(...(text ? [h("div", { class: "bar", role: "status" }, h("span", {}, text))] : []));
  }

  show(bar) {
    this.latest.replaceChildren(bar);
  }

  warn(text, hint = "") {
    const bar = h("div", { class: "bar warn", role: "alert" }, h("span", {}, h("strong", {}, text), hint && ` ${hint}`),
      iconButton("close", this.say("dismiss"), () => bar.remove()));
    this.show(bar);
  }

  warnOf(error) {
    const explained = error instanceof StartError && error.message;
    if (!explained) console.warn("live:", error);
    this.warn(explained || this.say("failed"), explained ? error.hint : this.say("failedHint"));
  }
}
