// The controls of a stage: each says its value, and one that does nothing now says why.

import { dressPads, showPads } from "./pad.js";
import { ROOT } from "../pages/place.js";
import { dressReading } from "./reading.js";

export function dressControls(form) {
  form.addEventListener("input", (event) => {
    showValue(event.target);
    bind(form);
    // Another seed is another question.
    if (event.target.name === "seed" && form.elements.guess) form.elements.guess.value = "none";
  });
  dressPads(form);
  dressReading(form);
  showValues(form);
}

// A browser may have kept what was chosen before the page was loaded anew.
export function showValues(form) {
  for (const field of form.elements) showValue(field);
  showPads(form);
  bind(form);
}

function showValue(field) {
  const label = field.closest("label");
  const shown = label?.querySelector("[data-value]");
  if (shown) shown.textContent = field.value;
  const thumb = label?.querySelector("[data-thumb]");
  if (!thumb || !field.validity.valid || field.value === "") return;
  const address = `${ROOT}/gallery/${Number(field.value)}.png`;
  if (thumb.getAttribute("src") !== address) thumb.src = address;
}

// `data-only="dataset=faces|photos"`: a control that acts only while another has one of these values.
function bind(form) {
  for (const label of form.querySelectorAll("[data-only]")) {
    const [name, values] = label.dataset.only.split("=");
    const acts = values.split("|").includes(form.elements[name]?.value);
    label.classList.toggle("idle", !acts);
    label.title = acts ? "" : label.dataset.reason;
    for (const field of label.querySelectorAll("input, select")) field.disabled = !acts;
    reasonOf(label).textContent = acts ? "" : label.dataset.reason;
  }
}

function reasonOf(label) {
  const known = label.querySelector(".reason");
  if (known) return known;
  const reason = document.createElement("small");
  reason.className = "reason";
  label.append(reason);
  return reason;
}
