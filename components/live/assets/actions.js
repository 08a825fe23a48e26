/** What can be done with one message: the row of actions, the branch arrows, the inline editor, undo. */

import { copyButton, h, iconButton, isSendKey } from "./dom.js";

/** Whether each action makes sense for a message, in the order they are shown. */
const ACTIONS = [
  ["regenerate", ({ message, owner }) => message.role === "assistant" && !owner.readonly],
  ["continue", ({ message, owner }) => message.run?.can_continue && !owner.readonly],
  ["edit", ({ message, owner }) => message.role === "user" && !owner.readonly],
  ["raw", ({ message }) => message.role === "assistant" && message.text],
  ["inspect", ({ message }) => message.run?.id],
  ["pin", ({ owner }) => !owner.readonly],
  ["delete", ({ owner }) => !owner.readonly],
];

/** @param {import("./message.js").MessageView} view */
export function actionBar(view) {
  if (!view.message.id || view.message.run?.state === "running") return null;
  const { say } = view;
  const copy = copyButton(say, () => view.message.text);
  const offered = ACTIONS.filter(([, applies]) => applies(view));
  return h("div", { class: "actions" }, copy, offered.map(([name]) => actionButton(view, name)));
}

function actionButton(view, name) {
  const { message, say, raw } = view;
  const label = { raw: raw ? "rendered" : "raw", pin: message.pinned ? "unpin" : "pin" }[name] ?? name;
  const pressed = { raw, pin: message.pinned }[name];
  const props = { "data-action": name, "aria-pressed": pressed === undefined ? null : String(Boolean(pressed)) };
  return iconButton(name, say(label), () => view.owner.act(name, view), props);
}

/** The arrows between the versions of a message, or null when there is only one. */
export function branchBar(view) {
  const { say, owner, message } = view;
  const ids = message.siblings ?? [];
  if (ids.length < 2 || message.run?.state === "running") return null;
  const at = ids.indexOf(message.id);
  const go = (step) => owner.act("select", view, ids[at + step]);
  const text = say("branch", { at: at + 1, of: ids.length });
  return h("div", { class: "branch", role: "group", "aria-label": text },
    iconButton("previous", say("previous"), () => go(-1), { disabled: at <= 0 || owner.readonly }),
    h("span", { title: text }, `${at + 1}/${ids.length}`),
    iconButton("next", say("next"), () => go(1), { disabled: at >= ids.length - 1 || owner.readonly }));
}

/**
 * Put an editor in place of the message's text.
 * @param {import("./message.js").MessageView} view
 * @param {(text: string) => boolean} onSave whether it took the text; if not, the editor stays open
 */
export function editInPlace(view, onSave) {
  const { say, message } = view;
  const area = h("textarea", { "aria-label": say("editing"), rows: "1" });
  area.value = message.text;
  const save = h("button", { type: "button", class: "text primary", onclick: () => close(true) }, say("saveSend"));
  const cancel = h("button", { type: "button", class: "text", onclick: () => close(false) }, say("cancel"));
  const editor = h("div", { class: "editor" }, area, h("div", { class: "row" }, cancel, save));
  area.addEventListener("keydown", (event) => onEditorKey(event, close));
  view.element.classList.add("editing");
  view.body.after(editor);
  area.focus();

  function close(keep) {
    const text = area.value.trim();
    if (keep && !(text && onSave(text))) return;
    editor.remove();
    view.element.classList.remove("editing");
    if (!keep) view.element.querySelector("[data-action=edit]")?.focus();
  }
}

function onEditorKey(event, close) {
  if (event.key === "Escape") close(false);
  if (!isSendKey(event)) return;
  event.preventDefault();
  close(true);
}

/** A bar that offers *onUndo* for eight seconds, or while it has the focus. */
export function undoBar(say, onUndo) {
  const undo = h("button", { type: "button", class: "text", onclick: () => { bar.remove(); onUndo(); } }, say("undo"));
  const bar = h("div", { class: "bar", role: "status" }, h("span", {}, say("deleted")), undo);
  const timer = setInterval(() => {
    if (bar.contains(bar.getRootNode().activeElement) || bar.matches(":hover")) return;
    bar.remove();
    clearInterval(timer);
  }, 8000);
  return { bar, undo };
}
