/** Requests for a rerun of the page. A rerun closes an open dialog with all that is typed in it, so they wait for its end. */

const DIALOG = '[data-testid="stDialog"]';

export class RerunQueue {
  constructor() {
    this.pending = null;
    this.observer = new MutationObserver(() => this.#flush());
  }

  /** @param {(name: string, value: unknown) => void} trigger makes the page run again */
  configure(trigger) {
    this.trigger = trigger;
  }

  /** Request a rerun, now or when the dialog has closed; of several that wait, the last one replaces the others. */
  push(name, value) {
    if (this.pending === null) this.observer.observe(document.body, { childList: true, subtree: true });
    this.pending = [name, value];
    this.#flush();
  }

  #flush() {
    if (document.querySelector(DIALOG)) return;
    const { pending } = this;
    this.close();
    this.trigger(...pending);
  }

  close() {
    this.observer.disconnect();
    this.pending = null;
  }
}
