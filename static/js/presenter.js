// The speaker's window: pictures of this slide and the next, notes, time. It follows a deck and
// leads it; while none answers, it turns the pages by itself.

import { paint, still } from "./picture.js";
import { LAST, load, parse, path } from "./slides.js";

const EVERY = 250; // ms from one question to the deck to the next
const PATIENCE = 8; // questions without an answer
const channel = new BroadcastChannel("family-tree");
const find = (name) => document.querySelector(`[data-${name}]`);
const articles = [...document.querySelectorAll("article[data-number]")];
const title = (n) => articles.find((a) => Number(a.dataset.number) === n)?.querySelector("h1").textContent;
let at = null; // the slide
let deck = null; // of several decks, the one that turned a page last
let missed = PATIENCE - 2; // opened alone, it need not wait long
let alone = false;
let seen = ""; // the state of the deck in the picture
let began = Number(sessionStorage.getItem("began")) || Date.now(); // kept when S loads this anew

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
  else face.replaceChildren();
}

function setAlone(yes) {
  alone = yes;
  find("alone").hidden = !yes;
  document.querySelector("[data-send='play']").disabled = yes;
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
  paint(find("picture").firstElementChild, parse(answer.picture));
}

function ask() {
  if (document.hidden) return; // nobody looks, and hidden pages decode no images
  missed += 1;
  if (missed >= PATIENCE && !alone) {
    setAlone(true);
    turnAlone(at ?? 0);
  }
  channel.postMessage({ ask: true, seen });
}

function send(name) {
  if (!alone) return channel.postMessage({ to: deck, send: name });
  const n = { next: at + 1, back: at - 1, first: 0, last: LAST }[name];
  if (n >= 0 && n <= LAST) turnAlone(n);
}

const keys = {
  " ": "next", ArrowRight: "next", n: "next", N: "next", PageDown: "next",
  ArrowLeft: "back", p: "back", P: "back", PageUp: "back",
  Home: "first", End: "last", Enter: "play", b: "blackout", B: "blackout", ".": "blackout",
};

addEventListener("keydown", (event) => {
  const name = event.key === " " && event.shiftKey ? "back" : keys[event.key];
  if (!name || event.ctrlKey || event.metaKey || event.altKey) return;
  if ([" ", "Enter"].includes(event.key) && event.target.closest("button, summary, a")) return;
  event.preventDefault();
  send(name);
});

// Used by pointer, a control gives the keys back.
addEventListener("click", (event) => {
  const control = event.target.closest("button, summary");
  if (control && event.detail > 0) control.blur();
  if (control?.dataset.send) send(control.dataset.send);
});

function tick() {
  const now = new Date();
  const seconds = Math.floor((now - began) / 1000);
  find("clock").textContent = now.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  find("timer").textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

function startTimer(from) {
  began = from;
  sessionStorage.setItem("began", began);
  tick();
}

find("reset").addEventListener("click", () => startTimer(Date.now()));
channel.addEventListener("message", (event) => heard(event.data));
setInterval(tick, 1000);
setInterval(ask, EVERY);
startTimer(began);
ask();
