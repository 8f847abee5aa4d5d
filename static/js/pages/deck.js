// The deck: keys, gestures, dialogs and the black screen. Slides change in place, so that full
// screen survives it.

import { actionOf, isClicker, isComposing, isOwned, take } from "./keys.js";
import { grow } from "./cover.js";
import { keep, showSettings } from "./memory.js";
import { begin, current, number, turnBy, turnTo } from "./navigation.js";
import { LAST, ROOT } from "./place.js";
import { followPresenter } from "../desk/report.js";
import { dress } from "./slides.js";
import { beginPlayers, playerOf } from "../stage/stages.js";
import { onSwipe } from "./swipe.js";
import { turnTab } from "../stage/tabs.js";

const deck = document.getElementById("deck");
const black = document.getElementById("blackout");
const dialog = () => document.querySelector("dialog[open]");

function open(id) {
  const box = document.getElementById(id);
  if (box.open) return box.close();
  dialog()?.close();
  box.querySelector("[data-jump]")?.reset();
  box.showModal();
}

function fullScreen() {
  const change = document.fullscreenElement
    ? document.exitFullscreen()
    : document.documentElement.requestFullscreen?.();
  change?.catch(() => {}); // the browser may refuse
}

const actions = {
  next: () => turnBy(1, { byKey: true }),
  back: () => turnBy(-1, { byKey: true }),
  first: () => turnTo(0),
  last: () => turnTo(LAST),
  play: () => (number() === 0 ? turnTo(1, { byKey: true }) : playerOf(deck)?.play()),
  full: fullScreen,
  overview: () => open("overview"),
  help: () => open("help"),
  jump: () => open("jump"),
  presenter: () => window.open(`${ROOT}/presenter`, "presenter", "width=1100,height=760"),
  blackout: () => (black.hidden = !black.hidden),
  pause: () => playerOf(deck)?.toggle(),
  earlier: () => playerOf(deck)?.step(-1),
  later: () => playerOf(deck)?.step(1),
  replay: () => playerOf(deck)?.repeat(),
  pin: () => playerOf(deck)?.togglePin(),
  formula: () => playerOf(deck)?.drawer.toggle("formula"),
  code: () => playerOf(deck)?.drawer.toggle("code"),
  whole: () => playerOf(deck) && setWhole(!deck.classList.contains("whole")),
  nextPlay: () => turnTab(1),
  playBefore: () => turnTab(-1),
  nextSection: () => goAlong(1),
  sectionBefore: () => goAlong(-1),
};

// The scene takes the whole window and gives it back.
function setWhole(yes) {
  deck.classList.toggle("whole", yes);
  for (const button of deck.querySelectorAll("[data-whole]")) showWhole(button);
}

const showWhole = (button) =>
  button.setAttribute("aria-pressed", String(deck.classList.contains("whole")));

// The section after the chosen one, or before it.
function goAlong(step) {
  const all = [...deck.querySelectorAll(".fact-tabs button")];
  const at = all.findIndex((tab) => tab.matches("[aria-selected='true']"));
  all[(at + step + all.length) % all.length]?.click();
}

// Behind a black screen nothing is done unseen: whatever is asked first brings back the picture.
function act(name) {
  if (!Object.hasOwn(actions, name)) return;
  if (!black.hidden) black.hidden = true;
  else actions[name]();
}

addEventListener("keydown", (event) => {
  if (isComposing(event)) return;
  if (event.key === "Escape" && !dialog()) {
    const drawer = playerOf(deck)?.drawer;
    if (black.hidden && drawer?.box.dataset.open) drawer.choose("");
    else if (black.hidden) setWhole(false);
    black.hidden = true;
    deck.focus({ preventScroll: true });
    return;
  }
  const name = actionOf(event);
  if (!name || (event.repeat && name !== "next" && name !== "back")) return;
  if (!isClicker(event, name)) {
    if (dialog() && name !== "overview" && name !== "help") return;
    if (isOwned(event)) return;
  } else dialog()?.close();
  take(event);
  act(name);
});

// A link may want one Play of a slide, with its parameters: it is as good as a key to that.
function wish(link) {
  const { search } = new URL(link.href);
  return search ? { search, byKey: true } : {};
}

addEventListener("click", (event) => {
  const link = event.target.closest("[data-slide], [data-go]");
  if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    dialog()?.close();
    if (link.dataset.go) turnBy(link.dataset.go === "next" ? 1 : -1);
    else turnTo(Number(link.dataset.slide), wish(link));
    return;
  }
  const opener = event.target.closest("[data-open]");
  if (opener) open(opener.dataset.open);
  if (event.target.closest("[data-press]")) act(event.target.closest("[data-press]").dataset.press);
  if (event.target.closest("[data-whole]")) actions.whole();
  if (event.target.closest("[data-theme-switch]")) switchTheme();
  if (event.target === black) black.hidden = true;
});

document.querySelector("[data-jump]").addEventListener("submit", (event) => {
  turnTo(Number(event.target.elements.number.value));
});

function switchTheme() {
  const root = document.documentElement;
  const dark = root.dataset.theme
    ? root.dataset.theme === "dark"
    : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
  keep("theme", root.dataset.theme);
}

// Other stages come while the scene has the whole window.
new MutationObserver(() => deck.querySelectorAll("[data-whole]").forEach(showWhole)).observe(deck, {
  childList: true,
  subtree: true,
});

showSettings();
onSwipe((step) => turnBy(step));
dress(current());
begin();
beginPlayers();
document.addEventListener("deck:enter", (event) => grow(event.target));
grow(current());
followPresenter(act);
