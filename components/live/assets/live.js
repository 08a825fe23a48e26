/** Entry of the live component: one instance for each place where it is mounted, kept through reruns of the page. */

import styles from "./live.css" with { type: "css" };
import { Chat } from "./chat.js";
import { h } from "./dom.js";
import { createMount } from "./mount.js";
import { RerunQueue } from "./rerun-queue.js";
import { RunView } from "./run-view.js";

export const mount = createMount([styles], createWidget);

function createWidget({ mode }) {
  const view = mode === "run" ? new RunView() : new Chat();
  const reruns = new RerunQueue();
  return {
    element: h("div", { class: `live ${mode === "run" ? "run" : "chat"}` }, view.element),
    configure(data, trigger) {
      reruns.configure(trigger);
      view.configure(data, (name, value) => reruns.push(name, value));
    },
    close() {
      reruns.close();
      view.close();
    },
  };
}
