/** Entry of the comparison component: one instance for each place where it is mounted, which survives reruns of the page. */

// Named here too, so that the browser fetches them side by side instead of one import after the other.
import "../../live/assets/vendor/marked.js";
import "../../live/assets/vendor/dompurify.js";
import "../../live/assets/actions.js";
import "../../live/assets/labels.js";
import "../../live/assets/markdown.js";
import "../../live/assets/markdown-parser.js";
import "../../live/assets/message.js";
import "../../live/assets/notifications.js";
import "../../live/assets/reply.js";
import "../../live/assets/sanitize.js";
import "../../live/assets/sanitize-policy.js";
import "../../live/assets/session-token.js";
import "../../live/assets/stream.js";
import "./difference-panel.js";
import "./grid.js";
import "./prompt-form.js";
import "./reply-cell.js";
import "./run-group.js";
import "./summary.js";
import "./variant-column.js";
import { h } from "../../live/assets/dom.js";
import { createMount } from "../../live/assets/mount.js";
import { RerunQueue } from "../../live/assets/rerun-queue.js";
import { ComparisonView } from "./comparison-view.js";

export const mount = createMount(new URL("compare.css", import.meta.url).href, () => {
  const view = new ComparisonView();
  const reruns = new RerunQueue();
  return {
    element: h("div", { class: "live compare" }, view.element),
    configure(data, trigger) {
      reruns.configure(trigger);
      view.configure(data, (name, value) => reruns.push(name, value));
    },
    close() {
      reruns.close();
      view.close();
    },
  };
});
