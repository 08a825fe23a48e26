/** What the page is told: a rerun closes an open dialog with all that is typed in it, so it waits for the end of that. */

const DIALOG = '[data-testid="stDialog"]';

export class Outbox {
  constructor() {
    this.waiting = null;
    this.watcher = new MutationObserver(() => this.#sendWaiting());
  }

  /** @param {(name: string, value: unknown) => void} deliver makes the page run again */
  configure(deliver) {
    this.deliver = deliver;
  }

  /** Ask for a rerun, now or when the dialog has closed; of several that wait the last one serves for all. */
  send(name, value) {
    if (this.waiting === null) this.watcher.observe(document.body, { childList: true, subtree: true });
    this.waiting = [name, value];
    this.#sendWaiting();
  }

  #sendWaiting() {
    if (document.querySelector(DIALOG)) return;
    const { waiting } = this;
    this.close();
    this.deliver(...waiting);
  }

  close() {
    this.watcher.disconnect();
    this.waiting = null;
  }
}
