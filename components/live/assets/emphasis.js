/** Emphasis beside Korean, Chinese and Japanese words, which put no space where CommonMark waits for one. */

const CJK = /[\p{Script=Hangul}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u;
const SIGN = /[\p{P}\p{S}]/u;
const MARKED_UP = /^(\*{1,2})(?![\s*])([^*\n]+?)(?<![\s*])\1(?!\*)/;

/**
 * A tokenizer of marked's: `**"말"**은` is bold although a sign stands inside the asterisks and a word outside.
 * @returns {object | false} false where the usual rules do
 */
export function emStrong(src, _masked, before) {
  const found = MARKED_UP.exec(src);
  if (!found) return false;
  const [raw, stars, text] = found;
  const after = src.slice(raw.length);
  if (!betweenWords(before, text[0]) && !betweenWords(after[0], text.at(-1))) return false;
  return { type: stars.length === 2 ? "strong" : "em", raw, text, tokens: this.lexer.inlineTokens(text) };
}

const betweenWords = (outside, inside) => CJK.test(outside ?? "") && SIGN.test(inside);
