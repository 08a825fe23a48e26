/** Entry of the comparison component: one instance for each place where it is mounted, which survives reruns of the page. */

import replyStyles from "../../live/assets/live.css" with { type: "css" };
import fieldStyles from "../../ui/assets/model-field.css" with { type: "css" };
import styles from "./compare.css" with { type: "css" };
import { h } from "../../live/assets/dom.js";
import { createMount } from "../../live/assets/mount.js";
import { RerunQueue } from "../../live/assets/rerun-queue.js";
import { ComparisonView } from "./comparison-view.js";

export const mount = createMount([replyStyles, fieldStyles, styles], () => {
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
