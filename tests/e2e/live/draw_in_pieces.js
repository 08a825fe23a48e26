// Random texts made of *blocks* that come out differently when they arrive in pieces.
async (blocks) => {
  const { draw, lex } = await import("/live/assets/sanitize.js");
  const { MarkdownStream } = await import("/live/assets/markdown.js");
  let clock = 0, seed = 7;
  performance.now = () => (clock += 1000);  // so that no flush rests, and every one parses
  const random = (below) => (seed = (seed * 1103515245 + 12345) & 0x7fffffff) % below;
  const say = (key) => key;
  function outcome(element) {
    element.querySelectorAll(".open, .chunk, li > p").forEach((node) => node.replaceWith(...node.childNodes));
    element.querySelectorAll("code").forEach((code) => { code.textContent = code.textContent.trimEnd(); });
    element.querySelectorAll("ul, ol, code").forEach((node) => {
      for (const name of ["class", "data-coloured"]) node.removeAttribute(name);
    });
    return element.innerHTML.replace(/\s+(?=<)|(?<=>)\s+/g, "");
  }
  function inPieces(text) {
    const stream = new MarkdownStream(document.createElement("div"), say);
    for (let at = 0, size; at < text.length; at += size) {
      size = 1 + random(12);
      stream.push(text.slice(at, at + size));
      stream.flush();
    }
    stream.end();
    while (!stream.flush());
    return outcome(stream.target);
  }
  function atOnce(text) {
    const whole = document.createElement("div");
    whole.append(draw(lex(text), say));
    return outcome(whole);
  }
  const texts = Array.from({ length: 300 }, () =>
    Array.from({ length: 1 + random(9) }, () => blocks[random(blocks.length)]).join(""));
  return texts.filter((text) => inPieces(text) !== atOnce(text));
}
