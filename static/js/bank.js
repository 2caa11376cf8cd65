// Ticked lines of a bank account: how many, and what they come to.
(() => {
  "use strict";
  const group = (number) => String(number).replace(/\B(?=(\d{3})+$)/g, ".");
  document.querySelectorAll("form[data-bank-lines]").forEach((form) => {
    const said = form.querySelector("[data-chosen]");
    const count = () => {
      const ticked = [...form.querySelectorAll("input[name$=-take]:checked")];
      const sum = ticked.reduce((all, box) => all + Number(box.closest("[data-amount]").dataset.amount), 0);
      said.textContent = ticked.length ? `${ticked.length} ${said.dataset.some} · ${group(sum)} đồng` : "";
    };
    if (said) {
      form.addEventListener("change", count);
      count();
    }
  });
})();
