// The player of a stage: follows frames as they arrive, pauses, scrubs back, keeps the address.
// htmx appends frames to the list; everything here only looks at that list.

import { announce } from "../pages/announcer.js";
import { dressControls, showValues } from "./controls.js";
import { isLoopback, keepAddress } from "../pages/place.js";
import { steadyFetch } from "./stream.js";

const SEEDS = 1_000_000; // enough to draw from, and short enough to read
const ASKING = "asking the model";
const WAITING = "waiting for Plays in other windows";
export const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
const isWaiting = (frame) => frame.dataset.step === "0" && Boolean(frame.querySelector(".message"));

export class Player {
  constructor(stage) {
    const find = (name) => stage.querySelector(`[data-${name}]`);
    this.stage = stage;
    this.form = find("demo-form");
    this.list = find("frames");
    this.bar = find("player");
    this.scrubber = find("scrub");
    this.counter = find("counter");
    this.empty = find("empty");
    this.trouble = find("trouble");
    this.report = stage.querySelector(".report");
    this.live = true; // shows the newest frame
    this.asked = false; // a Play was asked for and has not ended
    this.index = 0;
    this.retry = 0;
    this.timer = 0;
    this.again = () => {};
    new MutationObserver(() => this.arrived()).observe(this.list, { childList: true });
    this.scrubber.addEventListener("input", () => this.show(Number(this.scrubber.value)));
    find("pause").addEventListener("click", () => this.toggle());
    find("copy").addEventListener("click", () => this.copy());
    find("reroll")?.addEventListener("click", () => this.reroll());
    find("retry").addEventListener("click", () => this.again());
    this.form.addEventListener("htmx:before:request", ({ target, detail }) => {
      if (target === this.form) this.started(detail.ctx); // the reading asks from within it
    });
    this.form.addEventListener("submit", () => this.leaveField());
    this.form.addEventListener("change", (event) => {
      if (event.target.matches("[data-autosubmit]")) this.play();
    });
    this.list.addEventListener("click", (event) => this.chose(event));
    dressControls(this.form);
    // A key may come before htmx has been over the page; the form must never submit natively.
    window.htmx?.process(this.form);
    if (this.frames.length) this.arrived();
  }

  get frames() {
    return this.list.children;
  }

  get last() {
    return this.frames[this.frames.length - 1];
  }

  get running() {
    return this.asked && !(this.last && "done" in this.last.dataset);
  }

  play() {
    if (!this.form.isConnected || this.form.querySelector("[data-play]").disabled) return;
    this.form.requestSubmit();
  }

  // After Enter in a field the deck has the keys again.
  leaveField() {
    const field = document.activeElement;
    if (field?.form === this.form && field.matches("[type='text'], [type='number']")) focusDeck();
  }

  started(ctx) {
    ctx.fetch = (address, options) => steadyFetch(address, options, this.line(options.signal));
    clearTimeout(this.retry);
    this.stop();
    this.keepFocus(this.list);
    this.list.replaceChildren();
    this.list.classList.remove("scrubbed");
    this.live = !calm();
    this.asked = true;
    this.index = 0;
    this.say("");
    this.wait(ASKING);
    this.bar.hidden = false;
    this.report.textContent = "";
    keepAddress(this.stage.closest(".slide"), this.address());
    announce("Play started.");
    this.paint();
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

  // Holds the place of the first frame, so that nothing jumps when it comes.
  wait(text) {
    this.counter.textContent = text;
    if (this.frames.length) return;
    this.empty.hidden = false;
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
      this.wait(this.frames.length ? this.counter.textContent : ASKING);
      retry?.();
    };
  }

  abort() {
    clearTimeout(this.retry);
    this.stop();
    this.form.dispatchEvent(new CustomEvent("htmx:abort"));
    this.say("");
    this.asked = false;
    if (!this.frames.length) {
      this.bar.hidden = true;
      this.empty.classList.remove("asked");
    }
    this.paint();
  }

  arrived() {
    if (!this.last) return;
    // A place in the queue is not a frame to scrub back to.
    if (this.frames.length > 1 && isWaiting(this.frames[0])) this.frames[0].remove();
    const done = "done" in this.last.dataset;
    this.empty.hidden = true;
    this.empty.classList.remove("asked");
    // One frame alone needs no bar.
    this.bar.hidden = done && this.frames.length === 1;
    if (done) this.ended();
    if (this.live || done) this.show(this.frames.length - 1, true);
    else if (!this.list.querySelector(".current")) this.show(0, true);
    this.paint();
  }

  ended() {
    this.asked = false;
    this.say("");
    if (this.last.dataset.retry) {
      const seconds = Number(this.last.dataset.retry) * (1 + Math.random());
      this.retry = setTimeout(() => this.play(), seconds * 1000);
    }
    announce(`Play ended. ${this.last.dataset.report ?? this.last.textContent.trim()}`);
  }

  show(index, following = false) {
    if (!following) this.live = false;
    for (const frame of this.list.querySelectorAll(".current")) frame.classList.remove("current");
    this.frames[index]?.classList.add("current");
    this.list.classList.add("scrubbed");
    this.index = index;
    this.paint();
  }

  toggle() {
    if (this.timer) {
      this.stop();
    } else if (this.running && this.live) {
      this.live = false;
    } else if (this.running) {
      this.live = true;
      this.show(this.frames.length - 1, true);
    } else {
      this.repeat();
    }
    this.paint();
  }

  // After the end, the button plays the received frames once more: nothing is computed.
  repeat() {
    let index = this.index + 1 < this.frames.length ? this.index + 1 : 0;
    this.live = false;
    const step = () => {
      this.timer = 0;
      if (index >= this.frames.length) return this.paint();
      this.timer = setTimeout(step, 120);
      this.show(index);
      index += 1;
    };
    step();
  }

  stop() {
    clearTimeout(this.timer);
    this.timer = 0;
  }

  paint() {
    const count = this.frames.length;
    const frame = this.frames[this.index];
    this.scrubber.max = Math.max(0, count - 1);
    this.scrubber.value = this.index;
    this.bar.classList.toggle("running", this.running);
    const done = this.last
      ? Number(this.last.dataset.step) / Math.max(1, Number(this.last.dataset.total))
      : 0;
    this.bar.style.setProperty("--done", done);
    this.bar.querySelector("progress").value = done;
    if (frame) {
      const text = `step ${frame.dataset.step} of ${frame.dataset.total}`;
      this.counter.textContent = text;
      this.scrubber.setAttribute("aria-valuetext", text);
      this.report.textContent = frame.dataset.report ?? "";
    }
    const pause = this.bar.querySelector("[data-pause]");
    const moving = this.timer || (this.running && this.live);
    pause.querySelector(".icon").className = `icon icon-${moving ? "pause" : "play_arrow"}`;
    pause.querySelector(".visually-hidden").textContent = moving ? "Pause" : "Go on";
  }

  chose(event) {
    const answer = event.target.closest("[data-set]");
    if (!answer || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const { set, value } = answer.dataset;
    this.form.elements[set].value = value;
    if (set === "seed" && this.form.elements.guess) this.form.elements.guess.value = "none";
    this.play();
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

  address() {
    const query = new URLSearchParams(new FormData(this.form));
    return `${this.form.getAttribute("action").replace(/\/play$/, "")}?${query}`;
  }

  async copy() {
    const link = new URL(this.address(), location.href);
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

function focusDeck() {
  document.getElementById("deck").focus({ preventScroll: true });
}
