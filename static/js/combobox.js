// One of many, found by typing: the W3C combobox pattern with a list popup and manual selection.
(() => {
  "use strict";
  const WAIT_MS = 200;
  const running = new WeakMap();

  const parts = (input) => {
    const box = input.closest("[data-combobox]");
    return {
      box,
      hidden: box.querySelector("input[type=hidden]"),
      list: box.querySelector("[role=listbox]"),
      status: box.querySelector("[role=status]"),
    };
  };
  const options = (list) => [...list.querySelectorAll("[role=option]")];

  const close = (input) => {
    parts(input).list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };

  const mark = (input, option) => {
    options(parts(input).list).forEach((one) => one.setAttribute("aria-selected", String(one === option)));
    if (!option) return;
    input.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  };

  const show = (input, html) => {
    const { box, list, status } = parts(input);
    list.innerHTML = html;
    const found = options(list);
    found.forEach((option, n) => {
      option.id = `${list.id}-${n}`;
      option.setAttribute("aria-selected", "false");
    });
    list.hidden = found.length === 0;
    input.setAttribute("aria-expanded", String(found.length > 0));
    input.removeAttribute("aria-activedescendant");
    status.textContent = found.length ? `${found.length} ${box.dataset.some}` : box.dataset.none;
    if (!found.length && input.value.trim()) {
      list.hidden = false;
      list.innerHTML = "";
      list.append(Object.assign(document.createElement("li"), { textContent: box.dataset.none }));
      list.firstChild.setAttribute("role", "presentation");
    }
  };

  const look = (input, wait) => {
    const before = running.get(input);
    before?.abort.abort();
    clearTimeout(before?.timer);
    const abort = new AbortController();
    const timer = setTimeout(async () => {
      const address = new URL(parts(input).box.dataset.url, location.href);
      address.searchParams.set("q", input.value.trim());
      try {
        const answer = await fetch(address, { signal: abort.signal, headers: { "HX-Request": "true" } });
        if (answer.ok && !answer.redirected && document.activeElement === input) show(input, await answer.text());
      } catch (reason) {
        if (reason.name !== "AbortError") close(input);
      }
    }, wait);
    running.set(input, { abort, timer });
  };

  const choose = (input, option) => {
    const { box, hidden } = parts(input);
    input.value = option.dataset.label || option.textContent.trim();
    input.dataset.chosen = input.value;
    close(input);
    if (option.dataset.href) return location.assign(option.dataset.href);
    if (box.dataset.goTo) {
      const address = new URL(location.href);
      ["after", "before"].forEach((cursor) => address.searchParams.delete(cursor));
      address.searchParams.set(box.dataset.goTo, option.dataset.value);
      return location.assign(address);
    }
    if (hidden) {
      hidden.value = option.dataset.value;
      hidden.dispatchEvent(new Event("change", { bubbles: true }));
    }
    input.dispatchEvent(new CustomEvent("combobox:chosen", { bubbles: true, detail: { ...option.dataset } }));
  };

  const isCombobox = (element) => element.matches?.("[data-combobox] input[role=combobox]");

  document.addEventListener("focusin", ({ target: input }) => {
    if (!isCombobox(input)) return;
    input.dataset.chosen ??= input.value;
  });
  document.addEventListener("input", ({ target: input }) => {
    if (!isCombobox(input)) return;
    const { hidden } = parts(input);
    if (hidden && hidden.value) hidden.value = "";
    look(input, WAIT_MS);
  });
  document.addEventListener("focusout", ({ target: input }) => {
    if (!isCombobox(input)) return;
    running.get(input)?.abort.abort();
    close(input);
  });
  document.addEventListener("mousedown", (event) => {
    const option = event.target.closest("[data-combobox] [role=option]");
    if (option) event.preventDefault(); // the focus stays in the field
  });
  document.addEventListener("click", (event) => {
    const option = event.target.closest("[data-combobox] [role=option]");
    if (option) choose(option.closest("[data-combobox]").querySelector("input[role=combobox]"), option);
    else if (isCombobox(event.target) && parts(event.target).list.hidden) look(event.target, 0);
  });

  document.addEventListener("keydown", (event) => {
    const input = event.target;
    if (!isCombobox(input) || event.isComposing) return;
    const { list } = parts(input);
    const all = list.hidden ? [] : options(list);
    const at = all.findIndex((option) => option.getAttribute("aria-selected") === "true");
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!all.length) look(input, 0);
      else if (event.key === "ArrowDown") mark(input, all[(at + 1) % all.length]);
      else mark(input, all[(at <= 0 ? all.length : at) - 1]);
    } else if (event.key === "Enter" && !event.ctrlKey && all.length) {
      event.preventDefault();
      choose(input, all[Math.max(at, 0)]);
    } else if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      close(input);
    }
  }, true);
})();
