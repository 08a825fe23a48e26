/** Characters that have no ink, made visible; everything goes into the page as text. */

import { h } from "../assets/dom.js";

const MARKS = { " ": "·", "\n": "↵", "\r": "␍", "\t": "→", "\u00a0": "⍽" };
const INKLESS = /[ \n\r\t\u00a0]|[\p{Cf}\p{Cc}\p{Zl}\p{Zp}\p{Zs}\ufe00-\ufe0f\u3164]/u;

/**
 * @param {string|null} text null where the bytes are no character
 * @param {string[]} bytes of each token, in hexadecimal
 * @returns {Array<Node|string>}
 */
export function visible(text, bytes) {
  if (text === null) return [mark(`⟨${bytes.join(" ")}⟩`)];
  if (!INKLESS.test(text)) return [text];
  const joined = text.length > 1 && /\p{Extended_Pictographic}/u.test(text);
  return [...text].flatMap((character) => glyph(character, joined));
}

/** Inside an emoji the joiners do their work; alone they are named. */
function glyph(character, joined) {
  if (!INKLESS.test(character) || (joined && /[\u200d\ufe0f]/.test(character))) return [character];
  const shown = mark(MARKS[character] ?? `U+${character.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}`);
  return character === "\n" ? [shown, "\n"] : [shown];
}

function mark(text) {
  return h("i", {}, text);
}
