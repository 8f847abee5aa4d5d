// Which stage has which player, and what happens to both when slides and tabs change.

import { isOn } from "../pages/memory.js";
import { Player, calm } from "./player.js";
import { beginTabs } from "./tabs.js";

const SETTLED = 250; // ms on a slide after which one means to stay there
const stages = new WeakMap();

export function playerOf(root) {
  const stage = root?.querySelector("[data-stage]");
  if (!stage) return null;
  if (!stages.has(stage)) stages.set(stage, new Player(stage));
  return stages.get(stage);
}

// A slide that was turned to by key plays, once one means to stay on it.
let arrival = 0;

function entered(slide, plays) {
  clearTimeout(arrival);
  if (!plays || !isOn("autoplay") || calm()) return;
  const player = playerOf(slide);
  arrival = setTimeout(
    () => player && !player.asked && !player.frames.length && player.play(),
    SETTLED,
  );
}

// The text follows the Play.
function showBeside(stage) {
  const tabs = [...stage.closest(".slide").querySelectorAll(".fact-tabs button")];
  tabs.find((tab) => tab.textContent === stage.dataset.beside)?.click();
}

function swapped(stage) {
  playerOf(stage.closest(".slide")).keepAddress();
  showBeside(stage);
}

export function beginPlayers() {
  document.addEventListener("deck:leave", (event) => {
    clearTimeout(arrival);
    playerOf(event.target)?.abort();
  });
  document.addEventListener("deck:enter", (event) => entered(event.target, event.detail.plays));
  document.addEventListener("stage:leave", (event) => playerOf(event.target.parentNode)?.abort());
  document.addEventListener("stage:enter", (event) => swapped(event.target));
  beginTabs();
  const first = playerOf(document.getElementById("deck"));
  const pinned = new URLSearchParams(location.search).get("pin");
  if (pinned) first?.recall(pinned);
  // A link that carries a seed opens the very picture it was copied from.
  if (first && new URLSearchParams(location.search).has("seed")) {
    addEventListener("load", () => !first.asked && !first.frames.length && first.play());
  }
}
