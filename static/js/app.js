// What every page does: preferences, popups, keys, errors, and one save per click.
(() => {
  "use strict";
  const root = document.documentElement;

  // Preferences are plain POST forms; with scripts the page changes at once and only the cookie is written.
  document.addEventListener("submit", (event) => {
    const form = event.target.closest("form[data-preference]");
    if (!form) return;
    event.preventDefault();
    const button = event.submitter || form.querySelector("button");
    const chosen = button.value;
    root.setAttribute(form.dataset.preference, chosen);
    if (form.dataset.preference === "data-bs-theme") {
      document.querySelector('meta[name="color-scheme"]').content = chosen;
    }
    const secure = location.protocol === "https:" ? "; secure" : "";
    document.cookie = `${button.name}=${chosen}; path=/; max-age=31536000; samesite=lax${secure}`;
    [button.value, button.dataset.other] = [button.dataset.other, chosen];
  });

  // A row of tabs wider than a phone shows the one that is on.
  document.querySelectorAll(".tabs").forEach((tabs) => {
    const on = tabs.querySelector("[aria-current]");
    if (on) tabs.scrollLeft = on.offsetLeft - tabs.offsetLeft - (tabs.clientWidth - on.offsetWidth) / 2;
  });

  // Popups: one open at a time; a click elsewhere, Escape or tabbing out closes them.
  const popups = () => document.querySelectorAll("details[data-popup][open]");
  const closeOthers = (inside) => popups().forEach((popup) => {
    if (!inside || !popup.contains(inside)) popup.open = false;
  });
  document.addEventListener("click", (event) => closeOthers(event.target));
  document.addEventListener("focusin", (event) => closeOthers(event.target));
  document.addEventListener("toggle", (event) => {
    if (event.target.matches?.("details[data-popup][open]")) {
      closeOthers(event.target);
      event.target.querySelector("input[role=combobox]")?.focus();
    }
  }, true);

  // Keys: Escape closes, "/" searches, Ctrl+Enter saves; in entry forms Enter goes on to the next field.
  const fields = "input:not([type=hidden]):not([tabindex='-1']), select, textarea, button[data-main-save]";
  const goOn = (field) => {
    const all = [...field.form.querySelectorAll(fields)].filter((f) => !f.disabled && f.offsetParent);
    const next = all[all.indexOf(field) + 1];
    next?.focus();
    if (next?.select) next.select();
  };
  document.addEventListener("keydown", (event) => {
    const at = event.target;
    if (event.defaultPrevented || event.isComposing) return;
    if (event.key === "Escape") {
      const popup = at.closest("details[data-popup][open]");
      closeOthers(null);
      popup?.querySelector("summary").focus();
    } else if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && at.form) {
      event.preventDefault();
      const save = at.form.querySelector("[data-main-save]");
      at.form.requestSubmit(save || undefined);
    } else if (event.key === "Enter" && at.matches("form[data-entry] input, form[data-entry] select")) {
      event.preventDefault();
      goOn(at);
    } else if (event.key === "/" && !event.ctrlKey && !event.altKey && !at.matches("input, textarea, select")) {
      const search = document.querySelector("[data-hotkey='/']") || document.querySelector(".filters-search input");
      if (search) {
        event.preventDefault();
        search.focus();
      }
    }
  });

  // A form goes off once. (The server refuses a second one as well.)
  document.addEventListener("submit", (event) => {
    const form = event.target;
    // What is answered with a file leaves the page standing, and may be asked for again.
    if (event.defaultPrevented || form.method !== "post" || "download" in form.dataset) return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "1";
    // After the browser has gathered the fields: a disabled button's own value would be left out.
    setTimeout(() => form.querySelectorAll("button:not([type=button])").forEach((b) => {
      b.setAttribute("aria-disabled", "true");
    }));
  });
  window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((form) => {
    delete form.dataset.sent;
    form.querySelectorAll("[aria-disabled]").forEach((b) => b.removeAttribute("aria-disabled"));
  }));

  // Errors: the summary is read first, its links lead into the fields.
  document.querySelector("[data-error-summary]")?.focus();
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-error-summary] a[href^='#']");
    const field = link && document.getElementById(link.hash.slice(1));
    if (!field) return;
    event.preventDefault();
    (field.matches("input, select, textarea") ? field : field.querySelector("input, select, textarea") || field).focus();
  });

  // The year of the period picker, without loading a page for each step.
  document.addEventListener("click", (event) => {
    const step = event.target.closest("[data-year-step]");
    if (!step) return;
    event.preventDefault();
    const picker = step.closest(".period-picker");
    const shown = picker.querySelector("[data-year]");
    const year = Number(shown.textContent) + Number(step.dataset.yearStep);
    shown.textContent = year;
    picker.querySelectorAll(".period-choice").forEach((choice) => {
      const address = new URL(choice.href);
      const code = address.searchParams.get("period");
      choice.dataset.chosen ??= choice.getAttribute("aria-current") === "true" ? code : "";
      const shifted = code.replace(/^\d{4}/, year);
      address.searchParams.set("period", shifted);
      choice.href = address.href;
      if (choice.dataset.chosen === shifted) choice.setAttribute("aria-current", "true");
      else choice.removeAttribute("aria-current");
    });
  });

  // Show what is being typed as a password, for who cannot find the keys blindly.
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-password] button");
    if (!button) return;
    const input = button.parentElement.querySelector("input");
    const shown = input.type === "password";
    input.type = shown ? "text" : "password";
    button.setAttribute("aria-pressed", String(shown));
    input.focus();
  });

  // A session that ended while the page stood open: sign in again instead of drawing the sign-in page into it.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const landed = event.detail.xhr.responseURL;
    if (landed && new URL(landed).pathname === document.body.dataset.signIn) {
      event.detail.shouldSwap = false;
      location.assign(`${document.body.dataset.signIn}?next=${encodeURIComponent(location.pathname + location.search)}`);
    }
  });
})();
