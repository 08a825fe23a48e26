/** Images for a message: which files are accepted, and how they are read and encoded. */

import { RequestError } from "./stream.js";

export const IMAGE_TYPES = ["image/png", "image/jpeg", "image/webp", "image/gif"];
export const MAX_IMAGES = 8;
const MAX_BYTES = 20 * 1024 * 1024;
const MAX_ARGUMENTS = 0x8000; // of one call, which takes its arguments from the stack

/** @typedef {{file: File, src: string, width: number, height: number}} AttachedImage */

/**
 * @param {File} file
 * @param {number} count of the images that are attached already
 * @returns {string|null} the label that says why *file* is not accepted
 */
export function rejectionReason(file, count) {
  if (!IMAGE_TYPES.includes(file.type)) return "notImage";
  if (file.size > MAX_BYTES) return "tooLarge";
  return count >= MAX_IMAGES ? "tooMany" : null;
}

/** @returns {Promise<AttachedImage|null>} null when the file is not an image, whatever its type says */
export async function openImage(file) {
  const bitmap = await createImageBitmap(file).catch(() => null);
  if (!bitmap) return null;
  const { width, height } = bitmap;
  bitmap.close();
  return { file, src: URL.createObjectURL(file), width, height };
}

/**
 * @param {AttachedImage[]} images
 * @param {import("./labels.js").Translate} t
 * @returns {Promise<{name: string, type: string, data: string}[]>} the images as the send route takes them
 * @throws {RequestError} whose `unreadable` are the images whose files were removed or changed
 */
export async function encodeImages(images, t) {
  const results = await Promise.allSettled(images.map(encode));
  const unreadable = images.filter((_, index) => results[index].status === "rejected");
  if (unreadable.length === 0) return results.map(({ value }) => value);
  const name = unreadable.map(({ file }) => file.name).join(", ");
  throw Object.assign(new RequestError(t("unreadable", { name }), t("unreadableHint")), { unreadable });
}

async function encode({ file }) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let binary = "";
  for (let start = 0; start < bytes.length; start += MAX_ARGUMENTS) {
    binary += String.fromCharCode(...bytes.subarray(start, start + MAX_ARGUMENTS));
  }
  return { name: file.name, type: file.type, data: btoa(binary) };
}
