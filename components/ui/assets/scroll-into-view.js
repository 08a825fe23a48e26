/** Scrolls a container that has just got its content into view, unless enough of it is visible. */

import { h } from "../../live/assets/dom.js";
import { createMount } from "../../live/assets/mount.js";

const MIN_VISIBLE = 0.35; // of the window

export const mount = createMount([], () => {
  let shown = null;
  return {
    element: h("span", {}),
    /** @param {{container: string, item: string}} data the class of the container, and what is in it */
    configure({ container, item }) {
      if (item === shown) return; // a rerun of the page
      shown = item;
      const element = document.querySelector(`.${CSS.escape(container)}`);
      // What the container has besides this component is laid out by then.
      requestAnimationFrame(() => element && scrollIntoView(element));
    },
    close() {},
  };
});

/** Scroll as little as shows all of *element*, or its beginning; nothing if a good part of it is visible. */
export function scrollIntoView(element) {
  const { top, bottom, height } = element.getBoundingClientRect();
  const visible = Math.min(bottom, innerHeight) - Math.max(top, 0);
  if (visible < Math.min(height, MIN_VISIBLE * innerHeight)) element.scrollIntoView({ block: "nearest" });
}
