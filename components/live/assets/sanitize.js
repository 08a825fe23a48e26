/** Untrusted Markdown tokens -> inert DOM: marked writes HTML, DOMPurify keeps an allow-list of it. */

import { Marked } from "./vendor/marked.js";
import createPurifier from "./vendor/dompurify.js";
import { copyButton, h } from "./dom.js";
import { emStrong } from "./emphasis.js";

const HIGHLIGHT_LIMIT = 16_000; // characters; colouring more would hold up the page for longer than a frame
const LANGUAGE = /^[\w+#.-]{1,30}$/;
const OWN_CLASS = /^(?:picture|language-[\w+#.-]{1,30})$/;
const WEB_LINK = /^(?:https?:\/\/|mailto:)/i;

const TEXT_RULES = {
  ALLOWED_TAGS: [
    "a", "blockquote", "br", "code", "del", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre",
    "strong", "table", "tbody", "td", "th", "thead", "tr", "ul",
  ],
  ALLOWED_ATTR: ["href", "class", "align", "start"],
  ALLOWED_URI_REGEXP: WEB_LINK,
  ADD_URI_SAFE_ATTR: ["align", "start"],
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
  RETURN_DOM_FRAGMENT: true,
};
const COLOUR_RULES = { ALLOWED_TAGS: ["span"], ALLOWED_ATTR: ["class"], RETURN_DOM_FRAGMENT: true };

const ENTITIES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
const escapeHtml = (text) => text.replace(/[&<>"']/g, (character) => ENTITIES[character]);

const notHtml = () => undefined; // "<b>" is then ordinary text, which marked escapes
const marked = new Marked({ gfm: true, breaks: true }).use({
  tokenizer: { html: notHtml, tag: notHtml, emStrong },
  renderer: {
    code({ text, lang }) {
      const language = (lang ?? "").split(/\s/)[0].toLowerCase();
      const attribute = LANGUAGE.test(language) ? ` class="language-${language}"` : "";
      return `<pre><code${attribute}>${escapeHtml(text)}</code></pre>`;
    },
    image({ href, text }) {
      return `<a class="picture" href="${escapeHtml(href)}">${escapeHtml(text)} <code>${escapeHtml(shorten(href))}</code></a>`;
    },
    checkbox: ({ checked }) => (checked ? "☑ " : "☐ "),
  },
});

const purifier = createPurifier(window);
purifier.addHook("uponSanitizeAttribute", (_node, attribute) => {
  if (attribute.attrName === "class") attribute.keepAttr = OWN_CLASS.test(attribute.attrValue);
});
const colourPurifier = createPurifier(window);

function shorten(url) {
  return url.length > 80 ? `${url.slice(0, 79)}…` : url;
}

/** Split Markdown into top-level tokens; the raw texts of the tokens add up to *text*. */
export function lex(text) {
  return marked.lexer(text);
}

/**
 * @param {object[]} tokens
 * @param {import("./dom.js").Say} say
 * @returns {DocumentFragment}
 */
export function draw(tokens, say) {
  if (tokens.length === 1 && isPlain(tokens[0])) return plain(tokens[0]);
  const fragment = purifier.sanitize(marked.parser(tokens), TEXT_RULES);
  fragment.querySelectorAll("a").forEach((link) => secureLink(link, say));
  fragment.querySelectorAll("pre").forEach((pre) => pre.replaceWith(codeFigure(pre, say)));
  fragment.querySelectorAll("table").forEach((table) => table.replaceWith(scroller(table.cloneNode(true), say("table"))));
  return fragment;
}

/** Whether a token is a paragraph of nothing but words, as most of a reply is: those need neither of the two. */
function isPlain({ type, tokens, text }) {
  return type === "paragraph" && tokens.every((token) => token.type === "text") && !/[&\n]/.test(text);
}

function plain({ tokens }) {
  const fragment = document.createDocumentFragment();
  fragment.append(h("p", {}, tokens.map((token) => token.text).join("")), "\n");
  return fragment;
}

/** Have marked and DOMPurify compiled before the first token of a reply needs them; a browser does so bit by bit. */
export function warmUp(say, rounds = 3) {
  whenIdle(() => {
    for (const text of ["a", "# a\n\n- *b* [c](https://d.e)\n\n```f\n```\n"]) draw(lex(text), say);
    if (rounds > 1) warmUp(say, rounds - 1);
  });
}

function secureLink(link, say) {
  const address = link.getAttribute("href");
  link.title = address ?? say("linkRemoved");
  if (link.className === "picture") link.prepend(`${say("image")}: `);
  if (address === null) return;
  link.target = "_blank";
  link.rel = "noopener noreferrer nofollow";
}

function scroller(content, label) {
  return h("div", { class: "sideways", role: "region", "aria-label": label, tabindex: "0" }, content);
}

function codeFigure(pre, say) {
  const code = h("code", { class: pre.firstElementChild?.className || null }, pre.textContent);
  const language = languageOf(code);
  const head = h("figcaption", {}, h("span", {}, language), copyButton(say, () => code.textContent.trimEnd(), say("copyCode")));
  return h("figure", { class: "code" }, head, h("pre", { tabindex: "0", "aria-label": language || "code" }, code));
}

function languageOf(code) {
  return code.className.replace("language-", "");
}

/** Colour the finished code blocks inside *root* when the browser has time; the highlighter loads at the first one. */
export function highlightLater(root) {
  for (const code of root.querySelectorAll("figure.code code[class]:not([data-coloured])")) {
    if (code.textContent.length > HIGHLIGHT_LIMIT) continue;
    code.dataset.coloured = "";
    whenIdle(() => highlight(code));
  }
}

export function whenIdle(task) {
  if (window.requestIdleCallback) window.requestIdleCallback(task, { timeout: 2000 });
  else setTimeout(task, 50);
}

async function highlight(code) {
  const { default: hljs } = await import("./vendor/highlight.js");
  const language = languageOf(code);
  if (!hljs.getLanguage(language)) return;
  const html = hljs.highlight(code.textContent, { language, ignoreIllegals: true }).value;
  code.replaceChildren(colourPurifier.sanitize(html, COLOUR_RULES));
}
