/** Notes when the reader's own message, the first and the last token come into the page, in ms since the epoch. */
(() => {
  const now = () => performance.timeOrigin + performance.now();
  const probe = { seen: {}, marks: {}, gap: 0 };
  window.bench = probe;

  const observer = new MutationObserver((records) => {
    for (const { type, target, addedNodes } of records) {
      if (target.nodeName === "TEXTAREA") continue;
      if (type === "characterData") checkText(target.data);
      else for (const node of addedNodes) checkText(node.textContent);
    }
  });

  function checkText(text) {
    for (const [name, mark] of Object.entries(probe.marks)) {
      if (text.includes(mark)) note(name);
    }
  }

  function note(name) {
    probe.seen[name] = now();
    delete probe.marks[name];
    if (name === "last") probe.done();
  }

  const roots = [];
  const observe = (root) => {
    roots.push(root);
    observer.observe(root, { subtree: true, childList: true, characterData: true });
  };
  observe(document);
  const attach = Element.prototype.attachShadow;
  Element.prototype.attachShadow = function (init) {
    const root = attach.call(this, init);
    observe(root);
    return root;
  };

  function countGaps(former) {
    requestAnimationFrame((at) => {
      probe.gap = Math.max(probe.gap, at - former);
      if (!probe.seen.last) countGaps(at);
    });
  }

  /** When the *selector* was first seen in the page, visible and enabled: looked for in every frame. */
  probe.usable = (selector) => new Promise((resolve) => {
    const check = () => {
      const element = roots.map((root) => root.querySelector(selector)).find(Boolean);
      const ready = element && !element.disabled && element.checkVisibility({ visibilityProperty: true });
      if (ready) resolve(now());
      else requestAnimationFrame(check);
    };
    check();
  });

  /** Press Enter in *area* at the time *at*, and look for *marks* from then on. */
  probe.press = (area, { at, marks, frames }) => {
    probe.over = new Promise((resolve) => { probe.done = resolve; });
    setTimeout(() => {
      Object.assign(probe, { seen: { sent: now() }, marks, gap: 0 });
      if (frames) countGaps(performance.now());
      area.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", code: "Enter", keyCode: 13, bubbles: true, composed: true, cancelable: true }));
    }, at - now());
  };

  /** What was seen by the end of the reply, or after *patience* ms without it. */
  probe.result = async (patience) => {
    await Promise.race([probe.over, new Promise((resolve) => setTimeout(resolve, patience))]);
    return { ...probe.seen, gap: probe.gap };
  };
})();
