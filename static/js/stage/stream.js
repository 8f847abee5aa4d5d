// A Play's stream that goes on where it was when the connection is lost: it is asked for from its
// last event on, and no event is given twice.

/* oxlint-disable no-await-in-loop -- each try follows from the one before */

import { place } from "./slots.js";

const SILENCE = 45_000; // ms without a byte: the server says something every 15 s
const LONGEST = 30_000; // ms between two tries
const EVENTS = /^(data|id|event|retry)?:/; // how a stream begins, whatever it is labelled
const BLANK = /\r\n\r\n|\n\n|\r\r/;
const LAST = /^\s*<li\b[^>]*\sdata-done\b/;
const AWAY = "The connection to the server is lost. It is tried again by itself.";
const FOREIGN = "The network answered with a page of its own, perhaps to log in.";

class Trouble extends Error {}

// Like fetch. A stream comes back as one that does not break; an answer of the deck, as it is.
// `line` hears when it `waits()`, is `lost(sentence, retry)`, is `found()` and has `restarted()`.
export async function steadyFetch(address, options, line) {
  const events = follow(address, options, line);
  const first = await events.next();
  if (first.value instanceof Response) return first.value;
  if (first.done) throw new DOMException("The Play was left.", "AbortError");
  return new Response(bytes(first.value, events), {
    headers: { "Content-Type": "text/event-stream" },
  });
}

function bytes(first, events) {
  const encoder = new TextEncoder();
  const encode = (event) => encoder.encode(`${event}\n\n`);
  return new ReadableStream({
    start: (controller) => controller.enqueue(encode(first)),
    async pull(controller) {
      const { value, done } = await events.next();
      if (done) controller.close();
      else controller.enqueue(encode(value));
    },
    cancel: () => void events.return(),
  });
}

async function* follow(address, options, line) {
  const since = Date.now();
  const seen = new Set();
  let last = "";
  let begun = false;
  for (let tries = 0; !options.signal.aborted; tries += 1) {
    const connection = new Connection(since, options.signal);
    try {
      const answer = await connection.open(address, withId(options, last), line);
      if (answer && !begun) {
        yield answer;
        return;
      }
      if (answer) throw new Trouble(await spoken(answer));
      let restarts = begun && !last;
      for await (const event of connection.events()) {
        if (event.id && seen.has(event.id)) continue;
        if (restarts) line.restarted();
        restarts = false;
        begun = true;
        if (event.id) seen.add((last = event.id));
        tries = 0;
        line.found();
        yield event.text;
        if (LAST.test(event.data)) return;
      }
      throw new Trouble(AWAY);
    } catch (error) {
      if (options.signal.aborted) return;
      if (!(error instanceof Trouble)) throw error;
      connection.close();
      if (connection.isMoved) continue; // it waits for its place again
      await pause(Math.min(LONGEST, 1000 * 2 ** tries), options.signal, (retry) =>
        line.lost(error.message, retry),
      );
    } finally {
      connection.close();
    }
  }
}

const withId = (options, id) =>
  id ? { ...options, headers: { ...options.headers, "Last-Event-ID": id } } : options;

// Some time, unless the network comes back, somebody is impatient or has left.
function pause(ms, signal, offer) {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      removeEventListener("online", end);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms * (0.75 + Math.random() / 2));
    addEventListener("online", end);
    signal.addEventListener("abort", end);
    offer(end);
  });
}

class Connection {
  constructor(since, signal) {
    this.since = since;
    this.signal = signal;
    this.own = new AbortController();
    this.isMoved = false;
    this.text = "";
    this.giveBack = () => {};
  }

  // Nothing, when events can be read; or what the deck answered instead of them.
  async open(address, options, line) {
    const move = () => {
      this.isMoved = true;
      this.own.abort();
    };
    this.giveBack = await place(this.since, this.signal, () => line.waits(), move);
    this.signal.addEventListener("abort", () => this.own.abort());
    if (this.signal.aborted) throw new Trouble(AWAY);
    const response = await this.tried(fetch(address, { ...options, signal: this.own.signal }));
    this.reader = response.body.getReader();
    this.decoder = new TextDecoder();
    while (this.text.length < 6 && (await this.read()));
    if (response.ok && EVENTS.test(this.text)) return null;
    while (await this.read());
    return ownAnswer(this.text, response);
  }

  async *events() {
    for (;;) {
      const blank = this.text.match(BLANK);
      if (blank) {
        const event = parts(this.text.slice(0, blank.index));
        this.text = this.text.slice(blank.index + blank[0].length);
        if (event.data) yield event; // a comment only keeps the connection alive
      } else if (!(await this.read())) return;
    }
  }

  // Appends what came next; false at the end.
  async read() {
    let timer;
    const silence = new Promise((_, reject) => (timer = setTimeout(reject, SILENCE)));
    try {
      const { value, done } = await this.tried(Promise.race([this.reader.read(), silence]));
      if (!done) this.text += this.decoder.decode(value, { stream: true });
      return !done;
    } finally {
      clearTimeout(timer);
    }
  }

  async tried(promise) {
    try {
      return await promise;
    } catch {
      throw new Trouble(AWAY);
    }
  }

  close() {
    this.giveBack();
    this.own.abort();
  }
}

function parts(text) {
  let id = "";
  const data = [];
  for (const line of text.split(/\r\n|\n|\r/)) {
    const [, name, value] = line.match(/^([^:]*):? ?(.*)$/s);
    if (name === "id") id = value;
    if (name === "data") data.push(value);
  }
  return { text, id, data: data.join("\n") };
}

// The deck's own answer: a frame, such as a refusal, alone or on a whole page.
function ownAnswer(text, response) {
  const box = document.createElement("template");
  box.innerHTML = text;
  const frame = box.content.querySelector("li.frame[data-done]");
  if (!frame) throw new Trouble(response.ok ? FOREIGN : `The server answered ${response.status}.`);
  const headers = { "Content-Type": "text/html" };
  return new Response(frame.outerHTML, { status: response.status, headers });
}

async function spoken(answer) {
  const box = document.createElement("template");
  box.innerHTML = await answer.text();
  return box.content.textContent.trim();
}
