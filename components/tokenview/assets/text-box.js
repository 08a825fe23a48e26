/**
 * A text box that shows only the start of a long text: with a megabyte in it, Chrome takes a fifth of a second to insert the
 * text, and 40 ms for each frame of the page after that.
 *
 * The end of the box stands for the end of the text: to type there, or to select up to there, shows or copies all of it. An
 * edit in front of the end changes the start of the text and leaves the rest.
 */

import { h } from "../../live/assets/dom.js";
import { hasLongLine } from "./long-lines.js";

const MAX_COMPLETE_LENGTH = 100_000; // UTF-16 code units, as all lengths here
const EXCERPT_LENGTH = 10_000;
const LINE_SEARCH = 1_000; // how far before the end of the excerpt a line may end
const SURROGATE_PAIR = /[\ud800-\udbff][\udc00-\udfff]/g;
const HTML_ESCAPES = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };
const IME_KEY_CODE = 229;

/**
 * How much of *text* is shown: all, or the start of a long one, up to the end of a line if one is near.
 * @param {string} text
 */
export function excerptLength(text) {
  if (text.length <= MAX_COMPLETE_LENGTH) return text.length;
  const line = text.lastIndexOf("\n", EXCERPT_LENGTH - 1);
  if (line >= EXCERPT_LENGTH - LINE_SEARCH) return line + 1;
  const splitsPair = /[\ud800-\udbff]/.test(text[EXCERPT_LENGTH - 1]) && /[\udc00-\udfff]/.test(text[EXCERPT_LENGTH]);
  return splitsPair ? EXCERPT_LENGTH - 1 : EXCERPT_LENGTH;
}

/** @param {string} text */
export function countCharacters(text) {
  return text.length - (text.match(SURROGATE_PAIR)?.length ?? 0);
}

/** The replacements of the whole content of the box, to know the rest of the text again when one is undone or redone. */
export class ReplacementHistory {
  /** @typedef {{shown: string, rest: string}} Content */

  constructor() {
    this.clear();
  }

  clear() {
    this.replacements = []; // [before, after]
    this.done = 0; // how many of them are not undone
  }

  /** @param {Content} before @param {Content} after */
  add(before, after) {
    this.forgetUndone();
    this.replacements.push([before, after]);
    this.done += 1;
  }

  /** To be called after another edit: what was undone cannot be redone any more. */
  forgetUndone() {
    this.replacements.length = this.done;
  }

  /**
   * The rest of the text after an undo or a redo that changed the box *from* one content *to* another.
   * @param {boolean} isUndo
   * @param {string} from
   * @param {string} to
   * @returns {string|null} null if it was the undo or redo of another edit
   */
  restAfter(isUndo, from, to) {
    const [before, after] = this.replacements[isUndo ? this.done - 1 : this.done] ?? [];
    const [left, entered] = isUndo ? [after, before] : [before, after];
    if (left?.shown !== from || entered.shown !== to) return null;
    this.done += isUndo ? -1 : 1;
    return entered.rest;
  }
}

export class TextBox {
  #shown = ""; // what was in the box after the last change
  #rest = ""; // the part of the text that is not shown
  #restCount = 0; // characters
  #isReplacing = false;
  #history = new ReplacementHistory();

  /**
   * @param {import("../../live/assets/labels.js").Translate} t
   * @param {(text: string, isComplete: boolean) => void} onChange gets the whole text; *isComplete* when it was pasted
   */
  constructor(t, onChange) {
    this.t = t;
    this.onChange = onChange;
    this.area = h("textarea", {
      spellcheck: "false",
      rows: 9,
      onbeforeinput: (event) => this.#beforeInput(event),
      oninput: (event) => this.#onInput(event),
      onkeydown: (event) => this.#beforeComposition(event),
      oncopy: (event) => this.#copy(event),
      oncut: () => this.#reachesRest() && this.#showAll(),
      // Only the shown part of the selection would be moved.
      ondragstart: (event) => this.#reachesRest() && event.preventDefault(),
    });
    this.range = h("span", { class: "range", id: "excerpt" });
    const editAll = h("button", { type: "button", onclick: () => this.#showAll() }, t("editAll"));
    this.notice = h("div", { class: "excerpt", hidden: true }, this.range, editAll);
    this.element = h("div", { class: "input" }, this.area, this.notice);
  }

  get text() {
    return this.area.value + this.#rest;
  }

  /** Replace the text by one that the user did not enter. */
  setText(text) {
    if (text === this.text) return;
    const length = excerptLength(text);
    this.#history.clear();
    this.area.classList.toggle("unwrapped", hasLongLine(text.slice(0, length)));
    this.area.value = text.slice(0, length);
    this.#update(text.slice(length));
  }

  /** @param {InputEvent} event */
  #beforeInput(event) {
    if (this.#isReplacing || event.isComposing) return;
    const inserted = event.data ?? event.dataTransfer?.getData("text/plain") ?? "";
    const { value, selectionStart, selectionEnd } = this.area;
    if (inserted.length > MAX_COMPLETE_LENGTH && selectionEnd === value.length) {
      const before = selectionStart === selectionEnd ? this.text : value.slice(0, selectionStart);
      const text = before + inserted.replace(/\r\n?/g, "\n");
      // Before the box, because the app can count while the browser lays out the box.
      this.onChange(text, true);
      const length = excerptLength(text);
      if (this.#replace(text.slice(0, length), text.slice(length))) return void event.preventDefault();
    }
    if (this.#reachesRest() && !event.inputType.startsWith("history")) this.#showAll();
    // Do not wrap a long line from the start.
    if (hasLongLine(inserted)) this.area.classList.add("unwrapped");
  }

  /** Show all before an input method composes at the end: its text cannot be moved any more. @param {KeyboardEvent} event */
  #beforeComposition({ keyCode, isComposing }) {
    if (keyCode === IME_KEY_CODE && !isComposing && this.#reachesRest()) this.#showAll();
  }

  /** @param {InputEvent} event */
  #onInput({ inputType }) {
    if (this.#isReplacing) return;
    const isUndo = inputType === "historyUndo";
    const { value } = this.area;
    let rest = null;
    if (isUndo || inputType === "historyRedo") rest = this.#history.restAfter(isUndo, this.#shown, value);
    else this.#history.forgetUndone();
    this.area.classList.toggle("unwrapped", hasLongLine(value));
    this.#update(rest ?? this.#rest);
    this.onChange(this.text, inputType === "insertFromPaste");
  }

  /** @param {ClipboardEvent} event */
  #copy(event) {
    if (!this.#reachesRest() || this.area.selectionStart === this.area.selectionEnd) return;
    event.clipboardData.setData("text/plain", this.text.slice(this.area.selectionStart));
    event.preventDefault();
  }

  #reachesRest() {
    return this.#rest !== "" && this.area.selectionEnd === this.area.value.length;
  }

  /** Show the whole text, with the same selection. */
  #showAll() {
    const { area, text } = this;
    const { selectionStart, selectionEnd } = area;
    const { length } = area.value;
    area.focus();
    if (!this.#replace(text, "")) {
      area.value = text;
      this.#update("");
    }
    const moved = (index) => (index === length ? text.length : index);
    area.setSelectionRange(moved(selectionStart), moved(selectionEnd));
  }

  /**
   * Replace the content of the box in one step that the user can undo.
   * @returns {boolean} whether the browser supports it
   */
  #replace(shown, rest) {
    const { value, selectionStart, selectionEnd } = this.area;
    this.area.classList.toggle("unwrapped", hasLongLine(shown));
    this.area.select();
    this.#isReplacing = true;
    // Escaped, it is inserted as it is. "insertText" would take Chrome a minute for 7,000 lines.
    const isDone = document.execCommand("insertHTML", false, shown.replace(/[&<>]/g, (character) => HTML_ESCAPES[character]));
    this.#isReplacing = false;
    if (!isDone) {
      this.area.setSelectionRange(selectionStart, selectionEnd);
      return false;
    }
    if (this.area.value !== shown) this.area.value = shown; // it has characters that HTML does not have
    this.area.setSelectionRange(shown.length, shown.length); // Chrome leaves it in front of a last line break
    this.#history.add({ shown: value, rest: this.#rest }, { shown, rest });
    this.#update(rest);
    return true;
  }

  #update(rest) {
    if (rest !== this.#rest) this.#restCount = countCharacters(rest);
    this.#rest = rest;
    this.#shown = this.area.value;
    this.notice.hidden = !rest;
    if (!rest) return void this.area.removeAttribute("aria-describedby");
    const shown = countCharacters(this.#shown);
    this.area.setAttribute("aria-describedby", this.range.id);
    const numbers = { shown: shown.toLocaleString("en"), count: (shown + this.#restCount).toLocaleString("en") };
    this.range.textContent = this.t("excerpt", numbers);
  }
}
