/** What a model's Markdown may become: the tags, attributes, classes and links that survive. No DOM: node tests it. */

const ALLOWED_URL = /^(?:https?:\/\/|mailto:)/i;
const CODE_LANGUAGE = /^[\w+#.-]{1,30}$/;
const LANGUAGE_PREFIX = "language-";
export const IMAGE_LINK_CLASS = "image-link";
/** The classes of the TeX source of a formula: in its own block, and in a line of text. */
export const MATH_CLASS = { block: "math-block", inline: "math-inline" };

/** DOMPurify's configuration for a message. There is no `img`: a reply must not make the browser fetch anything. */
export const MESSAGE_CONFIG = {
  ALLOWED_TAGS: [
    "a", "blockquote", "br", "code", "del", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre",
    "strong", "table", "tbody", "td", "th", "thead", "tr", "ul",
  ],
  ALLOWED_ATTR: ["href", "class", "align", "start"],
  ALLOWED_URI_REGEXP: ALLOWED_URL,
  ADD_URI_SAFE_ATTR: ["align", "start"],
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
  RETURN_DOM_FRAGMENT: true,
};

/** DOMPurify's configuration for the output of the syntax highlighter. */
export const HIGHLIGHT_CONFIG = { ALLOWED_TAGS: ["span"], ALLOWED_ATTR: ["class"], RETURN_DOM_FRAGMENT: true };

/** The classes that align the columns of several equations. */
const MATH_ALIGNMENTS = new Set(["tml-left", "tml-right"]);

/** DOMPurify's configuration for a formula in MathML: it neither links nor styles anything. */
export const MATH_CONFIG = {
  USE_PROFILES: { mathMl: true },
  ADD_ATTR: ["class"], // see filterMathAttribute
  FORBID_ATTR: ["href", "xlink:href", "id", "style"],
  RETURN_DOM_FRAGMENT: true,
};

/** @param {string} name the word after the opening fence of a code block */
export function isCodeLanguage(name) {
  return CODE_LANGUAGE.test(name);
}

/** @param {string} language one for which `isCodeLanguage` holds */
export function languageClass(language) {
  return LANGUAGE_PREFIX + language;
}

/** @returns {string} the language of `languageClass`, "" for other classes */
export function languageOfClass(className) {
  return className.startsWith(LANGUAGE_PREFIX) ? className.slice(LANGUAGE_PREFIX.length) : "";
}

/**
 * DOMPurify's `uponSanitizeAttribute` hook: the stylesheet has classes that would imitate the app's own controls.
 * @param {unknown} _node
 * @param {{attrName: string, attrValue: string, keepAttr: boolean}} attribute changed in place
 */
export function filterAttribute(_node, attribute) {
  if (attribute.attrName !== "class") return;
  const { attrValue } = attribute;
  const ours = [IMAGE_LINK_CLASS, ...Object.values(MATH_CLASS)];
  attribute.keepAttr = ours.includes(attrValue) || isCodeLanguage(languageOfClass(attrValue));
}

/** DOMPurify's `uponSanitizeAttribute` hook for a formula, as `filterAttribute`. */
export function filterMathAttribute(_node, attribute) {
  if (attribute.attrName === "class") attribute.keepAttr = MATH_ALIGNMENTS.has(attribute.attrValue);
}

/**
 * The properties of a link's element: it opens outside the app, and its tooltip says where it goes.
 * @param {string|null} url null if it was removed, because only some schemes are allowed
 * @param {import("./labels.js").Translate} t
 */
export function linkProperties(url, t) {
  if (url === null) return { title: t("linkRemoved") };
  return { title: url, target: "_blank", rel: "noopener noreferrer nofollow" };
}
