/** What an empty conversation shows: a heading, and example prompts that one click sends. */

import { h } from "./dom.js";

/**
 * @param {{t: import("./labels.js").Translate, readonly: boolean, send: (text: string, images: object[]) => void}} chat
 * @param {{title: string, prompt: string, preview?: string}[]} examples
 * @returns {HTMLElement[]}
 */
export function emptyState(chat, examples) {
  const { t, readonly } = chat;
  const buttons = examples.map(({ title, prompt, preview = prompt }) => h("button",
    { type: "button", class: "example", title: prompt, disabled: readonly, onclick: () => chat.send(prompt, []) },
    h("strong", {}, title), h("span", {}, preview)));
  const list = h("div", { class: "examples", role: "group", "aria-label": t("examplePrompts") }, buttons);
  return [h("h2", {}, t("emptyConversation")), list];
}
