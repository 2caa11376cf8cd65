// The form of a gift: shows what the answers so far ask for, and the last gifts of the chosen donor.
(() => {
  "use strict";
  const form = document.querySelector("form[data-donation]");
  if (!form) return;
  const newDonor = form.querySelector("[data-new-donor]");
  const lastGifts = form.querySelector("[data-last-gifts]");
  const value = (name) => {
    const field = form.elements[name];
    return field.type === "checkbox" ? (field.checked ? "on" : "") : field.value;
  };

  const show = () => {
    newDonor.hidden = !value("donor").startsWith("new:");
    form.querySelectorAll("[data-when]").forEach((part) => {
      const [name, wanted] = part.dataset.when.split("=");
      part.hidden = value(name) !== wanted;
    });
  };

  const tellGifts = async (donor) => {
    lastGifts.replaceChildren();
    if (!/^\d+$/.test(donor)) return;
    const answer = await fetch(`${form.dataset.giftsUrl}?donor=${donor}`).catch(() => null);
    if (answer?.ok && !answer.redirected && value("donor") === donor) lastGifts.innerHTML = await answer.text();
  };

  form.addEventListener("combobox:chosen", ({ detail }) => {
    if (detail.value.startsWith("new:")) form.elements.new_name.value = detail.label;
    show();
    tellGifts(detail.value);
  });
  form.addEventListener("change", show);
  form.addEventListener("input", show);
  show();
})();
