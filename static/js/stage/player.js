// The player of a stage: follows frames as they arrive, at a pace at which they can be seen, pauses,
// scrubs back, keeps the address. htmx appends frames to the list; everything here only looks at it.

import { announce } from "../pages/announcer.js";
import { isLoopback, keepAddress } from "../pages/place.js";
import { Cells } from "./cells.js";
import { dressControls, showValues } from "./controls.js";
import { Drawer } from "./drawer.js";
import { Film } from "./film.js";
import { Pin } from "./pin.js";
import { Quiz } from "./quiz.js";
import { awaitResult, bringResult } from "./sight.js";
import { steadyFetch } from "./stream.js";

const SEEDS = 1_000_000; // enough to draw from, and short enough to read
const LENGTH = 1300; // ms that a Play takes to be seen, however fast it was computed
const BEATS = [30, 420]; // ms of one frame, at least and at most
const SOON = 90; // ms between two Plays of a slider that moves
const ASKING = "asking";
const WAITING = "waiting for Plays in other windows";
const NOTHING = "There is no picture to pin yet: press Play.";
export const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

export class Player {
  constructor(stage) {
    const find = (name) => stage.querySelector(`[data-${name}]`);
    this.stage = stage;
    this.form = find("demo-form");
    this.list = find("frames");
    this.bar = find("player");
    this.scrubber = find("scrub");
    this.pause = find("pause");
    this.counter = find("counter");
    this.empty = find("empty");
    this.trouble = find("trouble");
    this.report = stage.querySelector(".report");
    this.live = true; // goes on to what comes next
    this.swift = false; // shows the newest frame at once: a slider is being dragged
    this.asked = false; // a Play was asked for and has not ended
    this.query = ""; // what was asked last
    this.queries = new WeakMap(); // frame → what it was asked with
    this.index = -1;
    this.retry = 0;
    this.beat = 0;
    this.soon = 0;
    this.again = () => {};
    this.film = new Film((frame) => this.show(this.frames.indexOf(frame)));
    this.drawer = new Drawer(stage);
    this.pin = new Pin(stage, this.form, () => this.present);
    this.quiz = new Quiz(this.form, () => this.shown);
    this.cells = new Cells(this.list, (values) => this.choose(values));
    new MutationObserver(() => this.arrived()).observe(this.list, { childList: true });
    this.scrubber.addEventListener("input", () => this.show(Number(this.scrubber.value)));
    this.pause.addEventListener("click", () => this.toggle());
    find("copy").addEventListener("click", () => this.copy());
    find("pin").addEventListener("click", () => this.togglePin());
    find("reroll")?.addEventListener("click", () => this.reroll());
    find("retry").addEventListener("click", () => this.again());
    this.form.addEventListener("htmx:before:request", ({ target, detail }) => {
      if (target === this.form) this.started(detail.ctx); // the reading asks from within it
    });
    this.form.addEventListener("submit", () => this.leaveField());
    this.form.addEventListener("submit", () => this.quiz.goOn(), true); // before htmx reads the form
    this.form.addEventListener("input", (event) => this.changed(event.target));
    this.form.addEventListener("change", (event) => {
      if (event.target.matches("[data-autosubmit]")) this.play();
    });
    this.list.addEventListener("click", (event) => this.chose(event));
    dressControls(this.form);
    // A key may come before htmx has been over the page; the form must never submit natively.
    window.htmx?.process(this.form);
    if (this.frames.length) {
      this.query = this.values; // a frame that came with the page
      this.arrived();
    }
  }

  // Those of the present Play; the one that stays until its first comes is not among them.
  get frames() {
    return [...this.list.querySelectorAll(":scope > .frame:not(.past)")];
  }

  get last() {
    return this.frames.at(-1);
  }

  get shown() {
    return this.list.querySelector(":scope > .frame.current, :scope > .frame.past");
  }

  // What the present Play was asked with; before the first, what the controls say.
  get present() {
    return this.query || this.values;
  }

  get values() {
    return new URLSearchParams(new FormData(this.form)).toString();
  }

  get running() {
    return this.asked && !(this.last && "done" in this.last.dataset);
  }

  get moving() {
    return this.live && (this.running || this.index + 1 < this.frames.length);
  }

  play(swift = false) {
    if (!this.form.isConnected || this.form.querySelector("[data-play]").disabled) return;
    this.wanted = swift;
    this.form.requestSubmit();
  }

  // After Enter in a field the deck has the keys again.
  leaveField() {
    const field = document.activeElement;
    if (field?.form === this.form && field.matches("[type='text'], [type='number']")) focusDeck();
  }

  // The picture is not of what the controls say any more; a quick Play is drawn anew at once.
  changed(field) {
    if (this.pin.query) this.pin.label();
    if (!this.shown || !field.name) return;
    if (!("quick" in this.stage.dataset) || !field.matches("[type='range'], [type='number']")) {
      const isOther = this.values !== this.queries.get(this.shown);
      this.stage.classList.toggle("stale", isOther);
      return;
    }
    if (!field.validity.valid || field.value === "" || this.soon) return;
    this.soon = setTimeout(() => {
      this.soon = 0;
      this.play(true);
    }, SOON);
  }

  started(ctx) {
    ctx.fetch = (address, options) => steadyFetch(address, options, this.line(options.signal));
    clearTimeout(this.retry);
    this.stop();
    this.swift = Boolean(this.wanted);
    this.wanted = false;
    const { held } = this.cells;
    this.keepFocus(this.list);
    this.keepPast();
    this.film.clear();
    this.list.classList.remove("scrubbed");
    this.cells.hold(held, this.shown);
    this.live = !calm();
    this.asked = true;
    this.query = this.values;
    this.index = -1;
    this.say("");
    this.wait(ASKING);
    this.pin.label();
    this.keepAddress();
    if (!this.swift) {
      announce("Play started.");
      awaitResult();
    }
    this.paint();
  }

  // The picture stays until there is another.
  keepPast() {
    const shown = this.shown;
    this.list.replaceChildren(...(shown ? [shown] : []));
    if (!shown) return;
    if (!isPicture(shown)) shown.remove();
    else shown.className = "frame past";
  }

  // What becomes of the connection; a Play that was left says no more.
  line(signal) {
    const heard =
      (act) =>
      (...said) =>
        signal.aborted || act(...said);
    return {
      waits: heard(() => this.wait(WAITING)),
      lost: heard((sentence, retry) => this.say(sentence, retry)),
      found: heard(() => this.say("")),
      restarted: heard(() => this.list.replaceChildren()),
    };
  }

  // Says that it was asked, in the place of what is not there yet.
  wait(text) {
    if (this.frames.length) return;
    this.counter.textContent = "…";
    this.report.textContent = `${text[0].toUpperCase()}${text.slice(1)} …`;
    this.empty.hidden = this.list.children.length > 0;
    this.empty.classList.add("asked");
  }

  // Says what is wrong with the connection, or that nothing is any more.
  say(sentence, retry) {
    this.trouble.hidden = !sentence;
    this.report.hidden = Boolean(sentence);
    if (sentence && this.trouble.querySelector("[data-text]").textContent !== sentence)
      announce(sentence);
    this.trouble.querySelector("[data-text]").textContent = sentence;
    this.again = () => {
      this.say("");
      this.keepFocus(this.trouble);
      this.wait(ASKING);
      retry?.();
    };
  }

  abort() {
    clearTimeout(this.retry);
    this.stop();
    this.form.dispatchEvent(new CustomEvent("htmx:abort"));
    this.say("");
    this.asked = false;
    this.empty.classList.remove("asked");
    if (!this.frames.length) this.report.textContent = "";
    this.paint();
  }

  arrived() {
    if (!this.last) return;
    for (const frame of this.frames) {
      if (this.queries.has(frame)) continue;
      this.queries.set(frame, this.present);
      this.cells.dress(frame);
    }
    const { held } = this.cells;
    this.list.querySelector(":scope > .past")?.remove();
    this.stage.classList.remove("stale");
    // A place in the queue is not a frame to scrub back to.
    while (this.frames.length > 1 && "waits" in this.frames[0].dataset) {
      this.frames[0].remove();
      this.index = Math.max(-1, this.index - 1);
      this.stop();
    }
    this.empty.hidden = true;
    this.empty.classList.remove("asked");
    const done = "done" in this.last.dataset;
    if (done) this.ended();
    if (this.swift || (done && calm())) this.show(this.frames.length - 1, true);
    else if (this.live) this.follow();
    else if (this.index < 0) this.show(0, true);
    this.cells.hold(held, this.shown);
    this.paint();
  }

  ended() {
    const first = this.asked;
    this.asked = false;
    this.quiz.ended(this.last);
    this.say("");
    if (first && this.last.dataset.retry) {
      const seconds = Number(this.last.dataset.retry) * (1 + Math.random());
      this.retry = setTimeout(() => this.play(), seconds * 1000);
    }
    if (first && !this.swift)
      announce(`Play ended. ${this.last.dataset.report ?? this.last.textContent.trim()}`);
  }

  // The next frame, and the one after it when this one has been seen.
  follow() {
    if (!this.live || this.beat || this.index + 1 >= this.frames.length) return;
    this.show(this.index + 1, true);
    const { total, waits } = this.frames[this.index].dataset;
    const beat = LENGTH / Math.max(1, Number(total));
    const [least, most] = waits === undefined ? BEATS : [0, 0];
    this.beat = setTimeout(
      () => {
        this.beat = 0;
        this.follow();
        this.paint();
      },
      Math.min(most, Math.max(least, beat)),
    );
  }

  show(index, following = false) {
    if (!following) {
      this.live = false;
      this.stop();
    }
    for (const frame of this.list.querySelectorAll(".current")) frame.classList.remove("current");
    const frame = this.frames[index];
    frame?.classList.add("current");
    this.list.classList.add("scrubbed");
    this.index = index;
    this.film.show(this.frames, frame);
    this.drawer.show(frame);
    this.paint();
    if (following) bringResult(frame, calm() ? "instant" : "smooth");
  }

  // One frame back or forth.
  step(by) {
    const to = Math.max(0, Math.min(this.frames.length - 1, this.index + by));
    if (this.frames.length) this.show(to);
  }

  toggle() {
    if (!this.frames.length) return;
    if (this.moving) {
      this.live = false;
      this.stop();
    } else if (this.running || this.index + 1 < this.frames.length) {
      this.live = true;
      this.follow();
    } else {
      this.repeat();
    }
    this.paint();
  }

  // The received frames once more: nothing is computed.
  repeat() {
    if (!this.frames.length) return;
    this.stop();
    this.index = -1;
    this.swift = false;
    this.live = true;
    this.follow();
  }

  stop() {
    clearTimeout(this.beat);
    this.beat = 0;
  }

  paint() {
    const count = this.frames.length;
    const frame = this.frames[this.index];
    this.scrubber.max = Math.max(0, count - 1);
    this.scrubber.value = Math.max(0, this.index);
    this.scrubber.disabled = count < 2;
    this.pause.disabled = count < 2 && !this.running;
    this.bar.classList.toggle("running", this.running);
    const done = this.last
      ? Number(this.last.dataset.step) / Math.max(1, Number(this.last.dataset.total))
      : 0;
    this.bar.style.setProperty("--done", done);
    this.bar.querySelector("progress").value = done;
    if (frame) {
      const { step, total } = frame.dataset;
      this.counter.textContent = `${step} / ${total}`;
      this.scrubber.setAttribute("aria-valuetext", `step ${step} of ${total}`);
      this.report.textContent = frame.dataset.report ?? "";
    }
    this.pause.querySelector(".icon").className =
      `icon icon-${this.moving ? "pause" : "play_arrow"}`;
    this.pause.querySelector(".visually-hidden").textContent = this.moving ? "Pause" : "Go on";
  }

  chose(event) {
    const answer = event.target.closest("[data-set]");
    if (!answer || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const { set, value } = answer.dataset;
    this.form.elements[set].value = value;
    if (set === "guess") this.quiz.guessed();
    if (set === "seed" && this.form.elements.guess) this.form.elements.guess.value = "none";
    this.play();
  }

  // Cells were chosen: what they stand for is drawn at once.
  choose(values) {
    for (const [name, value] of Object.entries(values)) this.form.elements[name].value = value;
    showValues(this.form);
    this.play(true);
  }

  // What has the focus may be about to go: the frames, beside it, take it.
  keepFocus(going) {
    if (going.contains(document.activeElement)) this.list.focus({ preventScroll: true });
  }

  reroll() {
    this.form.elements.seed.value = Math.floor(Math.random() * SEEDS);
    showValues(this.form);
    if (this.form.elements.guess) this.form.elements.guess.value = "none";
    this.play();
  }

  togglePin() {
    const { shown } = this;
    if (this.pin.query) this.pin.remove();
    else if (isPicture(shown)) this.pin.put(shown, this.queries.get(shown));
    else {
      this.report.textContent = NOTHING;
      announce(NOTHING);
      return;
    }
    this.keepAddress();
  }

  // Draws what an address has pinned.
  async recall(query) {
    await this.pin.recall(query);
    this.keepAddress();
  }

  // Of what is shown or on its way, whatever the controls say since then.
  keepAddress() {
    keepAddress(this.stage.closest(".slide"), this.address(this.present));
  }

  address(values) {
    const query = new URLSearchParams(values);
    if (this.pin.query) query.set("pin", this.pin.query);
    return `${this.form.getAttribute("action").replace(/\/play$/, "")}?${query}`;
  }

  async copy() {
    const link = new URL(this.address(this.values), location.href);
    const note = isLoopback(link.hostname)
      ? " It leads here on this computer only: open the deck under its network address to share it."
      : "";
    try {
      await navigator.clipboard.writeText(link.href);
      this.report.textContent = `Link copied.${note}`;
    } catch {
      this.report.textContent = `${link.href}${note}`;
    }
    announce(this.report.textContent);
  }
}

const isPicture = (frame) => Boolean(frame) && !frame.matches(".frame-error, [data-waits]");

function focusDeck() {
  document.getElementById("deck").focus({ preventScroll: true });
}
