// Nothing typed is lost: forms marked data-draft are kept in this tab until the server has taken them.
// A session that ended, a closed lid, a slip of the finger: the next visit of the form offers what was typed.
(() => {
  "use strict";
  const KEY = "hkh-draft:";
  const store = sessionStorage;
  const form = document.querySelector("form[data-draft]");
  const key = KEY + location.pathname;
  const all = () => Object.keys(store).filter((name) => name.startsWith(KEY));
  const load = (name) => JSON.parse(store.getItem(name));

  // Sent and answered with another page than the sign-in: the server has it. Otherwise it is still wanted.
  const signIn = document.body.dataset.signIn;
  all().forEach((name) => {
    const draft = load(name);
    if (!draft.sent) return;
    const refused = name === key && form?.dataset.draft === "bound";
    if (location.pathname === signIn || refused) store.setItem(name, JSON.stringify({ ...draft, sent: false }));
    else store.removeItem(name);
  });
  document.addEventListener("submit", (event) => {
    if (event.target.matches("[data-forget-drafts]")) all().forEach((name) => store.removeItem(name));
  });
  if (!form) return;

  const typed = () => [...form.elements].filter((f) => f.name && f.name !== "csrfmiddlewaretoken"
    && !["password", "file", "submit", "button"].includes(f.type) && !f.hasAttribute("data-private"));
  // By position and not by name, so that repeated names (lines of goods) come back where they stood.
  const values = () => typed().map((f) => (["checkbox", "radio"].includes(f.type) ? f.checked : f.value));
  const keep = (sent) => store.setItem(key, JSON.stringify({ values: values(), texts: texts(), sent }));
  const boxes = () => [...form.querySelectorAll("input[role=combobox]")];
  const texts = () => boxes().map((box) => box.value);

  const offer = form.querySelector("[data-draft-offer]");
  const draft = store.getItem(key) && load(key);
  if (offer && draft && form.dataset.draft !== "bound") {
    offer.hidden = false;
    offer.querySelector("[data-draft-take]").addEventListener("click", () => {
      typed().forEach((f, n) => {
        if (draft.values[n] === undefined) return;
        if (["checkbox", "radio"].includes(f.type)) f.checked = draft.values[n];
        else f.value = draft.values[n];
      });
      boxes().forEach((box, n) => { box.value = draft.texts[n] ?? ""; });
      form.querySelectorAll("input[data-money]").forEach((f) => f.dispatchEvent(new Event("input", { bubbles: true })));
      offer.hidden = true;
    });
    offer.querySelector("[data-draft-drop]").addEventListener("click", () => {
      store.removeItem(key);
      offer.hidden = true;
    });
  }
  form.addEventListener("input", () => keep(false));
  form.addEventListener("change", () => keep(false));
  form.addEventListener("submit", () => keep(true));
})();
