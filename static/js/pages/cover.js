// The cover's tree: each model draws one picture, one after the other, as long as the cover is shown.
// Where one does not come, since the server is busy or away, the rest stay outlines.

/* oxlint-disable no-await-in-loop -- one request at a time is the point */

import { isOn } from "./memory.js";
import { ROOT } from "./place.js";

const CALM = 400; // ms, after which one means to stay
const SHARED = 60_000; // ms within which all browsers ask for the same, which is then drawn once

// A picture that is asked for before the page has loaded would keep it loading.
const loaded = () =>
  document.readyState === "complete" ||
  new Promise((resolve) => addEventListener("load", resolve, { once: true }));

async function draw(node, seed) {
  const image = new Image();
  image.alt = `Drawn just now by ${node.dataset.model}`;
  image.fetchPriority = "low";
  image.src = `${ROOT}/cover/${node.dataset.model}.png?seed=${seed}`;
  await image.decode();
  node.querySelector(".blank").replaceWith(image);
  node.closest(".node").classList.add("reached");
}

export async function grow(page) {
  const tree = page?.querySelector(".cover > .tree");
  if (!tree || !isOn("autoplay")) return;
  await loaded();
  await new Promise((resolve) => setTimeout(resolve, CALM));
  const seed = Math.floor(Date.now() / SHARED) % 1_000_000;
  const nodes = [...tree.querySelectorAll("[data-model]:has(.blank)")];
  for (const [i, node] of nodes.entries()) {
    if (!tree.isConnected || document.hidden || !tree.offsetParent) return;
    try {
      await draw(node, seed + i);
    } catch {
      return;
    }
  }
}
