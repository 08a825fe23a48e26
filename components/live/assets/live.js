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
import { Outbox } from "./outbox.js";

const instances = new WeakMap();

/**
 * Draw, or on a rerun update, the component.
 * @param {{parentElement: ShadowRoot, data: unknown, setTriggerValue: (name: string, value: unknown) => void}} component
 * @returns {() => void} removes it, unless it has been mounted again by then
 */
export function mount(component) {
  const data = decode(component.data);
  const instance = instances.get(component.parentElement) ?? create(component.parentElement, data.mode);
  const mounting = (instance.mounting += 1);
  instance.outbox.configure((name, value) => component.setTriggerValue(name, value));
  instance.widget.configure(data, (name, value) => instance.outbox.send(name, value));
  // A rerun may clean up the former mount just before it mounts again: removing waits for that.
  return () => setTimeout(() => instance.mounting === mounting && remove(component.parentElement, instance), 50);
}

function create(parent, mode) {
  const stylesheet = h("link", { rel: "stylesheet", href: new URL(`live.css${location(import.meta.url)}`, import.meta.url).href });
  const widget = mode === "job" ? new Job() : new Chat();
  const root = h("div", { class: `live ${mode === "job" ? "job" : "chat"}`, style: "visibility:hidden" }, widget.element);
  stylesheet.addEventListener("load", () => root.removeAttribute("style"));
  stylesheet.addEventListener("error", () => root.removeAttribute("style"));
  parent.append(stylesheet, root);
  keepKeys(root);
  const instance = { widget, root, stylesheet, outbox: new Outbox(), mounting: 0 };
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

const location = (url) => new URL(url).search;

function remove(parent, { widget, root, stylesheet, outbox }) {
  instances.delete(parent);
  outbox.close();
  widget.close();
  root.remove();
  stylesheet.remove();
}

/** Streamlit hands bytes over as a Uint8Array, and a dict as an object. */
function decode(data) {
  if (data instanceof ArrayBuffer || ArrayBuffer.isView(data)) return JSON.parse(new TextDecoder().decode(data));
  return typeof data === "string" ? JSON.parse(data) : data;
}
