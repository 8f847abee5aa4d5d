// A browser opens six connections to one host for all its windows together, and a running Play
// holds one. So that pages always find a free one, no more than MOST Plays run at a time: windows
// tell each other of theirs, and those that asked first go first.

/* oxlint-disable no-await-in-loop -- each try follows from the one before */

import { openChannel } from "../desk/channel.js";

const MOST = 4;
const ANSWERS = 100; // ms in which every window has answered
const AGAIN = 1000; // ms until a waiting one asks who is left: a window may have vanished

const me = Math.random();
const channel = openChannel("family-tree-plays");
const others = new Map(); // window → since when it has or wants a place
const held = new Set(); // what to do if a place is lost
const waiting = new Set();
let mine = null;
let asking = 0; // Plays of this window that have or want a place

const tell = () => channel.post({ window: me, since: mine });
const isAhead = ([other, since]) => since < mine || (since === mine && other < me);
const hasPlace = () => [...others].filter(isAhead).length < MOST;

channel.listen((said) => {
  if (said.who) {
    if (mine !== null) tell();
    return;
  }
  if (said.since === null) others.delete(said.window);
  else others.set(said.window, said.since);
  for (const again of waiting) again();
  // Two may begin before they hear of each other; the later one makes room.
  if (mine !== null && !hasPlace()) for (const leave of held) leave();
});
channel.post({ who: true });
addEventListener("pagehide", () => channel.post({ window: me, since: null }));

function news(signal) {
  return new Promise((resolve) => {
    const end = () => {
      waiting.delete(end);
      signal.removeEventListener("abort", end);
      clearTimeout(timer);
      resolve();
    };
    const timer = setTimeout(end, AGAIN);
    waiting.add(end);
    signal.addEventListener("abort", end);
  });
}

async function wait(signal) {
  await news(signal);
  if (hasPlace() || signal.aborted) return;
  others.clear();
  channel.post({ who: true });
  await new Promise((resolve) => setTimeout(resolve, ANSWERS));
}

// A place for a Play that began at `since`; gives a function that returns it. `waits` is called while
// there is none, `leave` if it is lost again.
export async function place(since, signal, waits, leave) {
  asking += 1;
  mine = Math.min(mine ?? since, since);
  tell();
  while (!hasPlace() && !signal.aborted) {
    waits();
    await wait(signal);
  }
  held.add(leave);
  return () => {
    if (!held.delete(leave)) return;
    asking -= 1;
    if (asking) return;
    mine = null;
    tell();
  };
}
