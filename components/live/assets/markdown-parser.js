/** Parse Markdown into tokens and HTML, and find where the blocks of a growing text end. No DOM: node tests it. */

import { Marked } from "./vendor/marked.js";
import { IMAGE_LINK_CLASS, isCodeLanguage, languageClass, MATH_CLASS } from "./sanitize-policy.js";

const MAX_WHOLE_RENDER = 256 * 1024; // characters; drawing more at once would hold up the page
const MAX_CLOSED_BLOCK = 8 * 1024; // characters; in a longer block the markup at its end is not worth the time
const LONGEST_URL = 80;
const OPENING_FENCE = /^(`{3,}|~{3,})[^\n]*\n/;
const CJK = /[\p{Script=Hangul}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u;
const PUNCTUATION = /[\p{P}\p{S}]/u;
const EMPHASIS = /^(\*{1,2})(?![\s*])([^*\n]+?)(?<![\s*])\1(?!\*)/;
const LINES_OF_FENCES = /^ *(?:[-*+>] +|\d+[.)] +)*(?:`{3,}|~{3,})/gm;
const OPENING_FENCE_AT_END = /(^|\n)[ \t]*(?:`{3,}|~{3,})[^\s`]*$/;
const MARKUP_AT_END = /(?<!\\)[*_`~]+$/;
const LINK_AT_END = /!?\[([^\]\n]*)(?:\]\([^)\n]*)?$/;
const DELIMITERS = /\\.|`+|\*+|_+|~~/g;
const ENTITIES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

const escapeHtml = (text) => text.replace(/[&<>"']/g, (character) => ENTITIES[character]);
const shortenUrl = (url) => (url.length > LONGEST_URL ? `${url.slice(0, LONGEST_URL - 1)}…` : url);
const noHtml = () => undefined; // "<b>" is then ordinary text, which marked escapes
const isBetweenWords = (outside, inside) => CJK.test(outside ?? "") && PUNCTUATION.test(inside);

const BLOCK_FORMULA = /^(?:\$\$((?:(?!\n[ \t]*\n)[^$])+?)\$\$|\\\[((?:(?!\n[ \t]*\n)[^])+?)\\\])[ \t]*(?:\n|$)/;
// The dollar signs of prices are no formula: inside of one there is no space beside them, and no digit follows.
const INLINE_FORMULA = /^(?:\$\$([^$\n]+?)\$\$|\$(?!\s)((?:\\\$|[^$\n])+?)(?<!\s)\$(?!\d)|\\\(([^\n]+?)\\\))/;
// Signs of TeX, or no words: the text between two prices has some.
const LOOKS_LIKE_FORMULA = /[\\^_={}]|^(?!.*[A-Za-z]{2})|^(?!.*[A-Za-z]{4})\S+$/;

/**
 * An extension of marked for formulas in TeX, which are drawn as code until the formula is (see `sanitize.js`).
 * @param {string} name @param {"block"|"inline"} level @param {RegExp} pattern @param {RegExp} start
 */
function formula(name, level, pattern, start) {
  return {
    name,
    level,
    start: (source) => source.match(start)?.index,
    tokenizer(source) {
      const match = pattern.exec(source);
      const tex = match?.slice(1).find((group) => group !== undefined)?.trim();
      if (!tex || (level === "inline" && !LOOKS_LIKE_FORMULA.test(tex))) return undefined;
      return { type: name, raw: match[0], tex };
    },
    renderer({ tex }) {
      const code = `<code class="${MATH_CLASS[level]}">${escapeHtml(tex)}</code>`;
      return level === "block" ? `<p>${code}</p>` : code;
    },
  };
}

const marked = new Marked({ gfm: true, breaks: true }).use({
  extensions: [
    formula("blockFormula", "block", BLOCK_FORMULA, /\n(?:\$\$|\\\[)/),
    formula("inlineFormula", "inline", INLINE_FORMULA, /\$|\\\(/),
  ],
  tokenizer: {
    html: noHtml,
    tag: noHtml,
    /**
     * Emphasis beside Korean, Chinese and Japanese words, which put no space where CommonMark requires one:
     * `**"말"**은` is bold although punctuation is inside the asterisks and a letter outside.
     * @returns {object|false} false where the usual rules apply
     */
    emStrong(source, _masked, before) {
      const match = EMPHASIS.exec(source);
      if (!match) return false;
      const [raw, asterisks, text] = match;
      const after = source[raw.length];
      if (!isBetweenWords(before, text[0]) && !isBetweenWords(after, text.at(-1))) return false;
      return { type: asterisks.length === 2 ? "strong" : "em", raw, text, tokens: this.lexer.inlineTokens(text) };
    },
  },
  renderer: {
    code({ text, lang }) {
      const language = (lang ?? "").split(/\s/)[0].toLowerCase();
      const attribute = isCodeLanguage(language) ? ` class="${languageClass(language)}"` : "";
      return `<pre><code${attribute}>${escapeHtml(text)}</code></pre>`;
    },
    // A link instead of an image: loading it would tell its server that, and what, the user reads.
    image({ href, text }) {
      const url = `<code>${escapeHtml(shortenUrl(href))}</code>`;
      return `<a class="${IMAGE_LINK_CLASS}" href="${escapeHtml(href)}">${escapeHtml(text)} ${url}</a>`;
    },
    checkbox: ({ checked }) => (checked ? "☑ " : "☐ "),
  },
});

/** Split Markdown into top-level tokens; the raw texts of the tokens add up to *text*. */
export function lex(text) {
  return marked.lexer(text);
}

/** @returns {string} HTML that still has to be sanitised: attributes and links are the model's */
export function toHtml(tokens) {
  return marked.parser(tokens);
}

/** Whether a token is a paragraph without any markup, as most of a reply is: its text needs no HTML. */
export function isPlainParagraph({ type, tokens, text }) {
  return type === "paragraph" && tokens.every((token) => token.type === "text") && !/[&\n]/.test(text);
}

/**
 * How many of the first tokens can no longer change: all before the last block, once that is surely a block of its own.
 * While its first line is incomplete it may still become part of the list before it ("2" becomes "2. two").
 */
export function countFinishedBlocks(tokens) {
  const blocks = [...tokens.keys()].filter((index) => tokens[index].type !== "space");
  const last = blocks.at(-1) ?? 0;
  const beforeLast = blocks.at(-2);
  const isSeparate = tokens[last - 1]?.type === "space" && !["list", "code"].includes(tokens[beforeLast]?.type);
  return isSeparate || tokens[last]?.raw.includes("\n") ? last : (beforeLast ?? 0);
}

/** Whether blocks far apart depend on each other (link references), so that only the whole text draws right. */
export function needsWholeRender(text) {
  return text.length < MAX_WHOLE_RENDER && /^ {0,3}\[[^\]\n]+\]:/m.test(text);
}

/**
 * Close the code, emphasis and link that the end of a growing text leaves open, or remove their opening if nothing
 * follows it. They are then drawn as they will look, and not as asterisks, backticks and brackets.
 */
export function closeMarkup(text) {
  const start = text.lastIndexOf("\n\n") + 1;
  const block = text.slice(start).replace(OPENING_FENCE_AT_END, "$1");
  const isInCode = (block.match(LINES_OF_FENCES) ?? []).length % 2 > 0;
  if (isInCode || block.length > MAX_CLOSED_BLOCK) return text;
  const trimmed = block.replace(MARKUP_AT_END, "");
  const { code, open } = openDelimiters(trimmed);
  const closed = code ? trimmed : trimmed.replace(LINK_AT_END, "$1");
  const content = closed.trimEnd(); // a delimiter after a space would not close anything
  return text.slice(0, start) + content + (code ?? "") + open.toReversed().join("") + closed.slice(content.length);
}

/** @returns {{code: string|null, open: string[]}} the backticks of open code, and the open emphasis around it */
function openDelimiters(text) {
  const open = [];
  let code = null;
  for (const { 0: run, index } of text.matchAll(DELIMITERS)) {
    if (run[0] === "\\" || (code && run !== code)) continue;
    if (run[0] === "`") code = code ? null : run;
    else closeOrOpen(open, run, text[index - 1] ?? " ", text[index + run.length] ?? " ");
  }
  return { code, open };
}

function closeOrOpen(open, run, before, after) {
  const last = open.lastIndexOf(run);
  if (last >= 0 && !/\s/.test(before)) open.splice(last);
  // One asterisk inside a word is rather a product, and underscores there are part of a name.
  else if (!/\s/.test(after) && (["**", "~~"].includes(run) || !/[\p{L}\p{N}]/u.test(before))) open.push(run);
}

/** @returns {{line: string, fence: string}|null} the opening fence at the start of *text*, and its whole line */
export function openingFence(text) {
  const match = OPENING_FENCE.exec(text);
  return match && { line: match[0], fence: match[1] };
}

/** Finds the end of a fenced code block whose text arrives in pieces. */
export class FenceScanner {
  #withheld = "";
  #inLine = false;

  /** @param {string} fence the opening one, such as "```" */
  constructor(fence) {
    const end = ` {0,3}${fence[0]}{${fence.length},}[ \\t]*(?:\\n|$)`;
    this.closing = new RegExp(`(^|\\n)${end}`);
    this.closingOnLaterLine = new RegExp(`(\\n)${end}`);
  }

  /**
   * @param {string} text
   * @param {boolean} last whether no more text will come
   * @returns {{code: string, rest: string|null}} more of the code, and what follows the closing fence, null while open
   */
  push(text, last) {
    const all = this.#withheld + text;
    const match = (this.#inLine ? this.closingOnLaterLine : this.closing).exec(all);
    if (match && (last || match[0].endsWith("\n"))) {
      return { code: all.slice(0, match.index) + match[1], rest: all.slice(match.index + match[0].length) };
    }
    this.#withheld = last ? "" : possibleFence(all, this.#inLine);
    const code = all.slice(0, all.length - this.#withheld.length);
    if (code) this.#inLine = !code.endsWith("\n");
    return { code, rest: null };
  }
}

/** The last line, as long as it may still become the closing fence. */
function possibleFence(text, inLine) {
  const start = text.lastIndexOf("\n") + 1;
  if (start === 0 && inLine) return "";
  const line = text.slice(start);
  return /^ {0,3}(`+|~+)?[ \t]*$/.test(line) ? line : "";
}
