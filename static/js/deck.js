// The deck: keys, gestures and the change of slides in place, so that full screen survives it.

import { snapshot } from "./picture.js";
import { playerOf } from "./player.js";
import { LAST, dress, load, path } from "./slides.js";

const deck = document.getElementById("deck");
const visited = new Map();
const channel = new BroadcastChannel("family-tree");
const me = Math.random(); // several decks may be open
const current = () => deck.querySelector(".slide");
const number = () => Number(current()?.dataset.number ?? 0);

async function go(target, { byKey = false, push = true } = {}) {
  const n = Math.max(0, Math.min(LAST, target));
  const old = current();
  const from = number();
  if (n === from && old.classList.contains("slide") && !old.classList.contains("about")) return;
  const next = visited.get(n)?.node ?? (await load(n));
  if (!next) {
    location.href = path(n);
    return;
  }
  old.dispatchEvent(new CustomEvent("deck:leave", { bubbles: true }));
  visited.set(from, { node: old, address: location.pathname + location.search });
  const known = visited.has(n);
  deck.replaceChildren(next);
  next.classList.remove("arriving");
  next.classList.add("arriving");
  if (!known) window.htmx?.process(next);
  if (push) history.pushState({ n }, "", visited.get(n)?.address ?? path(n));
  arrive(next, { byKey, forward: n > from && !known });
}

function arrive(slide, detail) {
  const n = number();
  document.title = n === 0 ? slide.dataset.title : `${n} · ${slide.dataset.title}`;
  document.getElementById("announcer").textContent = n === 0 ? "Cover" : `Slide ${n} of ${LAST}: ${slide.dataset.title}`;
  for (const [name, step] of [["back", n - 1], ["next", n + 1]]) {
    document.querySelector(`[data-go="${name}"]`).href = path(Math.max(0, Math.min(LAST, step)));
  }
  deck.focus({ preventScroll: true });
  scrollTo(0, 0);
  report();
  slide.dispatchEvent(new CustomEvent("deck:enter", { bubbles: true, detail }));
}

const controls = "a[href], button, input, select, textarea, [role='tab']";
const inControl = () => document.activeElement?.closest?.(controls) && document.activeElement !== deck;
const dialog = () => document.querySelector("dialog[open]");

function open(id) {
  const box = document.getElementById(id);
  if (box.open) return box.close();
  dialog()?.close();
  box.showModal();
}

function blackout() {
  const cover = document.getElementById("blackout");
  cover.hidden = !cover.hidden;
}

const actions = {
  next: () => go(number() + 1, { byKey: true }),
  back: () => go(number() - 1, { byKey: true }),
  first: () => go(0),
  last: () => go(LAST),
  play: () => (number() === 0 ? go(1, { byKey: true }) : playerOf(deck)?.play()),
  full: () => (document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen?.()),
  overview: () => open("overview"),
  help: () => open("help"),
  jump: () => open("jump"),
  presenter: () => window.open("/presenter", "presenter", "width=1100,height=760"),
  blackout,
};
const keys = {
  " ": "next", ArrowRight: "next", n: "next", N: "next", PageDown: "next",
  ArrowLeft: "back", p: "back", P: "back", PageUp: "back",
  Home: "first", End: "last", Enter: "play", f: "full", F: "full", o: "overview", O: "overview",
  s: "presenter", S: "presenter", b: "blackout", B: "blackout", ".": "blackout",
  "?": "help", g: "jump", G: "jump",
};
const clicker = new Set(["PageDown", "PageUp"]);
const blackouts = new Set(["b", "B", "."]); // a clicker sends these too, but they are also text
const typing = () => document.activeElement?.matches("input[type='text'], input[type='number']");
const always = (key) => clicker.has(key) || (blackouts.has(key) && !typing());

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape" && !dialog()) {
    document.getElementById("blackout").hidden = true;
    deck.focus({ preventScroll: true });
    return;
  }
  if (dialog() && !always(event.key) && !["o", "O", "?"].includes(event.key)) return;
  if (inControl() && !always(event.key)) return;
  if (dialog() && always(event.key)) dialog().close();
  let name = keys[event.key];
  if (event.key === " " && event.shiftKey) name = "back";
  if (!name || (event.repeat && name !== "next" && name !== "back")) return;
  event.preventDefault();
  actions[name]();
});

// A control used by pointer or touch gives the focus back; text fields keep it while typing.
addEventListener("pointerup", (event) => {
  const used = event.target.closest?.("button, a[href], input, select");
  if (!used || used.closest("dialog")) return;
  if (used.matches("input[type='text'], input[type='number'], select")) return;
  setTimeout(() => !dialog() && deck.focus({ preventScroll: true }), 0);
});
addEventListener("change", (event) => {
  if (event.target.matches("select") && !event.target.matches(":focus-visible")) deck.focus({ preventScroll: true });
});

addEventListener("click", (event) => {
  const link = event.target.closest("[data-slide], [data-go]");
  if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    dialog()?.close();
    if (link.dataset.go) return void go(number() + (link.dataset.go === "next" ? 1 : -1));
    return void go(Number(link.dataset.slide));
  }
  const opener = event.target.closest("[data-open]");
  if (opener) open(opener.dataset.open);
  if (event.target.closest("[data-theme-switch]")) switchTheme();
  if (event.target.id === "blackout") blackout();
});

document.querySelector("[data-jump]").addEventListener("submit", (event) => {
  go(Number(event.target.elements.number.value));
});

function switchTheme() {
  const root = document.documentElement;
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
  localStorage.setItem("theme", root.dataset.theme);
}

const autoplay = document.querySelector("[data-autoplay]");
autoplay.checked = localStorage.getItem("autoplay") !== "off";
autoplay.addEventListener("change", () => localStorage.setItem("autoplay", autoplay.checked ? "on" : "off"));

let touch = null;
addEventListener("touchstart", (event) => {
  const free = event.touches.length === 1 && !event.target.closest("input, select, dialog");
  touch = free ? event.touches[0] : null;
}, { passive: true });
addEventListener("touchend", (event) => {
  if (!touch) return;
  const dx = event.changedTouches[0].clientX - touch.clientX;
  const dy = event.changedTouches[0].clientY - touch.clientY;
  touch = null;
  if (Math.abs(dx) > 60 && Math.abs(dx) > 2 * Math.abs(dy)) go(number() + (dx < 0 ? 1 : -1));
}, { passive: true });

addEventListener("popstate", (event) => {
  const match = location.pathname.match(/^\/slides\/(\d)$/);
  if (location.pathname === "/" || match) go(event.state?.n ?? Number(match?.[1] ?? 0), { push: false });
});

// The presenter view asks several times a second; a picture goes out only if it changed since.
let changes = 0;
const changed = () => (changes += 1);
new MutationObserver(changed).observe(deck, { subtree: true, childList: true, attributes: true, characterData: true });
deck.addEventListener("input", changed);

function report(question) {
  const black = !document.getElementById("blackout").hidden;
  const state = `${me} ${changes}`;
  const picture = question && question.seen !== state ? snapshot(current()) : null;
  channel.postMessage({ deck: me, at: number(), turned: !question, black, state, picture });
}

channel.addEventListener("message", (event) => {
  if (event.data.ask) report(event.data);
  if (event.data.to === me && event.data.send in actions) actions[event.data.send]();
});

history.replaceState({ n: number() }, "", location.href);
dress(current());
deck.focus({ preventScroll: true });
report();
