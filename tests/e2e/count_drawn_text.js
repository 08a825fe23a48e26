// Counts the characters that are added below *root* between two frames, to finished blocks and to the open one.
(root) => {
  const counts = window.drawn = { frame: 0, largestFrame: 0, total: 0 };
  const lengthOf = (record) => record.type === "characterData"
    ? Math.max(0, record.target.data.length - record.oldValue.length)
    : [...record.addedNodes].reduce((length, node) => length + node.textContent.length, 0);
  const observer = new MutationObserver((records) => {
    for (const record of records) counts.frame += lengthOf(record);
  });
  observer.observe(root, { subtree: true, childList: true, characterData: true, characterDataOldValue: true });
  const step = () => {
    counts.largestFrame = Math.max(counts.largestFrame, counts.frame);
    counts.total += counts.frame;
    counts.frame = 0;
    requestAnimationFrame(step);
  };
  requestAnimationFrame(step);
}
