/** Entry of the live component: one instance for each place it is mounted in, kept through reruns of the page. */

// Named here too, so that the browser fetches them side by side instead of one import after the other.
import "./vendor/marked.js";
import "./vendor/dompurify.js";
import "./actions.js";
import "./bars.js";
import "./composer.js";
import "./exchange.js";
import "./height.js";
import "./images.js";
import "./labels.js";
import "./log.js";
import "./markdown.js";
import "./message.js";
import "./reply.js";
import "./sanitize.js";
import "./stream.js";
import "./transcript.js";
import "./welcome.js";
import { Chat } from "./chat.js";
import { h } from "./dom.js";
import { Job } from "./job.js";
import { mounter } from "./mounting.js";
import { Outbox } from "./outbox.js";

export const mount = mounter(new URL("live.css", import.meta.url).href, make);

function make({ mode }) {
  const widget = mode === "job" ? new Job() : new Chat();
  const outbox = new Outbox();
  return {
    element: h("div", { class: `live ${mode === "job" ? "job" : "chat"}` }, widget.element),
    configure(data, trigger) {
      outbox.configure(trigger);
      widget.configure(data, (name, value) => outbox.send(name, value));
    },
    close() {
      outbox.close();
      widget.close();
    },
  };
}
