/** The controls of one message: its actions, the arrows between its versions, the inline editor, undo. */

import { copyButton, h, iconButton, isSendKey } from "./dom.js";
import { hasMenu } from "./message-menu.js";

const UNDO_MS = 8000;

/** The actions in the order they are shown, each with the messages that have it. */
const ACTIONS = [
  ["regenerate", ({ message, owner }) => message.role === "assistant" && !owner.readonly],
  ["continue", ({ message, owner }) => message.run?.can_continue && !owner.readonly],
  ["edit", ({ message, owner }) => message.role === "user" && !owner.readonly],
  ["raw", ({ message, owner }) => message.role === "assistant" && message.text && !owner.menu],
  ["inspect", ({ message }) => message.run?.id],
];

/**
 * @param {import("./message.js").MessageView} view
 * @returns {HTMLElement|null} null for a message that is not saved, or not complete yet
 */
export function actionBar(view) {
  if (!view.message.id || view.message.run?.state === "running") return null;
  const copy = copyButton(view.t, () => view.message.text);
  const { actions } = view.owner;
  const offered = ACTIONS.filter(([name, applies]) => (actions?.includes(name) ?? true) && applies(view));
  const buttons = offered.map(([name]) => actionButton(view, name));
  return h("div", { class: "actions" }, copy, buttons, view.owner.menu && hasMenu(view) && moreButton(view));
}

function actionButton(view, name) {
  const isToggle = name === "raw";
  const props = { "data-action": name, "aria-pressed": isToggle ? String(view.isRaw) : null };
  const label = view.t(isToggle && view.isRaw ? "rendered" : name);
  return iconButton(name, label, () => view.owner.onAction(name, view), props);
}

function moreButton(view) {
  const props = { "data-action": "more", "aria-haspopup": "menu", "aria-expanded": "false" };
  return iconButton("more", view.t("more"), (event) => view.owner.menu.open(view, event.currentTarget), props);
}

/**
 * The arrows between the versions of a message.
 * @param {import("./message.js").MessageView} view
 * @returns {HTMLElement|null} null when there is only one version
 */
export function branchBar(view) {
  const { t, owner, message } = view;
  const ids = message.siblings ?? [];
  if (ids.length < 2 || message.run?.state === "running") return null;
  const index = ids.indexOf(message.id);
  const select = (step) => owner.onAction("select", view, ids[index + step]);
  const text = t("branch", { number: index + 1, count: ids.length });
  return h("div", { class: "branch", role: "group", "aria-label": text },
    iconButton("previous", t("previousVersion"), () => select(-1), { disabled: index <= 0 || owner.readonly }),
    h("span", { title: text }, `${index + 1}/${ids.length}`),
    iconButton("next", t("nextVersion"), () => select(1), { disabled: index >= ids.length - 1 || owner.readonly }));
}

/**
 * Put an editor in place of the message's text.
 * @param {import("./message.js").MessageView} view
 * @param {(text: string) => boolean} onSave returns whether it accepts the text; if not, the editor stays open
 */
export function editInPlace(view, onSave) {
  const { t, message } = view;
  const area = h("textarea", { "aria-label": t("editMessage"), rows: "1" });
  area.value = message.text;
  const save = h("button", { type: "button", class: "text primary", onclick: () => close(true) }, t("saveAndSend"));
  const cancel = h("button", { type: "button", class: "text", onclick: () => close(false) }, t("cancel"));
  const editor = h("div", { class: "editor" }, area, h("div", { class: "row" }, cancel, save));
  area.addEventListener("keydown", (event) => onEditorKey(event, close));
  view.element.classList.add("editing");
  view.body.after(editor);
  area.focus();

  function close(isSaved) {
    const text = area.value.trim();
    if (isSaved && !(text && onSave(text))) return;
    editor.remove();
    view.element.classList.remove("editing");
    if (!isSaved) view.element.querySelector("[data-action=edit]")?.focus();
  }
}

function onEditorKey(event, close) {
  if (event.key === "Escape") close(false);
  if (!isSendKey(event)) return;
  event.preventDefault();
  close(true);
}

/**
 * A notification that offers to undo a deletion, for some seconds or as long as it has the focus.
 * @param {import("./labels.js").Translate} t
 * @param {() => void} onUndo
 * @returns {{element: HTMLElement, button: HTMLElement}}
 */
export function undoNotification(t, onUndo) {
  const button = h("button", { type: "button", class: "text", onclick: () => { element.remove(); onUndo(); } }, t("undo"));
  const element = h("div", { class: "notification", role: "status" }, h("span", {}, t("deleted")), button);
  const timer = setInterval(() => {
    if (element.contains(element.getRootNode().activeElement) || element.matches(":hover")) return;
    element.remove();
    clearInterval(timer);
  }, UNDO_MS);
  return { element, button };
}
