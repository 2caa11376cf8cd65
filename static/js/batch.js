// The grid of a batch: Enter in the last field opens the next line, sums are there at once, what is typed is kept.
(() => {
  "use strict";
  const form = document.querySelector("form[data-batch]");
  if (!form) return;
  const group = (number) => String(Math.abs(number)).replace(/\B(?=(\d{3})+$)/g, ".");
  const whole = (text) => (/^[\d.\s]+$/.test(text || "") ? Number(text.replace(/\D/g, "")) : 0);
  const lines = () => [...form.querySelectorAll("[data-line]")];
  const state = form.querySelector("[data-batch-state]");

  const say = (words, count, sum) => words.replace("{count}", group(count)).replace("{sum}", group(sum));
  const tell = () => {
    const typed = lines().filter((line) => line.querySelector("[name$=-donor]").value || line.querySelector("[name$=-amount_vnd]").value);
    const sum = typed.reduce((all, line) => all + whole(line.querySelector("[name$=-amount_vnd]").value), 0);
    const count = Number(form.elements.control_count.value) || 0;
    const control = whole(form.elements.control_vnd.value);
    const agrees = count > 0 && count === typed.length && control === sum;
    const rest = typed.length && count >= typed.length && control >= sum;
    state.textContent = say(state.dataset.typed, typed.length, sum)
      + (agrees ? ` ${state.dataset.agrees}` : rest ? ` ${say(state.dataset.differs, count - typed.length, control - sum)}` : "");
    state.toggleAttribute("data-agrees-now", agrees);
  };

  // A name typed in full and not chosen from the list is kept as it was typed; the server knows whom it means.
  form.addEventListener("focusout", ({ target }) => {
    if (!target.matches("[data-line] input[role=combobox]")) return;
    const hidden = target.closest("[data-combobox]").querySelector("input[type=hidden]");
    if (!hidden.value && target.value.trim()) hidden.value = `text:${target.value.trim()}`;
    if (!target.value.trim()) hidden.value = "";
    tell();
  });

  // Before the general rule for Enter: in the last field of the last line there is no next one yet.
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.ctrlKey || event.defaultPrevented) return;
    const line = event.target.closest("[data-line]");
    const fields = line ? [...line.querySelectorAll("input:not([type=hidden]), select")].filter((f) => f.offsetParent) : [];
    if (!line || event.target !== fields.at(-1) || line !== lines().at(-1)) return;
    event.preventDefault();
    form.querySelector("[data-add-line]").click();
  });

  let timer = 0;
  const keep = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      fetch(form.dataset.draftUrl, { method: "POST", body: new FormData(form), redirect: "manual" }).catch(() => null);
    }, 1500);
  };
  ["input", "change"].forEach((name) => form.addEventListener(name, () => { tell(); keep(); }));
  form.addEventListener("submit", () => clearTimeout(timer));
  tell();
})();
