/** A menu of labelled choices below a button, in the top layer, for mouse, finger and keyboard. */

import { h, icon } from "./dom.js";

const GAP = 4; // px between the menu and its button
const MARGIN = 8; // px to the edge of the window

/** @typedef {{name: string, icon?: string, label: string, isChecked?: boolean, onSelect: () => void}} MenuItem */

/**
 * @param {HTMLElement} anchor the button; it gets the focus back
 * @param {MenuItem[]} items
 * @param {string} label of the menu as a whole, shown above *items* if *hasTitle*
 * @param {{hasTitle?: boolean}} [options]
 */
export function openMenu(anchor, items, label, { hasTitle = false } = {}) {
  const buttons = items.map((item) => menuItem(item, () => {
    anchor.focus();
    menu.hidePopover();
    item.onSelect();
  }));
  const menu = h("div", { class: "menu", popover: "auto", role: "menu", "aria-label": label, onkeydown: (event) => onKey(event, buttons, menu) },
    hasTitle && h("p", { class: "menu-title", "aria-hidden": "true" }, label), buttons);
  menu.addEventListener("toggle", ({ newState }) => {
    anchor.setAttribute("aria-expanded", String(newState === "open"));
    if (newState === "open") return;
    if (menu.contains(menu.getRootNode().activeElement)) anchor.focus();
    menu.remove();
  });
  anchor.closest(".live").append(menu);
  menu.showPopover();
  place(menu, anchor);
  buttons[0]?.focus();
}

function menuItem({ name, icon: iconName, label, isChecked }, onclick) {
  const role = isChecked === undefined ? "menuitem" : "menuitemcheckbox";
  const checked = isChecked === undefined ? null : String(isChecked);
  return h("button", { type: "button", role, class: "menu-item", tabindex: "-1", "data-action": name, "aria-checked": checked, onclick }, iconName && icon(iconName), label);
}

function place(menu, anchor) {
  const button = anchor.getBoundingClientRect();
  const isBelow = button.bottom + GAP + menu.offsetHeight <= window.innerHeight - MARGIN || button.top < menu.offsetHeight;
  const top = isBelow ? button.bottom + GAP : button.top - GAP - menu.offsetHeight;
  menu.style.top = `${Math.max(MARGIN, Math.min(top, window.innerHeight - menu.offsetHeight - MARGIN))}px`;
  menu.style.left = `${Math.max(MARGIN, Math.min(button.left, window.innerWidth - menu.offsetWidth - MARGIN))}px`;
}

function onKey(event, buttons, menu) {
  const index = buttons.indexOf(menu.getRootNode().activeElement);
  const next = { ArrowDown: index + 1, ArrowUp: index - 1, Home: 0, End: buttons.length - 1 }[event.key];
  if (event.key === "Tab") menu.hidePopover();
  if (next === undefined) return;
  event.preventDefault();
  buttons[(next + buttons.length) % buttons.length].focus();
}
