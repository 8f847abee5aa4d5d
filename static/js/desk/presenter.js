// The speaker's window: pictures of this slide and the next, notes, time. It follows a deck and
// leads it; while none answers, it turns the pages by itself.

import { openChannel } from "./channel.js";
import { Fields } from "./fields.js";
import { actionOf, isOwned, take } from "../pages/keys.js";
import { keep, recall, showSettings } from "../pages/memory.js";
import { paint, still } from "./picture.js";
import { LAST, path } from "../pages/place.js";
import { load, parse } from "../pages/slides.js";

const EVERY = 250; // ms from one question to the deck to the next
const PATIENCE = 8; // questions without an answer
const channel = openChannel("family-tree");
const find = (name) => document.querySelector(`[data-${name}]`);
const articles = [...document.querySelectorAll("article[data-number]")];
const title = (n) =>
  articles.find((a) => Number(a.dataset.number) === n)?.querySelector("h1").textContent;
const fields = new Fields(find("fields"), (set) => channel.post({ to: deck, set }));
let at = null; // the slide
let deck = null; // of several decks, the one that turned a page last
let missed = PATIENCE - 2; // opened alone, it need not wait long
let alone = false;
let seen = ""; // the state of the deck in the picture
let began = 0; // when the timer stood at zero, on a clock that nobody sets

function turn(n) {
  if (n === at) return;
  at = n;
  for (const article of articles) article.hidden = Number(article.dataset.number) !== n;
  find("where").textContent = n === 0 ? "Cover" : `Slide ${n} of ${LAST}`;
  find("next").textContent = title(n + 1) ?? "The end.";
  find("next-picture").hidden = n === LAST;
  find("deck").href = path(n);
  if (n < LAST) showPage(n + 1, "next-picture", () => at === n);
}

async function showPage(n, box, wanted) {
  const slide = await load(n);
  const face = find(box).firstElementChild;
  if (!wanted()) return;
  if (slide) paint(face, still(slide));
  else face.replaceChildren(); // rather nothing than another slide
}

function setAlone(yes) {
  alone = yes;
  find("alone").hidden = !yes;
  find("fields").hidden = yes;
  for (const button of document.querySelectorAll("[data-send]"))
    button.disabled = yes && !["back", "next"].includes(button.dataset.send);
}

function turnAlone(n) {
  turn(n);
  seen = "";
  find("picture").classList.remove("black");
  showPage(n, "picture", () => alone && at === n);
}

function heard(answer) {
  if (answer.at === undefined) return;
  if (deck !== null && answer.deck !== deck && !answer.turned && missed < PATIENCE) return;
  deck = answer.deck;
  missed = 0;
  setAlone(false);
  turn(answer.at);
  find("picture").classList.toggle("black", answer.black);
  if (answer.turned) ask();
  if (!answer.picture) return;
  seen = answer.state;
  fields.show(answer.fields);
  paint(find("picture").firstElementChild, parse(answer.picture));
}

function ask() {
  if (document.hidden) return; // nobody looks, and hidden pages decode no images
  missed += 1;
  if (missed >= PATIENCE && !alone) {
    setAlone(true);
    turnAlone(at ?? 0);
  }
  channel.post({ ask: true, seen });
}

function send(name) {
  if (!alone) return channel.post({ to: deck, send: name });
  const n = { next: at + 1, back: at - 1, first: 0, last: LAST }[name];
  if (n >= 0 && n <= LAST) turnAlone(n);
}

const LED = new Set([
  "next",
  "back",
  "first",
  "last",
  "play",
  "blackout",
  "pause",
  "earlier",
  "later",
  "replay",
  "nextPlay",
  "playBefore",
  "nextSection",
  "sectionBefore",
  "formula",
  "code",
  "whole",
  "pin",
]);

addEventListener("keydown", (event) => {
  const name = actionOf(event);
  if (!LED.has(name)) return;
  if ([" ", "Enter"].includes(event.key) && isOwned(event)) return;
  take(event);
  send(name);
});

addEventListener("click", (event) => {
  const button = event.target.closest("[data-send]");
  if (button) send(button.dataset.send);
});

function tick() {
  const elapsed = performance.now() - began;
  const seconds = Math.floor(elapsed / 1000);
  find("clock").textContent = new Date().toLocaleTimeString([], {
    hour: "2-digit",
    minute: "2-digit",
  });
  find("timer").textContent =
    `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  keep("elapsed", elapsed, "sessionStorage"); // S may load this page anew
}

function startTimer(elapsed) {
  began = performance.now() - elapsed;
  tick();
}

find("reset").addEventListener("click", () => startTimer(0));
channel.listen(heard);
setInterval(tick, 1000);
setInterval(ask, EVERY);
addEventListener("pagehide", tick);
startTimer(Number(recall("elapsed", "sessionStorage")));
showSettings();
ask();
