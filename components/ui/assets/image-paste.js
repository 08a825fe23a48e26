/** Sends the images that are pasted anywhere on the page to the app. */

const MAX_IMAGES = 20; // the app ignores more than these

/** @returns {File[]} the images among what is pasted */
export function imagesIn(clipboardData) {
  const files = [...(clipboardData?.files ?? [])];
  return files.filter((file) => file.type.startsWith("image/")).slice(0, MAX_IMAGES);
}

/** Listen until the returned function is called. */
export function mount({ setTriggerValue }) {
  const handlePaste = async (event) => {
    const files = imagesIn(event.clipboardData);
    if (files.length === 0) return;
    event.preventDefault();
    const images = await Promise.all(files.map(encode));
    setTriggerValue("pasted", images.filter(Boolean));
  };
  document.addEventListener("paste", handlePaste);
  return () => document.removeEventListener("paste", handlePaste);
}

/** @returns {Promise<{name: string, data: string}|null>} the image in base64; null if it can no longer be read */
function encode(file) {
  return new Promise((resolve) => {
    const reader = new FileReader();
    reader.addEventListener("load", () => resolve({ name: file.name, data: reader.result.split(",")[1] ?? "" }));
    reader.addEventListener("error", () => resolve(null));
    reader.readAsDataURL(file);
  });
}
