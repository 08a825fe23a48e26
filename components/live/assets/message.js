/** One message of the transcript: its text, reasoning, status line, error card, metrics and actions. */

import { actionBar, branchBar } from "./actions.js";
import { copyButton, countdown, h, icon, metricList } from "./dom.js";
import { MarkdownStream, writePlainText } from "./markdown.js";
import { lex, needsWholeRender } from "./markdown-parser.js";
import { highlightLater, render, whenIdle } from "./sanitize.js";

/** Run *task* in the next frame; a hidden page has none, so there a timer does. */
export function nextFrame(task) {
  if (document.hidden) setTimeout(task, 30);
  else requestAnimationFrame(task);
}

/** A crash of the app may lose the end of a reply: here it stays, and *savedText* is what the app still has. */
function withShownText(shown, message) {
  if (message.run?.state !== "interrupted" || message.id !== shown?.id) return message;
  const isCut = shown.text.length > message.text.length && shown.text.startsWith(message.text);
  return isCut ? { ...message, text: shown.text, savedText: message.text } : message;
}

/** Whether the text of *message* ends where the model did not end it. */
export function isIncomplete(message) {
  return Boolean(message.run && message.run.state !== "done");
}

export class MessageView {
  /**
   * @param {object} message as the transcript route sends it
   * @param {object} owner
   * @param {import("./labels.js").Translate} owner.t
   * @param {(name: string, view: MessageView, argument?: unknown) => void} owner.onAction
   * @param {boolean} owner.readonly
   * @param {string[]} [owner.actions] the names of those that it handles, if not all
   */
  constructor(message, owner) {
    this.owner = owner;
    this.t = owner.t;
    this.isRaw = false;
    this.images = h("div", { class: "images" });
    this.reasoning = h("div", { class: "reasoning" });
    this.body = h("div", { class: "body" });
    this.status = h("p", { class: "status", hidden: true });
    this.error = h("div");
    this.foot = h("div", { class: "foot" });
    this.rule = h("p", { class: "dropped-rule", role: "note", hidden: true });
    const parts = [this.reasoning, this.images, this.body, this.status, this.error, this.foot, this.rule];
    this.element = h("article", { class: "message", tabindex: "-1" }, parts);
    this.update(message);
  }

  /** Show *newMessage*; a body whose text is the same keeps its DOM, and so a selection in it. */
  update(newMessage) {
    const message = withShownText(this.message, newMessage);
    const textChanged = this.message?.text !== message.text || this.message.role !== message.role;
    const imagesChanged = JSON.stringify(this.message?.images) !== JSON.stringify(message.images);
    this.message = message;
    this.element.dataset.role = message.role;
    this.element.dataset.message = message.id ?? "";
    this.element.setAttribute("aria-label", this.t(message.role === "user" ? "userMessage" : "assistantMessage"));
    this.element.classList.toggle("dropped", Boolean(message.dropped));
    if (textChanged) this.#showPlainText();
    if (imagesChanged) this.#showImages();
    this.updateDetails();
  }

  /** Draw a rule below the message if it *isLastDropped*: the last of those that the next request leaves out. */
  showRule(isLastDropped, text) {
    this.rule.hidden = !isLastDropped;
    this.rule.textContent = text;
  }

  /** Replace the placeholder by the stored *message*; the body keeps streaming. */
  setMessage(message) {
    this.message = { ...message, text: this.message.text };
    this.element.dataset.message = message.id;
    this.updateDetails();
  }

  /** Redraw what surrounds the body: reasoning, error card, metrics, actions. */
  updateDetails() {
    const { run } = this.message;
    if (run?.reasoning && !this.reasoning.firstChild) this.showReasoning(run.reasoning);
    this.error.replaceChildren(...(run?.error ? [errorCard(this, run.error)] : []));
    const { activeElement } = this.element.getRootNode();
    const action = this.foot.contains(activeElement) ? activeElement.dataset.action : null;
    this.foot.replaceChildren(...this.#footParts(run));
    if (action) this.foot.querySelector(`[data-action=${action}]`)?.focus();
  }

  #footParts(run) {
    const { message, t } = this;
    return [
      run?.note && h("p", { class: "note" }, run.note),
      message.pinned && h("span", { class: "tag" }, t("pinned")),
      // Versions of a reply may come from several models.
      message.siblings?.length > 1 && run?.model && h("span", { class: "tag" }, run.model),
      run?.metrics?.length && this.#metrics(run.metrics),
      branchBar(this),
      actionBar(this),
    ].filter(Boolean);
  }

  /** The metrics that answer how long and how much; a button at their end shows the others. */
  #metrics(metrics) {
    const { t } = this;
    const list = metricList(metrics, t("metrics"), t);
    if (!list.querySelector(".detail")) return list;
    const toggle = h("button", { type: "button", class: "more-metrics", "data-action": "metrics", onclick: () => { this.hasAllMetrics = !this.hasAllMetrics; show(); } });
    const show = () => {
      list.classList.toggle("open", Boolean(this.hasAllMetrics));
      toggle.textContent = t(this.hasAllMetrics ? "fewerMetrics" : "moreMetrics");
      toggle.setAttribute("aria-expanded", String(Boolean(this.hasAllMetrics)));
    };
    show();
    list.append(h("li", {}, toggle));
    return list;
  }

  showReasoning(text) {
    const content = h("div", { class: "reasoning-text" }, text);
    this.reasoning.replaceChildren(h("details", {}, h("summary", {}, this.t("reasoning")), content));
  }

  #showImages() {
    const images = this.message.images ?? [];
    this.images.replaceChildren(...images.map((image) => h("img", { src: image.src, alt: image.alt, loading: "lazy" })));
  }

  /** Show the text without Markdown: cheap, searchable, and final for what the user wrote. */
  #showPlainText() {
    this.isRendered = this.message.role === "user" || !this.message.text;
    this.body.className = "body plain-text";
    writePlainText(this.body, this.message.text);
  }

  /** Draw the Markdown, a frame's worth at a time; the transcript calls this when the message comes near the screen. */
  render() {
    if (this.isRendered) return;
    this.isRendered = true;
    const stream = this.startText();
    stream.push(this.message.text);
    stream.end(isIncomplete(this.message));
    this.drain(stream);
  }

  /** Empty the body. @returns {MarkdownStream} draws what is pushed into it there */
  startText() {
    this.isRendered = true;
    this.body.className = "body md";
    return new MarkdownStream(this.body, this.t);
  }

  /** Flush *stream*, a frame's worth at a time, until all of it is drawn. */
  async drain(stream) {
    while (!stream.flush()) await new Promise(nextFrame);
    const { text } = this.message;
    if (needsWholeRender(text)) whenIdle(() => this.#renderWhole(text));
  }

  #renderWhole(text) {
    if (this.message.text !== text || this.isRaw) return;
    this.body.replaceChildren(render(lex(text), this.t));
    highlightLater(this.body);
  }

  toggleRaw() {
    this.isRaw = !this.isRaw;
    this.#showPlainText();
    if (!this.isRaw) this.render();
    this.updateDetails();
  }
}

/** What went wrong in this reply, what to do, and Retry. */
function errorCard(view, error) {
  const { t } = view;
  const codes = [error.status, error.code].filter(Boolean).join(" · ");
  const report = () => [error.request_id, codes, error.detail].filter(Boolean).join("\n");
  return h("section", { class: "error", role: "group", "aria-label": error.title },
    h("strong", {}, error.title),
    error.simulated && h("span", { class: "tag" }, t("simulated")),
    error.hint && h("p", {}, error.hint),
    h("div", { class: "codes" },
      codes && h("code", {}, codes),
      error.request_id && h("code", {}, t("requestId", { id: error.request_id })),
      error.request_id && copyButton(t, report),
      error.retryable && !view.owner.readonly && retryButton(view, error.retry_after)),
    error.detail && h("details", {}, h("summary", {}, t("details")), h("pre", { tabindex: "0" }, error.detail)));
}

function retryButton(view, seconds) {
  const label = h("span", {}, view.t("retry"));
  const button = h("button", { type: "button", class: "text", onclick: () => view.owner.onAction("regenerate", view) },
    icon("regenerate"), label);
  if (seconds > 0) {
    button.disabled = true;
    countdown(seconds, (remaining) => {
      label.textContent = remaining > 0 ? view.t("retryIn", { seconds: Math.ceil(remaining) }) : view.t("retry");
      button.disabled = remaining > 0;
    });
  }
  return button;
}
