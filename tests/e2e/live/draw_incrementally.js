// Random texts made of *blocks* whose drawing depends on whether they arrive in pieces.
async (blocks) => {
  const { lex } = await import("/live/assets/markdown-parser.js");
  const { render } = await import("/live/assets/sanitize.js");
  const { MarkdownStream } = await import("/live/assets/markdown.js");
  let clock = 0, seed = 7;
  performance.now = () => (clock += 1000);  // so that every flush parses
  const random = (below) => (seed = (seed * 1103515245 + 12345) & 0x7fffffff) % below;
  const t = (key) => key;
  function normalisedHtml(element) {
    element.querySelectorAll(".open, .chunk, li > p").forEach((node) => node.replaceWith(...node.childNodes));
    element.querySelectorAll("code").forEach((code) => { code.textContent = code.textContent.trimEnd(); });
    element.querySelectorAll("ul, ol, code").forEach((node) => {
      for (const name of ["class", "data-highlight"]) node.removeAttribute(name);
    });
    return element.innerHTML.replace(/\s+(?=<)|(?<=>)\s+/g, "");
  }
  function inPieces(text) {
    const stream = new MarkdownStream(document.createElement("div"), t);
    for (let start = 0, size; start < text.length; start += size) {
      size = 1 + random(12);
      stream.push(text.slice(start, start + size));
      stream.flush();
    }
    stream.end();
    while (!stream.flush());
    return normalisedHtml(stream.target);
  }
  function atOnce(text) {
    const whole = document.createElement("div");
    whole.append(render(lex(text), t));
    return normalisedHtml(whole);
  }
  const texts = Array.from({ length: 300 }, () =>
    Array.from({ length: 1 + random(9) }, () => blocks[random(blocks.length)]).join(""));
  return texts.filter((text) => inPieces(text) !== atOnce(text));
}
