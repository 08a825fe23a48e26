/** Images for a message: which files are taken, what is kept of them, and how they travel. */

import { StartError } from "./stream.js";

export const IMAGE_TYPES = ["image/png", "image/jpeg", "image/webp", "image/gif"];
export const MAX_IMAGES = 8;
const MAX_BYTES = 20 * 1024 * 1024;

/** @typedef {{file: File, src: string, width: number, height: number}} Attached */

/** @returns {string|null} the label that says why *file* is not taken beside *count* others */
export function refusal(file, count) {
  if (!IMAGE_TYPES.includes(file.type)) return "notImage";
  if (file.size > MAX_BYTES) return "tooLarge";
  return count >= MAX_IMAGES ? "tooMany" : null;
}

/** @returns {Promise<Attached|null>} null when the file is no image after all */
export async function openImage(file) {
  const bitmap = await createImageBitmap(file).catch(() => null);
  if (!bitmap) return null;
  const { width, height } = bitmap;
  bitmap.close();
  return { file, src: URL.createObjectURL(file), width, height };
}

/**
 * @param {Attached[]} images
 * @returns {Promise<{name: string, type: string, data: string}[]>} the images as the send route takes them
 * @throws {StartError} whose `unreadable` are the images whose files are gone or were changed
 */
export async function encodeImages(images, say) {
  const read = await Promise.allSettled(images.map(encode));
  const unreadable = images.filter((_, index) => read[index].status === "rejected");
  if (unreadable.length === 0) return read.map(({ value }) => value);
  const name = unreadable.map(({ file }) => file.name).join(", ");
  throw Object.assign(new StartError(say("unreadable", { name }), say("unreadableHint")), { unreadable });
}

async function encode({ file }) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let binary = "";
  for (let at = 0; at < bytes.length; at += 0x8000) binary += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return { name: file.name, type: file.type, data: btoa(binary) };
}
