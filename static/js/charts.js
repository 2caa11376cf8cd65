// Charts are drawings made on the server; here their marks get a tooltip, by pointer and by keyboard.
(() => {
  "use strict";
  const MARKS = ".chart-frame svg [aria-label][role='graphics-symbol'], .chart-frame svg a, [data-tip]";
  let tip = null;

  const textOf = (mark) => {
    const labelled = mark.closest("[aria-label]") || mark.querySelector("[aria-label]");
    return mark.dataset.tip || labelled?.getAttribute("aria-label") || "";
  };
  const hide = () => tip?.remove();
  const show = (mark, x, y) => {
    const text = textOf(mark);
    if (!text) return;
    tip ??= Object.assign(document.createElement("div"), { className: "chart-tip" });
    tip.setAttribute("aria-hidden", "true"); // the mark itself already carries the text
    tip.textContent = text;
    document.body.append(tip);
    const { width, height } = tip.getBoundingClientRect();
    tip.style.left = `${Math.max(8, Math.min(x + 12, innerWidth - width - 8))}px`;
    tip.style.top = `${y - height - 10 > 8 ? y - height - 10 : y + 16}px`;
  };

  document.addEventListener("pointermove", (event) => {
    const mark = event.target.closest?.(MARKS);
    if (mark) show(mark, event.clientX, event.clientY);
    else hide();
  });
  document.addEventListener("focusin", (event) => {
    const mark = event.target.closest?.(MARKS);
    if (!mark) return hide();
    const box = mark.getBoundingClientRect();
    show(mark, box.left + box.width / 2, box.top);
  });
  document.addEventListener("keydown", (event) => event.key === "Escape" && hide());
  document.addEventListener("scroll", hide, true);

  // A chart that does not come says so in its place, and its table opens.
  const failed = (event) => {
    const frame = event.target.closest?.("[data-chart]");
    if (!frame) return;
    frame.querySelector(".skeleton")?.remove();
    frame.querySelector(".chart-failed").hidden = false;
    const table = frame.parentElement.querySelector(".chart-table");
    if (table) table.open = true;
  };
  ["htmx:responseError", "htmx:sendError", "htmx:timeout"].forEach((name) => document.addEventListener(name, failed));
})();
