/** Turn untrusted Markdown tokens into inert DOM: marked writes HTML, DOMPurify keeps what the policy allows. */

import createPurifier from "./vendor/dompurify.js";
import { copyButton, h } from "./dom.js";
import { isPlainParagraph, lex, toHtml } from "./markdown-parser.js";
import { filterAttribute, filterMathAttribute, HIGHLIGHT_CONFIG, IMAGE_LINK_CLASS, languageOfClass, linkProperties, MATH_CLASS, MATH_CONFIG, MESSAGE_CONFIG } from "./sanitize-policy.js";

const PRELOAD_DELAY_MS = 1000; // people need longer to write a message
const MAX_FORMULA = 4_000; // characters
const MAX_HIGHLIGHT = 16_000; // characters; colouring more would hold up the page for longer than a frame

const messagePurifier = createPurifier(window);
messagePurifier.addHook("uponSanitizeAttribute", filterAttribute);
const highlightPurifier = createPurifier(window);
const mathPurifier = createPurifier(window);
mathPurifier.addHook("uponSanitizeAttribute", filterMathAttribute);
let temml = null; // once it is loaded

/**
 * @param {object[]} tokens as `lex` returns them
 * @param {import("./labels.js").Translate} t
 * @returns {DocumentFragment}
 */
export function render(tokens, t) {
  if (tokens.length === 1 && isPlainParagraph(tokens[0])) return renderPlainParagraph(tokens[0]);
  const fragment = messagePurifier.sanitize(toHtml(tokens), MESSAGE_CONFIG);
  for (const link of fragment.querySelectorAll("a")) secureLink(link, t);
  for (const pre of fragment.querySelectorAll("pre")) pre.replaceWith(codeFigure(pre, t));
  drawFormulas(fragment);
  for (const table of fragment.querySelectorAll("table")) table.replaceWith(scrollRegion(table.cloneNode(true), t("table")));
  return fragment;
}

function renderPlainParagraph({ tokens }) {
  const fragment = document.createDocumentFragment();
  fragment.append(h("p", {}, tokens.map((token) => token.text).join("")), "\n");
  return fragment;
}

/**
 * Have marked and DOMPurify compiled before the first token of a reply needs them; a browser compiles in several rounds.
 * @param {import("./labels.js").Translate} t
 * @param {number} [delay] ms without work of ours, so that the page can be used first
 */
export function preload(t, delay = PRELOAD_DELAY_MS, rounds = 3) {
  setTimeout(() => whenIdle(() => {
    for (const text of ["a", "# a\n\n- *b* [c](https://d.e)\n\n```f\n```\n"]) render(lex(text), t);
    if (rounds > 1) preload(t, 0, rounds - 1);
  }), delay);
}

function secureLink(link, t) {
  if (link.className === IMAGE_LINK_CLASS) link.prepend(`${t("image")}: `);
  Object.assign(link, linkProperties(link.getAttribute("href"), t));
}

/** @param {string} label for a keyboard user, who scrolls it once it has the focus */
function scrollRegion(content, label) {
  return h("div", { class: "scroll-x", role: "region", "aria-label": label, tabindex: "0" }, content);
}

function codeFigure(pre, t) {
  const code = h("code", { class: pre.firstElementChild?.className || null }, pre.textContent);
  const language = languageOfClass(code.className);
  const copy = copyButton(t, () => code.textContent.trimEnd(), t("copyCode"));
  const caption = h("figcaption", {}, h("span", {}, language), copy);
  return h("figure", { class: "code" }, caption, h("pre", { tabindex: "0", "aria-label": language || t("code") }, code));
}

/** Colour the finished code blocks inside *root* when the browser has time; the highlighter loads at the first one. */
export function highlightLater(root) {
  for (const code of root.querySelectorAll("figure.code code[class]:not([data-highlight])")) {
    if (code.textContent.length > MAX_HIGHLIGHT) continue;
    code.dataset.highlight = "requested";
    whenIdle(() => highlight(code));
  }
}

/** Draw the formulas in *root*, or later if the converter has to be loaded; what is not TeX stays as it is written. */
async function drawFormulas(root) {
  const sources = root.querySelectorAll(`code.${MATH_CLASS.block}, code.${MATH_CLASS.inline}`);
  if (sources.length === 0) return;
  // Without waiting once it is loaded, so that a growing block does not flicker.
  temml ??= (await import("./vendor/temml.js")).default;
  for (const code of sources) drawFormula(code);
}

function drawFormula(code) {
  if (code.textContent.length > MAX_FORMULA || !code.parentNode) return;
  try {
    const options = { displayMode: code.className === MATH_CLASS.block, trust: false, maxSize: [20, 1000], maxExpand: 200 };
    code.replaceWith(mathPurifier.sanitize(temml.renderToString(code.textContent, { ...options, throwOnError: true }), MATH_CONFIG));
  } catch {
    // Not TeX: the source is more useful than an error.
  }
}

/** @param {() => void} task */
export function whenIdle(task) {
  if (window.requestIdleCallback) window.requestIdleCallback(task, { timeout: 2000 });
  else setTimeout(task, 50); // Safari
}

async function highlight(code) {
  const { default: hljs } = await import("./vendor/highlight.js");
  const language = languageOfClass(code.className);
  if (!hljs.getLanguage(language)) return;
  const html = hljs.highlight(code.textContent, { language, ignoreIllegals: true }).value;
  code.replaceChildren(highlightPurifier.sanitize(html, HIGHLIGHT_CONFIG));
}
