// The cover's tree: each model draws one picture, one after the other, as long as the cover is shown.
// Where one does not come, since the server is busy or away, the rest stay outlines.

/* oxlint-disable no-await-in-loop -- one request at a time is the point */

import { isOn } from "./memory.js";
import { ROOT } from "./place.js";

const CALM = 400; // ms, after which one means to stay
const SHARED = 60_000; // ms within which all browsers ask for the same, which is then drawn once

async function draw(node, seed) {
  const address = `${ROOT}/api/v1/models/${node.dataset.model}/sample`;
  const headers = { "Content-Type": "application/json" };
  const body = JSON.stringify({ n: 1, seed });
  const response = await fetch(address, { method: "POST", headers, body, priority: "low" });
  if (!response.ok) return false;
  const image = new Image();
  image.alt = `Drawn just now by ${node.dataset.model}`;
  image.src = `data:image/png;base64,${(await response.json()).images[0]}`;
  node.querySelector(".blank").replaceWith(image);
  node.closest(".node").classList.add("reached");
  return true;
}

export async function grow(cover) {
  const tree = cover?.querySelector(".tree");
  if (!tree || !isOn("autoplay")) return;
  await new Promise((resolve) => setTimeout(resolve, CALM));
  const seed = Math.floor(Date.now() / SHARED) % 1_000_000;
  const nodes = [...tree.querySelectorAll("[data-model]:has(.blank)")];
  for (const [i, node] of nodes.entries()) {
    if (!tree.isConnected || document.hidden || !tree.offsetParent) return;
    const came = await draw(node, seed + i).catch(() => false);
    if (!came) return;
  }
}
