/** Mount a component where Streamlit says, with a stylesheet of its own, and keep it through reruns of the page. */

import { h } from "./dom.js";

const instances = new WeakMap();

/**
 * Make the `mount` of a component: it draws one or, on a rerun, updates it, and returns what removes it.
 * @param {string} stylesheet its address
 * @param {(data: object) => {element: HTMLElement, configure: (data: object, trigger: (name: string, value: unknown) => void) => void, close: () => void}} make
 */
export function mounter(stylesheet, make) {
  return ({ parentElement: parent, data: sent, setTriggerValue }) => {
    const data = decode(sent);
    const instance = instances.get(parent) ?? create(parent, stylesheet, make(data));
    const mounting = (instance.mounting += 1);
    instance.widget.configure(data, setTriggerValue);
    // A rerun may clean up the former mount just before it mounts again: removing waits for that.
    return () => setTimeout(() => instance.mounting === mounting && remove(parent, instance), 50);
  };
}

function create(parent, address, widget) {
  const stylesheet = h("link", { rel: "stylesheet", href: address });
  widget.element.style.visibility = "hidden";
  const show = () => widget.element.style.removeProperty("visibility");
  for (const event of ["load", "error"]) stylesheet.addEventListener(event, show);
  parent.append(stylesheet, widget.element);
  keepKeys(widget.element);
  const instance = { widget, stylesheet, mounting: 0 };
  instances.set(parent, instance);
  return instance;
}

/** Keep plain typing from the page's own shortcuts: they see the component, not its text box, as the target. */
function keepKeys(root) {
  for (const type of ["keydown", "keypress", "keyup"]) {
    root.addEventListener(type, (event) => {
      if (!event.ctrlKey && !event.metaKey && !event.altKey) event.stopPropagation();
    });
  }
}

function remove(parent, { widget, stylesheet }) {
  instances.delete(parent);
  widget.close();
  widget.element.remove();
  stylesheet.remove();
}

/** Streamlit hands bytes over as a Uint8Array, and a dict as an object. */
function decode(data) {
  if (data instanceof ArrayBuffer || ArrayBuffer.isView(data)) return JSON.parse(new TextDecoder().decode(data));
  return typeof data === "string" ? JSON.parse(data) : data;
}
