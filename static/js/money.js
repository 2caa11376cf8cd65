// Sums: digits in groups while typing, the amount in words below as the server reads it.
(() => {
  "use strict";
  const group = (digits) => digits.replace(/^0+(?=\d)/, "").replace(/\B(?=(\d{3})+$)/g, ".");

  const regroup = (input) => {
    if (!/^[\d.\s]*$/.test(input.value)) return; // "1,5 triệu" is left as it is typed
    const digitsAfter = input.value.slice(input.selectionEnd).replace(/\D/g, "").length;
    const grouped = group(input.value.replace(/\D/g, ""));
    if (grouped === input.value) return;
    input.value = grouped;
    let at = grouped.length;
    for (let left = digitsAfter; left > 0 && at > 0; at -= 1) if (/\d/.test(grouped[at - 1])) left -= 1;
    input.setSelectionRange(at, at);
  };

  const timers = new WeakMap();
  const say = (input, wait) => {
    clearTimeout(timers.get(input));
    timers.set(input, setTimeout(async () => {
      const money = input.closest(".money");
      const words = money.querySelector(".money-words");
      const typed = input.value.trim();
      if (!typed) {
        words.textContent = "";
        words.removeAttribute("data-wrong");
        return;
      }
      const answer = await fetch(`${money.dataset.wordsUrl}?so=${encodeURIComponent(typed)}`).catch(() => null);
      if (!answer || !answer.ok || answer.redirected || input.value.trim() !== typed) return;
      const read = await answer.json();
      words.textContent = read.words || read.problem;
      words.toggleAttribute("data-wrong", Boolean(read.problem));
      if (read.grouped && document.activeElement !== input) input.value = read.grouped;
    }, wait));
  };

  document.addEventListener("input", ({ target: input }) => {
    if (!input.matches("input[data-money]")) return;
    regroup(input);
    say(input, 350);
  });
  document.addEventListener("focusout", ({ target: input }) => {
    if (input.matches("input[data-money]")) say(input, 0);
  });
  const sayAll = (within) => within.querySelectorAll("input[data-money]").forEach((input) => {
    if (input.value) say(input, 0);
  });
  sayAll(document);
  document.addEventListener("htmx:load", (event) => sayAll(event.detail.elt));
})();
