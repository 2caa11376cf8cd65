// Rows of a proposal come and go, sums are there at once, ticked awards are counted.
(() => {
  "use strict";
  const group = (number) => String(number).replace(/\B(?=(\d{3})+$)/g, ".");
  const whole = (text) => (/^[\d.\s]+$/.test(text || "") ? Number(text.replace(/\D/g, "")) : NaN);
  const say = (output, number) => { if (output) output.textContent = Number.isNaN(number) ? "–" : group(number); };

  // Sums: number × value of one, line by line and all together.
  const valueOf = (row) => Number(row.dataset.unitValue) || whole(row.querySelector("[data-money]")?.value);
  const countOf = (row) => {
    const typed = row.querySelector("[data-count]").value.trim();
    const isNamed = Boolean(row.querySelector("[name$=recipient_name]")?.value.trim());
    return typed ? whole(typed) : (isNamed ? 1 : (row.dataset.unitValue ? 0 : NaN));
  };
  const sum = (form) => {
    let count = 0;
    let total = 0;
    form.querySelectorAll("[data-row]").forEach((row) => {
      const line = countOf(row) * valueOf(row);
      say(row.querySelector("[data-row-sum]"), line);
      count += countOf(row) || 0;
      total += line || 0;
    });
    say(form.querySelector("[data-all-count]"), count);
    say(form.querySelector("[data-all-sum]"), total);
  };
  document.querySelectorAll("form[data-rows], form[data-sums]").forEach((form) => {
    ["input", "change", "focusout"].forEach((name) => form.addEventListener(name, () => sum(form)));
    // "1 triệu" becomes digits once the server has read it: its words change then, and no event tells.
    new MutationObserver((changes) => {
      if (changes.some(({ target }) => target.matches?.(".money-words"))) sum(form);
    }).observe(form, { childList: true, subtree: true });
    sum(form);
  });

  // Rows: another one takes kind, group, unit and pot over from the row before.
  const form = document.querySelector("form[data-rows]");
  if (form) {
    const empty = form.querySelector("template[data-empty-row]");
    const total = form.querySelector("[name$=TOTAL_FORMS]");
    const rows = () => [...form.querySelectorAll("[data-row]")];
    const field = (row, name) => row.querySelector(`[name$=-${name}]`);
    const number = () => rows().forEach((row, n) => {
      row.querySelector("[data-row-number]").textContent = n + 1;
      row.querySelector("[data-remove-row]").hidden = rows().length < 2;
    });
    form.querySelector("[data-add-row]").addEventListener("click", (event) => {
      event.preventDefault();
      const before = rows().at(-1);
      empty.insertAdjacentHTML("beforebegin", empty.innerHTML.replaceAll("__prefix__", total.value));
      const added = rows().at(-1);
      ["kind", "beneficiary_group", "unit", "pot"].forEach((name) => {
        if (before) field(added, name).value = field(before, name).value;
      });
      if (before) added.querySelector("[role=combobox]").value = before.querySelector("[role=combobox]").value;
      total.value = Number(total.value) + 1;
      number();
      sum(form);
      field(added, "recipient_name").focus();
    });
    form.addEventListener("click", ({ target }) => {
      if (!target.closest("[data-remove-row]")) return;
      target.closest("[data-row]").remove();
      number();
      sum(form);
    });
    number();
  }

  // Ticked awards: how many, and what they are worth.
  document.querySelectorAll("form[data-choose]").forEach((choose) => {
    const said = choose.querySelector("[data-chosen]");
    choose.addEventListener("change", () => {
      const ticked = [...choose.querySelectorAll("input[name=award]:checked")];
      const worth = ticked.reduce((all, box) => all + Number(box.dataset.value), 0);
      said.textContent = ticked.length ? `${ticked.length} ${said.dataset.some} · ${group(worth)} đồng` : "";
    });
  });
})();
