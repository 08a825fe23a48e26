/** What an empty conversation shows: a greeting, and questions to start with. */

import { h } from "./dom.js";

/**
 * @param {{say: import("./dom.js").Say, readonly: boolean, send: (text: string, images: object[]) => void}} owner
 * @param {{title: string, prompt: string}[]} starters
 */
export function welcome(owner, starters) {
  const { say, readonly } = owner;
  const buttons = starters.map(({ title, prompt }) => h("button",
    { type: "button", class: "starter", title: prompt, disabled: readonly, onclick: () => owner.send(prompt, []) },
    h("strong", {}, title), h("span", {}, prompt)));
  return [h("h2", {}, say("welcome")), h("div", { class: "starters", role: "group", "aria-label": say("starters") }, buttons)];
}
