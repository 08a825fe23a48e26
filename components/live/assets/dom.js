/** Build DOM nodes, icons and timers; none of these functions parses text as HTML. */

/**
 * Create an element ("hyperscript").
 * @param {string} tag
 * @param {Record<string, unknown>} [props] listeners, named like `onclick`; everything else is an attribute
 * @param {...(Node|string|null|false|Array<Node|string|null|false>)} children
 * @returns {HTMLElement}
 */
export function h(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) setProp(node, name, value);
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

function setProp(node, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
  else node.setAttribute(name, value === true ? "" : String(value));
}

const LONGEST_VALUE = 24; // characters
const CONFIRMATION_MS = 1500;

const PATHS = {
  add: "M12 5v14M5 12h14",
  attach: "M12 5v14M5 12h14",
  check: "M5 12.5l4.5 4.5L19 7.5",
  close: "M6 6l12 12M18 6L6 18",
  compare: "M4 5h6v14H4zM14 5h6v14h-6z",
  continue: "M5 5l8 7-8 7zM17 5v14",
  copy: "M9 9h11v11H9zM5 15H4V4h11v1",
  delete: "M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13M10 11v5M14 11v5",
  duplicate: "M9 9h11v11H9zM5 15H4V4h11v1M14.5 12v5M12 14.5h5",
  down: "M12 5v14M6 13l6 6 6-6",
  edit: "M4 20l1-4L16 5l3 3L8 19zM14 7l3 3",
  expand: "M6 9l6 6 6-6",
  inspect: "M9 6l-6 6 6 6M15 6l6 6-6 6",
  fail: "M12 4l9 16H3zM12 10v4M12 17v.5",
  more: "M5.5 12h.01M12 12h.01M18.5 12h.01",
  next: "M9 5l7 7-7 7",
  pin: "M9 4h6l-1 6 3 3v2H7v-2l3-3zM12 15v6",
  previous: "M15 5l-7 7 7 7",
  raw: "M4 6h16M4 10h10M4 14h16M4 18h7",
  regenerate: "M20 11a8 8 0 1 0-2.3 6.3M20 4v7h-7",
  regenerateWith: "M4 8h13l-3-3M20 16H7l3 3",
  send: "M12 19V5M6 11l6-6 6 6",
  settings: "M4 7h9M17 7h3M4 17h3M11 17h9M15 5v4M9 15v4",
  stop: "M7 7h10v10H7z",
  tokens: "M8 4H5v16h3M16 4h3v16h-3M9 12h6",
};

/**
 * @param {keyof typeof PATHS} name
 * @returns {SVGElement}
 */
export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}

/** An icon button whose label is both its accessible name and its tooltip. */
export function iconButton(name, label, onclick, props = {}) {
  return h("button", { type: "button", class: "icon", "aria-label": label, title: label, onclick, ...props }, icon(name));
}

/**
 * A value with its label, such as "250 ms total" or, with the label first, "Finished: stop".
 * @typedef {{value: string|number, label: string, hint?: string, label_first?: boolean, is_detail?: boolean, explanation?: string}} Metric
 */

/**
 * @param {Metric} metric
 * @returns {string}
 */
export function metricText({ value, label, label_first: labelFirst }) {
  return labelFirst ? `${label}: ${value}` : `${value} ${label}`;
}

/**
 * @param {Metric[]} metrics each hint is a tooltip
 * @param {string} label of the list as a whole
 * @param {import("./labels.js").Translate} t
 * @returns {HTMLElement}
 */
export function metricList(metrics, label, t) {
  const items = metrics.map((metric) => {
    const value = metricValue(metric, t);
    const content = metric.label_first ? [`${metric.label}: `, value] : [value, ` ${metric.label}`];
    if (metric.explanation) return explainedMetric(content, metric.explanation);
    return h("li", { title: metric.hint || null, class: metric.is_detail ? "detail" : null }, ...content);
  });
  return h("ul", { class: "metrics", "aria-label": label }, items);
}

/** A metric that opens its *explanation*, also for a finger and a screen reader, which have no tooltips. */
function explainedMetric(content, explanation) {
  return h("li", { class: "explained" }, h("details", {}, h("summary", {}, ...content), h("p", {}, explanation)));
}

/**
 * A detail too long to read, such as a request ID, is shortened, and a click copies it. All other values are read,
 * and one with an explanation is in a <summary>, where a second control would take its clicks.
 */
function metricValue({ value: content, explanation, is_detail: isDetail }, t) {
  const value = String(content);
  if (explanation || !isDetail || value.length <= LONGEST_VALUE) return h("span", { class: "value" }, value);
  const props = { type: "button", class: "value long", title: `${t("copy")}: ${value}`, onclick: () => copyText(value) };
  return h("button", props, value);
}

/**
 * Call *onTick* ten times a second until no time is left.
 * @param {number} seconds
 * @param {(remaining: number) => void} onTick gets the remaining seconds, at last 0
 * @returns {() => void} cancels it
 */
export function countdown(seconds, onTick) {
  const end = performance.now() + seconds * 1000;
  const tick = () => {
    const remaining = Math.max(0, (end - performance.now()) / 1000);
    onTick(remaining);
    if (remaining === 0) clearInterval(timer);
  };
  const timer = setInterval(tick, 100);
  tick();
  return () => clearInterval(timer);
}

/** Copy *text*, also where the clipboard API is missing because the page is not served securely. */
export async function copyText(text) {
  if (navigator.clipboard && window.isSecureContext) return navigator.clipboard.writeText(text);
  const area = h("textarea", { style: "position:fixed;opacity:0" });
  area.value = text;
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}

/**
 * A copy button that confirms the copy for a moment.
 * @param {import("./labels.js").Translate} t
 * @param {() => string} getText called at the time of the click
 * @param {string} [label]
 */
export function copyButton(t, getText, label = t("copy")) {
  const button = iconButton("copy", label, async () => {
    await copyText(getText());
    button.replaceChildren(icon("check"));
    button.title = t("copied");
    setTimeout(() => {
      button.replaceChildren(icon("copy"));
      button.title = label;
    }, CONFIRMATION_MS);
  });
  return button;
}

/** Whether Enter means "send": not with Shift, and not the Enter that ends an IME composition (229 in Safari). */
export function isSendKey(event) {
  return event.key === "Enter" && !event.shiftKey && !event.isComposing && event.keyCode !== 229;
}
