// The controls of a stage: each says its value, and one that does nothing now says why.

import { dressPads, showPads } from "./pad.js";
import { ROOT } from "../pages/place.js";
import { dressReading } from "./reading.js";

export function dressControls(form) {
  form.addEventListener("input", (event) => {
    showValue(event.target);
    bind(form);
    if (event.target.name === "seed") askAnew(form);
  });
  // Nothing in a field of numbers means its default.
  form.addEventListener("change", ({ target }) => fill(target));
  form.addEventListener("submit", () => [...form.elements].forEach(fill), { capture: true });
  form.querySelector("[data-another]")?.addEventListener("click", () => suggest(form));
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

// Another seed is another question: what was answered to the one before is gone.
export function askAnew(form) {
  for (const field of form.querySelectorAll("[data-begins]")) field.value = field.dataset.begins;
}

function fill(field) {
  if (field.dataset.default === undefined || field.value !== "" || field.validity.badInput) return;
  field.value = field.dataset.default;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

// The suggestion after the one that stands in the field, or the first.
function suggest(form) {
  const field = form.elements.prompt;
  const texts = [...form.querySelectorAll("#prompts option")].map((option) => option.value);
  field.value = texts[(texts.indexOf(field.value) + 1) % texts.length];
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

function showValue(field) {
  const label = field.closest("label");
  const shown = label?.querySelector("[data-value]");
  const said = "exponent" in field.dataset ? power(field.value) : field.value;
  if (shown) shown.textContent = said;
  if ("exponent" in field.dataset) field.setAttribute("aria-valuetext", said);
  const thumb = label?.querySelector("[data-thumb]");
  if (!thumb || !field.validity.valid || field.value === "") return;
  const address = `${ROOT}/gallery/${Number(field.value)}.png`;
  if (thumb.getAttribute("src") !== address) thumb.src = address;
}

// `data-exponent`: what is chosen is ten to the power of the field's value.
const power = (exponent) => String(Number((10 ** exponent).toPrecision(2)));

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
