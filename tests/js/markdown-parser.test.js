import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  closeMarkup, countFinishedBlocks, FenceScanner, isPlainParagraph, lex, needsWholeRender, openingFence, toHtml,
} from "../../components/live/assets/markdown-parser.js";

const html = (text) => toHtml(lex(text)).trim();

describe("closeMarkup", () => {
  for (const [text, expected] of [
    ["plain text", "plain text"],
    ["a **bold wor", "a **bold wor**"],
    ["a **bold ", "a **bold** "],
    ["a **bold*", "a **bold**"],
    ["a **bold**", "a **bold**"],
    ["a **", "a "],
    ["an *em and **both", "an *em and **both***"],
    ["***all", "***all***"],
    ["some `code", "some `code`"],
    ["some `a * b", "some `a * b`"],
    ["**see `code", "**see `code`**"],
    ["**`", ""],
    ["~~old", "~~old~~"],
    ["an __init__ and snake_case", "an __init__ and snake_case"],
    ["2 * 3 and 4*5", "2 * 3 and 4*5"],
    ["an \\*asterisk", "an \\*asterisk"],
    ["* an item", "* an item"],
    ["- **Term", "- **Term**"],
    ["함수는**중요", "함수는**중요**"],
    ["see [the docs](https://exa", "see the docs"],
    ["see [the do", "see the do"],
    ["see [docs](https://example.org) and", "see [docs](https://example.org) and"],
    ["an ![image](htt", "an image"],
    ["**open\n\nnext", "**open\n\nnext"],
    ["text\n```py", "text\n"],
    ["- a\n\n  ```py\n  x = **kwargs", "- a\n\n  ```py\n  x = **kwargs"],
  ]) {
    it(`makes ${JSON.stringify(text)} complete`, () => assert.equal(closeMarkup(text), expected));
  }
});

describe("toHtml", () => {
  for (const [name, text, expected] of [
    ["a tag", "<b>x</b>", "<p>&lt;b&gt;x&lt;/b&gt;</p>"],
    ["a block of HTML", "<div onclick=alert(1)>x</div>", "<p>&lt;div onclick=alert(1)&gt;x&lt;/div&gt;</p>"],
    ["a comment", "<!-- x -->", "<p>&lt;!-- x --&gt;</p>"],
    ["HTML inside code", "`<img src=x>`", "<p><code>&lt;img src=x&gt;</code></p>"],
    ["HTML inside a code block", "```html\n<script>\n```", '<pre><code class="language-html">&lt;script&gt;</code></pre>'],
  ]) {
    it(`escapes ${name}`, () => assert.equal(html(text), expected));
  }

  it("makes an image a link that names its URL", () => {
    assert.equal(
      html("![cat](http://a.b/c.png)"),
      '<p><a class="image-link" href="http://a.b/c.png">cat <code>http://a.b/c.png</code></a></p>',
    );
  });

  it("shortens the URL that it shows for an image, but not the link", () => {
    const url = `http://a.b/${"c".repeat(100)}`;

    assert.ok(html(`![cat](${url})`).includes(`href="${url}"`));
    assert.ok(html(`![cat](${url})`).includes(`<code>${url.slice(0, 79)}…</code>`));
  });

  it("keeps quotes in an image's URL inside the attribute", () => {
    assert.ok(html('![x](<http://a.b/"onerror="c>)').includes('href="http://a.b/&quot;onerror=&quot;c"'));
  });

  it("ignores a code language that could leave the attribute", () => {
    assert.equal(html('```x" onclick="alert(1)\ncode\n```'), "<pre><code>code</code></pre>");
  });

  it("takes the first word after the fence as the language, in lower case", () => {
    assert.equal(html("```Python title=x\ncode\n```"), '<pre><code class="language-python">code</code></pre>');
  });

  it("breaks lines where the text does", () => {
    assert.equal(html("one\ntwo"), "<p>one<br>two</p>");
  });

  it("shows task lists as characters", () => {
    assert.match(html("- [x] a\n- [ ] b"), /☑ a[^]*☐ b/);
  });

  for (const [name, text, tag, inner] of [
    ["before Korean letters", '이것은 **"중요"**합니다', "strong", "&quot;중요&quot;"],
    ["after Korean letters", "함수는**(중요)** 먼저", "strong", "(중요)"],
    ["between Chinese letters", "这是**“重点”**的", "strong", "“重点”"],
    ["between Japanese letters", "これは*「大事」*です", "em", "「大事」"],
    ["between Latin words", "plain **bold** word", "strong", "bold"],
  ]) {
    it(`finds emphasis ${name}`, () => assert.ok(html(text).includes(`<${tag}>${inner}</${tag}>`), html(text)));
  }

  it("takes no asterisks between Latin letters and punctuation for emphasis", () => {
    assert.doesNotMatch(html('a**"b"**c'), /<strong>/);
  });

  it("parses links inside emphasis beside Korean letters", () => {
    assert.match(html("이것은 **[링크](http://a.b)!**합니다"), /<strong><a href="http:\/\/a\.b">링크<\/a>!<\/strong>/);
  });
});

describe("lex", () => {
  it("splits a text into tokens whose sources add up to it", () => {
    const text = "# a\n\n- b\n- c\n\n\n```\nd\n```\n| e |\n|---|\n| f |\n\n> g\n\n    h\n";

    assert.equal(lex(text).map((token) => token.raw).join(""), text);
  });
});

describe("isPlainParagraph", () => {
  for (const [text, expected] of [
    ["Only words, nothing else.", true],
    ["two\nlines", false],
    ["a *b*", false],
    ["a & b", false],
    ["# a", false],
    ["https://a.b", false],
  ]) {
    it(`is ${expected} for ${JSON.stringify(text)}`, () => assert.equal(isPlainParagraph(lex(text)[0]), expected));
  }
});

describe("countFinishedBlocks", () => {
  for (const [name, text, finished] of [
    ["nothing", "", ""],
    ["an only paragraph", "one", ""],
    ["a paragraph before an empty line", "one\n\n", ""],
    ["a paragraph after another", "one\n\ntwo", "one\n\n"],
    ["a heading's first line after a paragraph", "one\n# two", ""],
    ["what may become an item of the list", "1. one\n\n2", ""],
    ["a paragraph after a list, once its line is complete", "- one\n\ntwo\nthree", "- one\n\n"],
    ["code that may go on after an empty line", "    one\n\ntwo", ""],
  ]) {
    it(`leaves the last block open: ${name}`, () => {
      const tokens = lex(text);
      const sources = tokens.slice(0, countFinishedBlocks(tokens)).map((token) => token.raw);

      assert.equal(sources.join(""), finished);
    });
  }
});

describe("openingFence", () => {
  it("returns the fence and its line", () => {
    assert.deepEqual(openingFence("````js\ncode"), { line: "````js\n", fence: "````" });
  });

  it("waits for the end of the line", () => {
    assert.equal(openingFence("```js"), null);
  });
});

describe("FenceScanner", () => {
  /** Push *text* in pieces of *size*, and return the code and what follows it. */
  function scan(fence, text, size) {
    const scanner = new FenceScanner(fence);
    let code = "";
    for (let start = 0; start < text.length; start += size) {
      const result = scanner.push(text.slice(start, start + size), start + size >= text.length);
      code += result.code;
      if (result.rest !== null) return { code, rest: result.rest + text.slice(start + size) };
    }
    return { code, rest: null };
  }

  for (const [name, fence, text, code, rest] of [
    ["a closing fence", "```", "a\nb\n```\nafter", "a\nb\n", "after"],
    ["an empty block", "```", "```\nafter", "", "after"],
    ["a longer closing fence", "```", "a\n`````\nafter", "a\n", "after"],
    ["an indented closing fence with spaces behind it", "~~~", "a\n   ~~~  \nafter", "a\n", "after"],
    ["a fence at the end of the text", "```", "a\n```", "a\n", ""],
    ["a shorter fence inside the code", "````", "a\n```\nb\n````\n", "a\n```\nb\n", ""],
    ["a fence inside a line", "```", "open ``` mid\n ```x\n```\n", "open ``` mid\n ```x\n", ""],
    ["a fence at the end of a line", "```", "a ```\nb\n```\n", "a ```\nb\n", ""],
    ["a fence of the other kind", "~~~", "a\n```\n~~~\n", "a\n```\n", ""],
    ["no closing fence", "```", "a\n\nb", "a\n\nb", null],
    ["an indentation that is no fence's", "```", "a\n    ```\nb", "a\n    ```\nb", null],
  ]) {
    for (const size of [1, 2, 3, 5, 100]) {
      it(`finds ${name} in pieces of ${size}`, () => assert.deepEqual(scan(fence, text, size), { code, rest }));
    }
  }

  it("returns code at once, and withholds only what may be the closing fence", () => {
    const scanner = new FenceScanner("```");

    assert.deepEqual(scanner.push("x = 1\n``", false), { code: "x = 1\n", rest: null });
    assert.deepEqual(scanner.push("y", false), { code: "``y", rest: null });
    assert.deepEqual(scanner.push("```", false), { code: "```", rest: null });
  });
});

describe("needsWholeRender", () => {
  it("is true for a link reference definition anywhere", () => {
    assert.equal(needsWholeRender("[a][r]\n\ntext\n\n[r]: http://b.c"), true);
  });

  it("is false without one", () => {
    assert.equal(needsWholeRender("see [a](http://b.c): more\n\na [b]: c"), false);
  });

  it("is false for a text too long to draw at once", () => {
    assert.equal(needsWholeRender(`[r]: http://b.c\n${"x".repeat(256 * 1024)}`), false);
  });
});

describe("formulas", () => {
  const block = (tex) => `<p><code class="math-block">${tex}</code></p>`;
  const inline = (tex) => `<p><code class="math-inline">${tex}</code></p>`;
  for (const [text, expected] of [
    ["$$a^2 + b^2 = c^2$$", block("a^2 + b^2 = c^2")],
    ["$$\n\\frac{1}{2}\n$$", block("\\frac{1}{2}")],
    ["\\[x_1 * x_2 * x_3\\]", block("x_1 * x_2 * x_3")],
    ["$x_1$", inline("x_1")],
    ["\\(n < m\\)", inline("n &lt; m")],
    ["$n$", inline("n")],
    ["$42$", inline("42")],
    ["$f(x)$", inline("f(x)")],
    ["$a + b$", inline("a + b")],
  ]) {
    it(`finds the formula in ${JSON.stringify(text)}`, () => assert.equal(html(text), expected));
  }

  it("finds formulas in a line, a list and a table", () => {
    assert.equal(html("so $a_1$ and $a_2$ differ").match(/math-inline/g).length, 2);
    assert.match(html("- $O(n^2)$"), /<li><code class="math-inline">O\(n\^2\)<\/code><\/li>/);
    assert.match(html("| a |\n| --- |\n| $x^n$ |"), /<td><code class="math-inline">/);
    assert.match(html("text before\n$$x^2$$\ntext after"), /^<p>text before<\/p>\n?<p><code class="math-block">x\^2<\/code><\/p><p>text after/);
  });

  for (const text of [
    "$5 and $10", "It costs $5.", "from $5-$10", "US$5 or US$6", "$HOME and $PATH are set", "a $ b $ c",
    "`$x^2$`", "```\n$$x^2$$\n```", "an open $x^2", "$10 to 20$", "$HOME$", "$$an open\n\nblock$$",
  ]) {
    it(`finds none in ${JSON.stringify(text)}`, () => assert.doesNotMatch(html(text), /math-/));
  }
});
