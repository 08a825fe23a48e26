/** Mount a component where Streamlit wants it, with stylesheets of its own, and keep it through reruns of the page. */

const UNMOUNT_DELAY_MS = 50;
const instances = new WeakMap();

/**
 * @typedef {object} Widget
 * @property {HTMLElement} element inserted into the component's place
 * @property {(data: object, trigger: (name: string, value: unknown) => void) => void} configure called with each rerun, the first time when the element is on the page
 * @property {() => void} close called before the element is removed
 */

/**
 * Create the `mount` function of a component: it creates the widget or, on a rerun, updates it, and returns what removes it.
 * @param {CSSStyleSheet[]} stylesheets
 * @param {(data: object) => Widget} createWidget
 */
export function createMount(stylesheets, createWidget) {
  return ({ parentElement: parent, data: encoded, setTriggerValue }) => {
    const data = decode(encoded);
    const instance = instances.get(parent) ?? createInstance(parent, stylesheets, createWidget(data));
    const mountCount = (instance.mountCount += 1);
    instance.widget.configure(data, setTriggerValue);
    // A rerun may clean up the former mount just before it mounts again: the removal waits for that.
    return () => setTimeout(() => instance.mountCount === mountCount && remove(parent, instance), UNMOUNT_DELAY_MS);
  };
}

function createInstance(parent, stylesheets, widget) {
  const { adoptedStyleSheets } = parent.getRootNode();
  adoptedStyleSheets.push(...stylesheets.filter((sheet) => !adoptedStyleSheets.includes(sheet)));
  parent.append(widget.element);
  stopPlainKeys(widget.element);
  const instance = { widget, mountCount: 0 };
  instances.set(parent, instance);
  return instance;
}

/** Keep plain typing from the page's own shortcuts: they see the component, not its text box, as the target. */
function stopPlainKeys(root) {
  for (const type of ["keydown", "keypress", "keyup"]) {
    root.addEventListener(type, (event) => {
      if (!event.ctrlKey && !event.metaKey && !event.altKey) event.stopPropagation();
    });
  }
}

function remove(parent, { widget }) {
  instances.delete(parent);
  widget.close();
  widget.element.remove();
}

/** Streamlit passes bytes on as a Uint8Array, and a dict as an object. */
function decode(data) {
  if (data instanceof ArrayBuffer || ArrayBuffer.isView(data)) return JSON.parse(new TextDecoder().decode(data));
  return typeof data === "string" ? JSON.parse(data) : data;
}
