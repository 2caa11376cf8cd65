// Charts are drawings made on the server; here their marks get a tooltip, by pointer, finger and keyboard.
(() => {
  "use strict";
  let tip = null;

  const markOf = (element) => element.closest?.("[data-tip], .chart-frame svg a[aria-label]");
  const hide = () => tip?.remove();
  const show = (mark, x, y) => {
    tip ??= Object.assign(document.createElement("div"), { className: "chart-tip" });
    tip.setAttribute("aria-hidden", "true"); // the mark itself already carries the text
    tip.textContent = mark.dataset.tip || mark.getAttribute("aria-label");
    document.body.append(tip);
    const { width, height } = tip.getBoundingClientRect();
    tip.style.left = `${Math.max(8, Math.min(x + 12, innerWidth - width - 8))}px`;
    tip.style.top = `${y - height - 10 > 8 ? y - height - 10 : y + 16}px`;
  };

  document.addEventListener("pointermove", (event) => {
    const mark = markOf(event.target);
    if (mark) show(mark, event.clientX, event.clientY);
    else hide();
  });
  document.addEventListener("focusin", (event) => {
    const mark = markOf(event.target);
    if (!mark) return hide();
    const box = mark.getBoundingClientRect();
    show(mark, box.left + box.width / 2, box.top);
  });
  document.addEventListener("keydown", (event) => event.key === "Escape" && hide());
  document.addEventListener("scroll", hide, true);

  // The server draws for the room there is; letters then have their true size.
  document.addEventListener("htmx:configRequest", (event) => {
    const frame = event.target.closest?.("[data-chart]");
    if (!frame) return;
    const { paddingLeft, paddingRight } = getComputedStyle(frame);
    const room = frame.clientWidth - parseFloat(paddingLeft) - parseFloat(paddingRight);
    event.detail.parameters.set("width", Math.floor(room));
  });

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
