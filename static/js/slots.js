// A browser opens six connections to one host for all its windows together, and a running Play
// holds one. So that pages always find a free one, no more than MOST Plays run at a time: windows
// tell each other of theirs, and those that asked first go first.

import { openChannel } from "./channel.js";

const MOST = 4;
const ANSWERS = 100; // ms in which every window has answered
const AGAIN = 1000; // ms until a waiting one asks who is left: a window may have vanished

const me = `${Date.now()} ${Math.random()}`;
const channel = openChannel("family-tree-plays");
const others = new Map(); // window → since when it has or wants a place
const waiting = new Set();
let mine = null;
let count = 0;

const tell = () => channel.post({ window: me, since: mine });
const isAhead = ([other, since]) => since < mine || (since === mine && other < me);
const hasPlace = () => [...others].filter(isAhead).length < MOST;
const wake = () => {
  for (const again of [...waiting]) again();
};

channel.listen((said) => {
  if (said.who) {
    if (mine !== null) tell();
    return;
  }
  if (said.since === null) others.delete(said.window);
  else others.set(said.window, said.since);
  wake();
});
channel.post({ who: true });
addEventListener("pagehide", () => channel.post({ window: me, since: null }));

function news(signal, ms) {
  return new Promise((resolve) => {
    const end = () => {
      waiting.delete(end);
      signal?.removeEventListener("abort", end);
      clearTimeout(timer);
      resolve();
    };
    const timer = setTimeout(end, ms);
    waiting.add(end);
    signal?.addEventListener("abort", end);
  });
}

// A place for one Play; gives back a function that returns it. `waits` is called if there is none.
export async function place(signal, waits) {
  count += 1;
  if (mine === null) {
    mine = Date.now();
    tell();
  }
  let given = false;
  const giveBack = () => {
    if (given) return;
    given = true;
    count -= 1;
    if (count) return;
    mine = null;
    tell();
  };
  while (!hasPlace() && !signal.aborted) {
    waits();
    await news(signal, AGAIN);
    if (hasPlace() || signal.aborted) break;
    others.clear();
    channel.post({ who: true });
    await new Promise((resolve) => setTimeout(resolve, ANSWERS));
  }
  return giveBack;
}
