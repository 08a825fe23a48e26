/** Where a piece of a reply's source is in its rendered text, and back: Markdown changes all positions. */

const WORD = /[\p{L}\p{N}_]+/gu;

/** How often *word* occurs in *text* before *end*. */
function countBefore(text, word, end) {
  let count = 0;
  for (let at = text.indexOf(word); at >= 0 && at < end; at = text.indexOf(word, at + word.length)) count += 1;
  return count;
}

/** The start of occurrence *number* (from 0) of *word* in *text*, of the last one if there are fewer; -1 without any. */
function occurrence(text, word, number) {
  let position = -1;
  for (let at = text.indexOf(word), left = number; at >= 0 && left >= 0; at = text.indexOf(word, at + word.length), left -= 1) position = at;
  return position;
}

/** The word around *offset*; null if there is none. */
function wordAt(text, offset) {
  for (const match of text.matchAll(WORD)) {
    if (match.index + match[0].length >= offset) return match.index <= offset ? { text: match[0], start: match.index } : null;
  }
  return null;
}

/**
 * The position in *source* of the word that is rendered at *offset*.
 * @param {string} source Markdown
 * @param {string} rendered its text on the page
 * @param {number} offset
 * @returns {number|null}
 */
export function sourcePosition(source, rendered, offset) {
  const word = wordAt(rendered, offset);
  if (!word) return null;
  const position = occurrence(source, word.text, countBefore(rendered, word.text, word.start));
  return position < 0 ? null : position;
}

/**
 * The part of *rendered* that shows *source* from *start* to *end*: its first to its last word.
 * @returns {{start: number, end: number}|null}
 */
export function renderedRange(source, rendered, start, end) {
  const words = [...source.slice(start, end).matchAll(WORD)];
  if (words.length === 0) return null;
  const places = [words[0], words.at(-1)].map((word) => {
    const text = word[0];
    return occurrence(rendered, text, countBefore(source, text, start + word.index));
  });
  if (places.some((place) => place < 0)) return null;
  return { start: places[0], end: Math.max(places[1] + words.at(-1)[0].length, places[0] + words[0][0].length) };
}

/** The offset in the text of *element* that is at a point of the window; null if there is none. */
export function offsetAtPoint(element, x, y) {
  const position = document.caretPositionFromPoint?.(x, y, { shadowRoots: [element.getRootNode()] });
  if (!position || !element.contains(position.offsetNode)) return null;
  const range = document.createRange();
  range.setStart(element, 0);
  range.setEnd(position.offsetNode, position.offset);
  return range.toString().length;
}

/** The range of *element* from *start* to *end* of its text. */
export function rangeOf(element, start, end) {
  const range = document.createRange();
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  let before = 0;
  let hasStart = false;
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const after = before + node.length;
    if (!hasStart && start < after) {
      range.setStart(node, start - before);
      hasStart = true;
    }
    if (hasStart && end <= after) {
      range.setEnd(node, end - before);
      return range;
    }
    before = after;
  }
  return null;
}
