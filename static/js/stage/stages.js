// Which stage has which player, and what happens to both when slides and tabs change.

import { isOn } from "../pages/memory.js";
import { Player, calm } from "./player.js";

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

// Changing the tab swaps the stage: the old one must stop, the new one needs its player, and the
// focus stays on the tab.
let chosen = null;
let wasOpen = false; // more controls, on the tab before

function leavesTab(link) {
  playerOf(link.closest(".slide"))?.abort();
  wasOpen = Boolean(link.closest("[data-stage]").querySelector("[data-more]")?.open);
  chosen = link === document.activeElement ? link.closest("[data-stage]") : null;
}

// The text follows the Play.
function showBeside(stage) {
  const tabs = [...stage.closest(".slide").querySelectorAll(".fact-tabs button")];
  tabs.find((tab) => tab.textContent === stage.dataset.beside)?.click();
}

function swapped() {
  const stage = document.querySelector("#deck [data-stage]");
  if (!stage || stages.has(stage)) return;
  const player = playerOf(stage.closest(".slide"));
  player.keepAddress();
  showBeside(stage);
  const more = stage.querySelector("[data-more]");
  if (more) more.open = wasOpen;
  if (chosen && !chosen.isConnected)
    stage.querySelector(".tabs [aria-current]")?.focus({ preventScroll: true });
  chosen = null;
}

export function beginPlayers() {
  document.addEventListener("deck:leave", (event) => {
    clearTimeout(arrival);
    playerOf(event.target)?.abort();
  });
  document.addEventListener("deck:enter", (event) => entered(event.target, event.detail.plays));
  document.addEventListener("htmx:before:request", (event) => {
    if (event.target.matches?.(".tabs a")) leavesTab(event.target);
  });
  document.addEventListener("htmx:after:swap", swapped);
  const first = playerOf(document.getElementById("deck"));
  const pinned = new URLSearchParams(location.search).get("pin");
  if (pinned) first?.recall(pinned);
  // A link that carries a seed opens the very picture it was copied from.
  if (first && new URLSearchParams(location.search).has("seed")) {
    addEventListener("load", () => !first.asked && !first.frames.length && first.play());
  }
}
