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
  // Goods: until somebody writes a quantity, one kind is proposed: the first that comes to the awards in goods in whole
  // pieces, or the only one there is. Which of several kinds make up a sum, nobody can guess.
  const read = (text) => Number((/^\d{1,3}(\.\d{3})+(,|$)/.test(text) ? text.replaceAll(".", "") : text).replace(",", "."));
  const goodsOf = (form) => [...form.querySelectorAll("[data-goods-row]")].map((row) => ({
    field: row.querySelector("[data-goods-count]"),
    said: row.querySelector("[data-goods-sum]"),
    held: Number(row.dataset.quantity),
    worth: Number(row.dataset.worth),
  }));
  const propose = (goods, due) => {
    const piecesOf = ({ held, worth }) => (worth ? (due * held) / worth : NaN);
    const fits = (one) => one.worth >= due && Math.abs(piecesOf(one) - Math.round(piecesOf(one))) < 1e-6;
    const chosen = goods.find(fits) || (goods.length === 1 ? goods[0] : null);
    goods.forEach((one) => {
      let count = one === chosen && due > 0 ? Math.min(piecesOf(one), one.held) : 0;
      // What is counted in pieces is handed out in pieces.
      if (count && Number.isInteger(one.held)) count = Math.max(1, Math.round(count));
      const text = count ? String(Math.round(count * 1000) / 1000).replace(".", ",") : "";
      if (one.field.value !== text) one.field.value = text;  // or the cursor would jump
    });
  };
  const sumGoods = (form, due) => {
    const goods = goodsOf(form);
    if (!goods.length) return;
    if (!form.querySelector("[data-goods]").dataset.typed) propose(goods, due);
    const worth = goods.map(({ field, said, held, worth: all }) => {
      const line = field.value.trim() ? Math.round((read(field.value.trim()) * all) / held) : 0;
      say(said, line);
      return line || 0;
    });
    say(form.querySelector("[data-goods-all]"), worth.reduce((all, one) => all + one, 0));
    say(form.querySelector("[data-goods-due]"), due);
  };
  const sum = (form) => {
    let count = 0;
    let total = 0;
    let inGoods = 0;
    form.querySelectorAll("[data-row]").forEach((row) => {
      const line = countOf(row) * valueOf(row);
      say(row.querySelector("[data-row-sum]"), line);
      count += countOf(row) || 0;
      total += line || 0;
      if (row.dataset.pot === "goods") inGoods += line || 0;
    });
    sumGoods(form, inGoods);
    say(form.querySelector("[data-all-count]"), count);
    say(form.querySelector("[data-all-sum]"), total);
  };
  document.querySelectorAll("form[data-rows], form[data-sums]").forEach((form) => {
    const goods = form.querySelector("[data-goods]");
    if (goods) {
      const typed = () => { goods.dataset.typed = "1"; };
      if (form.dataset.draft === "bound") typed();
      goods.addEventListener("input", typed);
    }
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
