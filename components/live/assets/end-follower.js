/** Keeps the end of growing content in view until the reader moves up, and again once the reader is back. */

const NEAR_END = 48; // px

export class EndFollower {
  /**
   * @param {HTMLElement} scroller
   * @param {HTMLElement} content the child that grows
   * @param {(isAtEnd: boolean) => void} onChange
   */
  constructor(scroller, content, onChange = () => {}) {
    this.scroller = scroller;
    this.onChange = onChange;
    this.isAtEnd = true;
    this.lastScrollTop = 0;
    scroller.addEventListener("scroll", () => this.#onScroll(), { passive: true });
    this.resizeObserver = new ResizeObserver(() => this.update());
    this.resizeObserver.observe(content);
    this.resizeObserver.observe(scroller);
  }

  close() {
    this.resizeObserver.disconnect();
  }

  #onScroll() {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    // The event of our own scrolling comes a frame later, when the content may have grown again: only moving up leaves the end.
    const movedUp = scrollTop < this.lastScrollTop;
    this.lastScrollTop = scrollTop;
    const isNearEnd = scrollHeight - scrollTop - clientHeight < NEAR_END;
    this.isAtEnd = isNearEnd || (this.isAtEnd && !movedUp);
    this.onChange(this.isAtEnd);
  }

  /** Scroll to the end if the reader is there. */
  update() {
    if (this.isAtEnd) this.scroller.scrollTop = this.scroller.scrollHeight;
    else this.#onScroll();
  }

  scrollToEnd() {
    this.isAtEnd = true;
    this.onChange(true);
    this.update();
  }
}
