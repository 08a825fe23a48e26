/** The secret token of the browser session. It becomes invalid when the app restarts: the next run of the page has another. */

const UNAUTHORIZED = 401;
// Streamlit may still be reconnecting, so the page is asked to run again until it has.
const RENEWAL_DELAYS_MS = [500, 1000, 1000, 2000, 4000, 8000, 16_000];

export class SessionToken {
  /** @param {string} [value] */
  constructor(value = "") {
    this.value = value;
    this.renewal = null; // a promise, while requests wait for a new token
    this.close();
  }

  /**
   * To be called with each rerun of the page.
   * @param {string} value
   * @param {(() => void)|null} [requestRerun] makes the page run again; without it an invalid token is not renewed
   */
  configure(value, requestRerun = null) {
    this.requestRerun = requestRerun;
    if (value === this.value) return;
    this.value = value;
    this.onChange?.();
  }

  /** Ask the page for nothing any more. */
  close() {
    this.requestRerun = null;
  }

  /**
   * Request *path* of the app's routes; if the token is invalid, again with a new one.
   * @param {string} path
   * @param {RequestInit} [options]
   * @returns {Promise<Response>} with status 401 if there was no new token in time
   */
  async fetch(path, options = {}) {
    const url = new URL(`live/${path}`, document.baseURI);
    const send = (token) => fetch(url, { ...options, headers: { ...options.headers, "X-Live-Token": token }, cache: "no-store" });
    const { value } = this;
    const response = await send(value);
    if (response.status !== UNAUTHORIZED || !(await this.#renew(value))) return response;
    return send(this.value);
  }

  /** @returns {Promise<boolean>} whether there is another token than *refused* */
  async #renew(refused) {
    if (this.value !== refused) return true;
    if (!this.requestRerun) return false;
    this.renewal ??= this.#requestUntilChanged(refused);
    await this.renewal;
    this.renewal = null;
    return this.value !== refused;
  }

  async #requestUntilChanged(refused) {
    for (const delay of RENEWAL_DELAYS_MS) {
      this.requestRerun?.();
      await new Promise((resolve) => {
        this.onChange = resolve;
        setTimeout(resolve, delay);
      });
      if (this.value !== refused) return;
    }
  }
}
