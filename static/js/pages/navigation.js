// Turning pages, one after the other: every press counts from where the presses before it lead, and
// address, slide and history always agree.

/* oxlint-disable no-await-in-loop -- each try follows from the one before */

import { announce, clearNotice, notice } from "./announcer.js";
import { LAST, addressOf, keepAddress, numberAt, path } from "./place.js";
import { fetchSlide, load, taken } from "./slides.js";

const deck = document.getElementById("deck");
const shelf = new Map(); // slides that were shown and are not now, as they were left
let wanted = null; // the turn that is still to be made
let walking = false;
let hurry = () => {}; // ends the wait for a slide that is not wanted any more

export const current = () => deck.querySelector(".slide");
export const number = () => Number(current()?.dataset.number ?? 0);
const isAside = () => "aside" in current().dataset; // a page of its own, such as an error
// An error stands at the address of what it is about.
const whence = () => (isAside() ? numberAt(location.pathname) || 0 : number());
const isShown = (n) => n === number() && !isAside();
const titled = (n, slide) => (n === 0 ? slide.dataset.title : `${n} · ${slide.dataset.title}`);

// Options: `byKey`, a key of the deck asked; `popped`, the browser's history did; `search`, what of
// the slide is wanted, which then comes anew.
export function turnTo(n, options = {}) {
  wanted = { n: Math.max(0, Math.min(LAST, n)), ...options };
  clearNotice();
  hurry();
  walk();
}

export const turnBy = (step, options) => turnTo((wanted?.n ?? whence()) + step, options);

async function walk() {
  if (walking) return;
  walking = true;
  try {
    while (wanted) {
      const goal = wanted;
      const known = goal.search ? null : isShown(goal.n) ? current() : shelf.get(goal.n);
      const pressed = new Promise((resolve) => (hurry = resolve));
      const slide = known ?? (await Promise.race([fetched(goal), pressed]));
      if (wanted !== goal) continue; // pressed again meanwhile
      wanted = null;
      if (!slide) stay(goal);
      else if (slide === current()) record(slide, goal);
      else show(slide, goal, Boolean(known));
    }
  } finally {
    walking = false;
  }
}

async function fetched({ n, search }) {
  if (!search) return fetchSlide(n);
  const slide = await load(n, "auto", search);
  if (slide) keepAddress(slide, path(n) + search);
  return slide;
}

function show(slide, goal, isKnown) {
  const old = current();
  const [from, n] = [whence(), goal.n];
  const hadFocus =
    deck.contains(document.activeElement) || document.activeElement === document.body;
  old.dispatchEvent(new CustomEvent("deck:leave", { bubbles: true }));
  if (!isAside()) shelf.set(from, old);
  shelf.delete(n);
  taken(n);
  deck.replaceChildren(slide);
  slide.classList.remove("arriving");
  slide.classList.add("arriving");
  if (!isKnown) window.htmx?.process(slide);
  record(slide, goal);
  document.title = titled(n, slide);
  announce(n === 0 ? "Cover" : `Slide ${n} of ${LAST}: ${slide.dataset.title}`);
  for (const [name, step] of [
    ["back", n - 1],
    ["next", n + 1],
  ]) {
    document.querySelector(`[data-go="${name}"]`).href = path(Math.max(0, Math.min(LAST, step)));
  }
  if (hadFocus) deck.focus({ preventScroll: true });
  scrollTo(0, 0);
  const plays = Boolean(goal.byKey) && n > from && !isKnown;
  slide.dispatchEvent(new CustomEvent("deck:enter", { bubbles: true, detail: { plays } }));
  prepare();
}

// The history gets an entry for a slide that was turned to, unless it is itself what asked for it.
function record(slide, goal) {
  const address = addressOf(slide);
  if (location.pathname + location.search === address) return;
  if (goal.popped) history.replaceState({ n: goal.n }, "", address);
  else history.pushState({ n: goal.n }, "", address);
}

// The slide did not come: the deck stays where it is, and so does the address.
function stay(goal) {
  record(current(), { n: number(), popped: true });
  const name = goal.n === 0 ? "The cover" : `Slide ${goal.n}`;
  notice(`${name} did not come: the network or the server is away.`, () => turnTo(goal.n, goal));
}

function prepare() {
  const n = number();
  for (const other of [n + 1, n - 1]) {
    if (other >= 0 && other <= LAST && !shelf.has(other) && !isShown(other))
      fetchSlide(other, "low");
  }
}

addEventListener("popstate", () => {
  const n = numberAt(location.pathname);
  if (Number.isNaN(n)) location.reload();
  else turnTo(n, { popped: true });
});
addEventListener("online", prepare);

// Once, for the slide that came with the page. A tracker's parameters are not part of its address.
export function begin() {
  const slide = current();
  const address = isAside()
    ? location.pathname + location.search
    : path(number()) + ownQuery(slide);
  keepAddress(slide, address);
  history.replaceState({ n: number() }, "", location.href);
  deck.focus({ preventScroll: true });
  const idle = window.requestIdleCallback ?? ((work) => setTimeout(work, 500));
  idle(prepare, { timeout: 2000 });
}

function ownQuery(slide) {
  const fields = new Set(["demo", "notes", "pin"]);
  for (const field of slide.querySelectorAll("[data-demo-form] [name]")) fields.add(field.name);
  const own = [...new URLSearchParams(location.search)].filter(([name]) => fields.has(name));
  return own.length ? `?${new URLSearchParams(own)}` : "";
}
