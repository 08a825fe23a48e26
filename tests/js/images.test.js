import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { encodeImages, MAX_IMAGES, rejectionReason } from "../../components/live/assets/images.js";
import { createTranslator } from "../../components/live/assets/labels.js";

const t = createTranslator();
const MB = 1024 * 1024;

describe("rejectionReason", () => {
  for (const [name, file, count, reason] of [
    ["a PNG file", { type: "image/png", size: 1 }, 0, null],
    ["a file of 20 MB", { type: "image/webp", size: 20 * MB }, MAX_IMAGES - 1, null],
    ["a larger file", { type: "image/jpeg", size: 20 * MB + 1 }, 0, "tooLarge"],
    ["an image beyond the limit", { type: "image/gif", size: 1 }, MAX_IMAGES, "tooMany"],
    ["an SVG file, which can hold scripts", { type: "image/svg+xml", size: 1 }, 0, "notImage"],
    ["a file without a type", { type: "", size: 1 }, 0, "notImage"],
  ]) {
    it(`is ${reason} for ${name}`, () => assert.equal(rejectionReason(file, count), reason));
  }
});

describe("encodeImages", () => {
  const attach = (name, bytes) => ({ file: new File([bytes], name, { type: "image/png" }) });

  it("encodes the bytes in base64", async () => {
    const bytes = Uint8Array.from({ length: 100_000 }, (_, index) => index % 256);

    const [image] = await encodeImages([attach("a.png", bytes)], t);

    assert.deepEqual([image.name, image.type], ["a.png", "image/png"]);
    assert.deepEqual(new Uint8Array(Buffer.from(image.data, "base64")), bytes);
  });

  it("names every file that can no longer be read", async () => {
    const removed = (name) => ({ file: { name, type: "image/png", arrayBuffer: () => Promise.reject(new Error("NotFoundError")) } });
    const images = [removed("a.png"), attach("b.png", new Uint8Array(1)), removed("c.png")];

    await assert.rejects(encodeImages(images, t), (error) => {
      assert.equal(error.title, t("unreadable", { name: "a.png, c.png" }));
      assert.deepEqual(error.unreadable, [images[0], images[2]]);
      return true;
    });
  });
});
