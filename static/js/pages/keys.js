// From a key to what it asks for, whatever the layout, and whose it is: the deck's or a control's.

import { isOn } from "./memory.js";

const NAMED = {
  " ": "next",
  ArrowRight: "next",
  PageDown: "next",
  ArrowLeft: "back",
  PageUp: "back",
  Home: "first",
  End: "last",
  Enter: "play",
};
const LETTERS = {
  n: "next",
  p: "back",
  f: "full",
  o: "overview",
  s: "presenter",
  g: "jump",
  b: "blackout",
  m: "formula",
  c: "code",
  z: "whole",
  i: "pin",
  k: "pause",
  j: "earlier",
  l: "later",
  r: "replay",
  d: "nextPlay",
  t: "nextSection",
  ".": "blackout",
  "?": "help",
};
const SHIFT = { d: "playBefore", t: "sectionBefore" };
// A clicker sends places, not letters: under a layout without the letter the place decides.
const SHIFTED = Object.fromEntries(
  Object.keys(LETTERS)
    .filter((key) => /[a-z]/.test(key))
    .map((key) => [`Key${key.toUpperCase()}`, key]),
);
const PLACES = { ...SHIFTED, Period: "." };
const CONTROLS = "a[href], button, input, select, textarea, summary, [role='tab']";
const TYPED = "input[type='text'], input[type='number'], textarea";

export const isTyping = () => Boolean(document.activeElement?.matches(TYPED));

// Keys of an input method's composition belong to the field, even Escape and PageDown.
export const isComposing = (event) => event.isComposing || event.keyCode === 229;

function symbol(event) {
  if (event.code === "Space") return " ";
  const key = (event.key ?? "").toLowerCase();
  if (Object.hasOwn(LETTERS, key) || /^[a-z]$/.test(key)) return key;
  return (event.shiftKey ? SHIFTED : PLACES)[event.code] ?? event.key;
}

// The name of an action, or nothing. Keys with a modifier are the browser's.
export function actionOf(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || isComposing(event)) return undefined;
  const key = symbol(event);
  if (key === " " && event.shiftKey) return "back";
  if (Object.hasOwn(LETTERS, key) && !isOn("letters")) return undefined;
  if (event.shiftKey && Object.hasOwn(SHIFT, key)) return SHIFT[key];
  if (Object.hasOwn(LETTERS, key)) return LETTERS[key];
  return Object.hasOwn(NAMED, key) ? NAMED[key] : undefined;
}

// A clicker's keys reach the deck from every control; its black screen is also text.
export function isClicker(event, action) {
  if (event.key === "PageDown" || event.key === "PageUp") return true;
  return action === "blackout" && !isTyping();
}

// A control that was used by pointer keeps the focus, and the deck keeps the keys.
let pointing = false;
let pointed = null;

const isPointed = (target) => (pointing && !target.matches?.(`${TYPED}, select`) ? target : null);
addEventListener("pointerdown", () => (pointing = true), true);
addEventListener("keydown", () => (pointing = false), true);
addEventListener("focusin", (event) => (pointed = isPointed(event.target)));
addEventListener("click", () => {
  if (pointing && document.activeElement) pointed = isPointed(document.activeElement);
});
addEventListener("change", (event) => {
  if (pointing && event.target === document.activeElement && !isTyping()) pointed = event.target;
});

// Whether the control that has the focus wants this key itself.
export function isOwned(event) {
  const control = document.activeElement?.closest(CONTROLS);
  if (!control || control === pointed) return false;
  return !(control.matches("a[href]") && event.key === " ");
}

// Keeps a key from everything else, its release too: a button acts on the release of Space.
let taken = "";

export function take(event) {
  event.preventDefault();
  taken = event.code;
}

addEventListener("keyup", (event) => {
  if (taken && event.code === taken) event.preventDefault();
  taken = "";
});
