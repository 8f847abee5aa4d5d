// Pictures of slides: a lifeless copy of one, to be shown small in the presenter view.

import { lay } from "../stage/film.js";

const idle = document.implementation.createHTMLDocument(); // its images load nothing
const painted = new WeakMap();
let turn = 0;

// What a slide shows at this moment, as text that travels to another window.
export function snapshot(slide) {
  const copy = idle.importNode(slide, true);
  const fields = copy.querySelectorAll("input, option");
  slide.querySelectorAll("input, option").forEach((field, i) => {
    fields[i].setAttribute("value", field.value);
    fields[i].toggleAttribute("checked", field.checked === true);
    fields[i].toggleAttribute("selected", field.selected === true);
  });
  const frames = [...copy.querySelectorAll(".frame")];
  const shown = frames.find((frame) => frame.matches(".current")) ?? frames.at(-1);
  for (const frame of frames) if (frame !== shown) frame.remove();
  return still(copy).outerHTML;
}

// Nothing left that runs, is pointed at by name, or is for the speaker alone.
export function still(slide) {
  for (const element of slide.querySelectorAll("script, .notes")) element.remove();
  for (const element of [slide, ...slide.querySelectorAll("*")]) {
    for (const name of element.getAttributeNames()) {
      if (/^(id|for|list|name|style|aria-labelledby|on.*|hx-.*)$/.test(name))
        element.removeAttribute(name);
    }
  }
  return slide;
}

// Shows the slide in the face; images are decoded before, so that nothing flickers.
export async function paint(face, slide) {
  const mine = (turn += 1);
  const copy = document.importNode(slide, true);
  await Promise.allSettled([...copy.querySelectorAll("img")].map((image) => image.decode()));
  if (mine < (painted.get(face) ?? 0)) return;
  painted.set(face, mine);
  const bar = copy.querySelector(".player");
  bar?.style.setProperty("--done", bar.querySelector("progress").value);
  copy.querySelectorAll("[data-film] > ol").forEach(lay);
  face.className = copy.className;
  face.dataset.number = copy.dataset.number;
  face.dataset.accent = copy.dataset.accent;
  face.replaceChildren(...copy.childNodes);
}
