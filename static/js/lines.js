// Lines of a form: another empty one at a touch, numbered as the server counts them.
(() => {
  "use strict";
  document.querySelectorAll("[data-lines]").forEach((part) => {
    const button = part.querySelector("[data-add-line]");
    const empty = part.querySelector("template[data-empty-line]");
    const total = part.querySelector("[name$=-TOTAL_FORMS]");
    if (!button || !empty || !total) return;
    button.hidden = false;
    button.addEventListener("click", () => {
      empty.insertAdjacentHTML("beforebegin", empty.innerHTML.replaceAll("__prefix__", total.value));
      total.value = Number(total.value) + 1;
      const lines = part.querySelectorAll("[data-line]");
      lines[lines.length - 1].querySelector("input:not([type=hidden]), select")?.focus();
    });
  });
})();
