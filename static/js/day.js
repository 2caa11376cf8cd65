// Dates: 5/9/2024, 05092024 and 5-9-24 are read alike; the browser's own calendar stands beside the field.
(() => {
  "use strict";
  const two = (n) => String(n).padStart(2, "0");

  // [day, month, year] or null; what is no date of the calendar is left for the server to speak about.
  const read = (typed) => {
    const parts = /^(\d{1,2})[./\-\s](\d{1,2})[./\-\s](\d{4}|\d{2})$/.exec(typed) || /^(\d{2})(\d{2})(\d{4}|\d{2})$/.exec(typed);
    if (!parts) return null;
    const [day, month] = [Number(parts[1]), Number(parts[2])];
    const year = parts[3].length === 2 ? 2000 + Number(parts[3]) : Number(parts[3]);
    const date = new Date(year, month - 1, day);
    return date.getMonth() === month - 1 && date.getDate() === day ? [day, month, year] : null;
  };

  document.addEventListener("focusout", ({ target: input }) => {
    if (!input.matches("[data-day] input[type=text]")) return;
    const date = read(input.value.trim());
    if (date) input.value = `${two(date[0])}/${two(date[1])}/${date[2]}`;
  });

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-day-open]");
    if (!button) return;
    const [input, native] = button.closest("[data-day]").querySelectorAll("input");
    const date = read(input.value.trim());
    native.value = date ? `${date[2]}-${two(date[1])}-${two(date[0])}` : "";
    native.onchange = () => {
      const [year, month, day] = native.value.split("-");
      if (!year) return;
      input.value = `${day}/${month}/${year}`;
      input.dispatchEvent(new Event("input", { bubbles: true }));
      input.focus();
    };
    if (native.showPicker) native.showPicker();
    else native.focus();
  });
})();
