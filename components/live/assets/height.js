/** Fill the rest of the viewport, so that the page has one scroll bar and the composer stays visible. */

const MIN_HEIGHT = 320; // px
const MAX_PADDING = 200; // px below the component that count as the page's own padding

/**
 * @param {HTMLElement} element gets the height that is left below its top
 * @returns {() => void} ends it
 */
export function fillHeight(element) {
  const fit = () => {
    const page = scrollParent(element);
    const top = element.getBoundingClientRect().top + page.scrollTop;
    const height = (window.visualViewport?.height ?? window.innerHeight) - top;
    setHeight(element, height);
    const below = page.scrollHeight - page.clientHeight;
    if (below > 0 && below < MAX_PADDING) setHeight(element, height - below);
  };
  const observer = new ResizeObserver(fit);
  observer.observe(document.documentElement);
  observer.observe(contentOf(element)); // what the page draws above moves the element
  window.addEventListener("resize", fit);
  window.visualViewport?.addEventListener("resize", fit);
  return () => {
    observer.disconnect();
    window.removeEventListener("resize", fit);
    window.visualViewport?.removeEventListener("resize", fit);
  };
}

function setHeight(element, height) {
  element.style.height = `${Math.max(MIN_HEIGHT, Math.floor(height))}px`;
}

/** The child of the page that contains *element*: its size changes with everything on the page. */
function contentOf(element) {
  const page = scrollParent(element);
  let content = element.getRootNode().host ?? element;
  while (content.parentElement && content.parentElement !== page) content = content.parentElement;
  return content;
}

function scrollParent(element) {
  for (let node = element.getRootNode().host ?? element.parentElement; node; node = node.parentElement) {
    if (/auto|scroll/.test(getComputedStyle(node).overflowY)) return node;
  }
  return document.documentElement;
}
