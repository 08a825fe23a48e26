/** Entry of the live component: one instance for each place where it is mounted, kept through reruns of the page. */

// Named here too, so that the browser fetches them side by side instead of one import after the other.
import "./vendor/marked.js";
import "./vendor/dompurify.js";
import "./actions.js";
import "./call-split.js";
import "./chat-request.js";
import "./composer.js";
import "./empty-state.js";
import "./height.js";
import "./images.js";
import "./labels.js";
import "./markdown.js";
import "./markdown-parser.js";
import "./message.js";
import "./message-changes.js";
import "./notifications.js";
import "./other-tabs.js";
import "./reply.js";
import "./sanitize.js";
import "./sanitize-policy.js";
import "./session-token.js";
import "./stream.js";
import "./transcript.js";
import { Chat } from "./chat.js";
import { h } from "./dom.js";
import { createMount } from "./mount.js";
import { RerunQueue } from "./rerun-queue.js";
import { RunView } from "./run-view.js";

export const mount = createMount(new URL("live.css", import.meta.url).href, createWidget);

function createWidget({ mode }) {
  const view = mode === "run" ? new RunView() : new Chat();
  const reruns = new RerunQueue();
  return {
    element: h("div", { class: `live ${mode === "run" ? "run" : "chat"}` }, view.element),
    configure(data, trigger) {
      reruns.configure(trigger);
      view.configure(data, (name, value) => reruns.push(name, value));
    },
    onShow() {
      view.composer?.onShow();
    },
    close() {
      reruns.close();
      view.close();
    },
  };
}
