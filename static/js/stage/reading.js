// The prompt as the model reads it, below its control: htmx asks while one types. What is remarkable
// is said once one pauses, not at every key, and what is long shows its end.

import { announce } from "../pages/announcer.js";

const PAUSE = 1200; // ms
let said = 0;

export function dressReading(form) {
  const box = form.querySelector(".reading");
  if (!box) return;
  let last = sentence(box);
  const ask = () => window.htmx?.trigger(box, "reading:again");
  box.addEventListener("htmx:after:swap", () => {
    follow(box, form.elements.prompt);
    clearTimeout(said);
    said = setTimeout(() => {
      if (box.isConnected && sentence(box) !== last) announce((last = sentence(box)));
    }, PAUSE);
  });
  // What was read before is not how the prompt is read now.
  box.addEventListener("htmx:error", () => {
    box.replaceChildren();
    addEventListener("online", ask, { once: true });
  });
}

const sentence = (box) => box.querySelector("[data-said]")?.dataset.said ?? "";

// The end of a long line, while one types there; a line that is cut can be reached by keyboard.
function follow(box, field) {
  const line = box.querySelector(".words-read");
  if (!line) return;
  const isLong = line.scrollWidth > line.clientWidth;
  line.toggleAttribute("tabindex", isLong);
  if (isLong) line.tabIndex = 0;
  if (field.selectionEnd === field.value.length) line.scrollLeft = line.scrollWidth;
}
