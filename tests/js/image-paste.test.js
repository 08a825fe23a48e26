import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { imagesIn, mount } from "../../components/ui/assets/image-paste.js";

const png = new File([Uint8Array.of(1, 2)], "a.png", { type: "image/png" });
const text = new File(["a"], "a.txt", { type: "text/plain" });

describe("imagesIn", () => {
  for (const [name, transfer, expected] of [
    ["nothing", null, 0],
    ["text", { files: [] }, 0],
    ["a text file and an image", { files: [text, png] }, 1],
    ["very many images", { files: Array.from({ length: 50 }, () => png) }, 20],
  ]) {
    it(`has ${expected} images for ${name}`, () => assert.equal(imagesIn(transfer).length, expected));
  }
});

describe("mount", () => {
  const paste = (page, files) => {
    const event = Object.assign(new Event("paste", { cancelable: true }), { clipboardData: { files } });
    page.dispatchEvent(event);
    return event;
  };

  it("leaves text to the page, takes images, and stops listening", (context) => {
    const page = new EventTarget();
    globalThis.document = page;
    context.after(() => delete globalThis.document);
    globalThis.FileReader = class extends EventTarget {
      readAsDataURL() {}
    };
    context.after(() => delete globalThis.FileReader);

    const unmount = mount({ setTriggerValue: () => {} });
    assert.equal(paste(page, [text]).defaultPrevented, false);
    assert.equal(paste(page, [png]).defaultPrevented, true);
    unmount();
    assert.equal(paste(page, [png]).defaultPrevented, false);
  });
});
