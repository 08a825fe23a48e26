/** Records when the own message and the first and last token appear in the page, in ms since the epoch. */
(() => {
  const now = () => performance.timeOrigin + performance.now();
  const probe = { times: {}, marks: {}, gap: 0 };
  window.bench = probe;

  const observer = new MutationObserver((records) => {
    for (const { type, target, addedNodes } of records) {
      // The message is also in the composer, before it is sent.
      if (target.nodeName === "TEXTAREA") continue;
      if (type === "characterData") checkText(target.data);
      else for (const node of addedNodes) checkText(node.textContent);
    }
  });

  function checkText(text) {
    for (const [name, mark] of Object.entries(probe.marks)) {
      if (text.includes(mark)) record(name);
    }
  }

  function record(name) {
    probe.times[name] = now();
    delete probe.marks[name];
    if (name === "last") probe.finish();
  }

  // Shadow roots are not observed with the document, so each one is observed when it is created.
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

  function measureGaps(previous) {
    requestAnimationFrame((at) => {
      probe.gap = Math.max(probe.gap, at - previous);
      if (!probe.times.last) measureGaps(at);
    });
  }

  /** Resolves with the time at which *selector* is visible and enabled, checked in every frame. */
  probe.usable = (selector) => new Promise((resolve) => {
    const check = () => {
      const element = roots.map((root) => root.querySelector(selector)).find(Boolean);
      const ready = element && !element.disabled && element.checkVisibility({ visibilityProperty: true });
      if (ready) resolve(now());
      else requestAnimationFrame(check);
    };
    check();
  });

  /** Press Enter in *area* at the time *at*, and start to record *marks*. */
  probe.press = (area, { at, marks, frames }) => {
    probe.finished = new Promise((resolve) => { probe.finish = resolve; });
    setTimeout(() => {
      Object.assign(probe, { times: { sent: now() }, marks, gap: 0 });
      if (frames) measureGaps(performance.now());
      area.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", code: "Enter", keyCode: 13, bubbles: true, composed: true, cancelable: true }));
    }, at - now());
  };

  /** Resolves with the recorded times at the end of the reply, or after *timeout* ms. */
  probe.result = async (timeout) => {
    await Promise.race([probe.finished, new Promise((resolve) => setTimeout(resolve, timeout))]);
    return { ...probe.times, gap: probe.gap };
  };
})();
