/** Lines that a text box must not wrap: Chrome takes minutes to wrap one line of a megabyte in two scripts. */

const MAX_WRAPPED_LINE = 50_000; // characters, which Chrome wraps in about 0.2 s

/** @param {string} text */
export function hasLongLine(text) {
  let start = 0;
  while (text.length - start > MAX_WRAPPED_LINE) {
    const end = text.indexOf("\n", start);
    if (end < 0 || end - start > MAX_WRAPPED_LINE) return true;
    start = end + 1;
  }
  return false;
}
