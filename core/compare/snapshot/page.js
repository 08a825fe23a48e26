"use strict";

for (const table of document.querySelectorAll("table.sortable")) {
  const body = table.tBodies[0];
  for (const button of table.querySelectorAll("th button")) {
    button.addEventListener("click", () => {
      const header = button.closest("th");
      const direction = header.getAttribute("aria-sort") === "ascending" ? "descending" : "ascending";
      for (const other of table.querySelectorAll("th")) other.removeAttribute("aria-sort");
      header.setAttribute("aria-sort", direction);
      const sign = direction === "ascending" ? 1 : -1;
      const column = header.cellIndex;
      body.append(...[...body.rows].toSorted((a, b) => sign * compare(a.cells[column], b.cells[column])));
    });
  }
}

// Cells without a figure come last in ascending order.
function compare(a, b) {
  if (a.dataset.value === undefined) return a.textContent.localeCompare(b.textContent);
  const [first, second] = [a, b].map((cell) => (cell.dataset.value === "" ? Infinity : Number(cell.dataset.value)));
  return first === second ? 0 : first - second;
}

const form = document.querySelector("form.ballot-form");
if (form) {
  const votes = () =>
    [...form.querySelectorAll("fieldset")].flatMap((field) => {
      const choice = field.querySelector("input:checked");
      const comment = field.querySelector("input[type=text]").value.trim();
      return choice ? [{ case: Number(field.dataset.case), choice: choice.value, comment }] : [];
    });
  const count = form.querySelector("output");
  form.addEventListener("change", () => {
    count.textContent = String(votes().length);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const ballot = {
      format: "openai-sdk-playground/ballot",
      version: 1,
      snapshot: form.dataset.snapshot,
      voter: form.elements.namedItem("voter").value.trim(),
      votes: votes(),
    };
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([JSON.stringify(ballot, null, 1)], { type: "application/json" }));
    link.download = "ballot.json";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  });
}
