// The player of a stage: follows frames as they arrive, pauses, scrubs back, keeps the address.
// htmx appends frames to the list; everything here only looks at that list.

const MAX_SEED = 2 ** 31;
const stages = new WeakMap();
const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

class Player {
  constructor(stage) {
    this.stage = stage;
    this.form = stage.querySelector("[data-demo-form]");
    this.list = stage.querySelector("[data-frames]");
    this.bar = stage.querySelector("[data-player]");
    this.scrubber = stage.querySelector("[data-scrub]");
    this.counter = stage.querySelector("[data-counter]");
    this.report = stage.querySelector(".report");
    this.live = true;
    this.waiting = false; // asked, and no frame has come yet
    this.index = 0;
    this.retry = 0;
    this.timer = 0;
    new MutationObserver(() => this.arrived()).observe(this.list, { childList: true });
    this.scrubber.addEventListener("input", () => this.show(Number(this.scrubber.value)));
    stage.querySelector("[data-pause]").addEventListener("click", () => this.toggle());
    stage.querySelector("[data-copy]").addEventListener("click", () => this.copy());
    stage.querySelector("[data-reroll]")?.addEventListener("click", () => this.reroll());
    this.form.addEventListener("htmx:before:request", () => this.started());
    this.form.addEventListener("input", (event) => this.changed(event.target));
    this.form.addEventListener("change", (event) => {
      if (event.target.matches("[data-autosubmit]")) this.play();
    });
    this.list.addEventListener("click", (event) => this.chose(event));
    // A key may come before htmx has been over the page; the form must never submit natively.
    window.htmx?.process(this.form);
    if (this.frames.length) this.arrived();
  }

  get frames() {
    return this.list.children;
  }

  get running() {
    const last = this.frames[this.frames.length - 1];
    return last === undefined ? this.waiting : !("done" in last.dataset);
  }

  play() {
    if (this.form.querySelector("[data-play]").disabled) return;
    this.form.requestSubmit();
  }

  started() {
    clearTimeout(this.retry);
    clearTimeout(this.timer);
    this.list.replaceChildren();
    this.live = !calm();
    this.waiting = true;
    this.index = 0;
    this.stage.querySelector("[data-empty]").hidden = true;
    this.bar.hidden = false;
    this.counter.value = "asking the model";
    this.report.textContent = "";
    history.replaceState(history.state, "", this.address());
    announce("Play started.");
    this.paint();
  }

  abort() {
    clearTimeout(this.retry);
    clearTimeout(this.timer);
    this.form.dispatchEvent(new CustomEvent("htmx:abort"));
    if (this.running) {
      this.waiting = false;
      if (!this.frames.length) {
        this.bar.hidden = true;
        this.stage.querySelector("[data-empty]").hidden = false;
      }
    }
  }

  arrived() {
    const last = this.frames[this.frames.length - 1];
    if (!last) return;
    // A place in the queue is not a frame to scrub back to.
    const first = this.frames[0];
    if (this.frames.length > 1 && first.dataset.step === "0" && first.querySelector(".message")) first.remove();
    this.waiting = false;
    this.bar.hidden = false;
    this.stage.querySelector("[data-empty]").hidden = true;
    if ("done" in last.dataset) this.ended(last);
    if (this.live || "done" in last.dataset) this.follow();
    this.paint();
  }

  ended(last) {
    if (last.dataset.retry) {
      const seconds = Number(last.dataset.retry) * (1 + Math.random());
      this.retry = setTimeout(() => this.play(), seconds * 1000);
    }
    announce(last.dataset.report ?? last.textContent.trim());
  }

  follow() {
    if (this.live || calm()) this.show(this.frames.length - 1, true);
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
      this.follow();
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
    const last = this.frames[count - 1];
    const done = last ? Number(last.dataset.step) / Math.max(1, Number(last.dataset.total)) : 0;
    this.bar.style.setProperty("--done", done);
    this.bar.querySelector("progress").value = done;
    if (frame) {
      this.counter.value = `step ${frame.dataset.step} of ${frame.dataset.total}`;
      this.report.textContent = frame.dataset.report ?? "";
    }
    const pause = this.bar.querySelector("[data-pause]");
    const moving = this.timer || (this.running && this.live);
    pause.querySelector(".icon").className = `icon icon-${moving ? "pause" : "play_arrow"}`;
    pause.querySelector(".visually-hidden").textContent = moving ? "Pause" : "Go on";
  }

  changed(input) {
    const shown = input.closest("label")?.querySelector("[data-value]");
    if (shown) shown.textContent = input.value;
    const thumb = input.closest("label")?.querySelector("[data-thumb]");
    if (thumb && input.validity.valid && input.value !== "") thumb.src = `/gallery/${Number(input.value)}.png`;
    const guess = this.form.elements.guess;
    if (guess && input.name === "seed") guess.value = "none";
  }

  chose(event) {
    const answer = event.target.closest("[data-set]");
    if (!answer) return;
    event.preventDefault();
    this.form.elements[answer.dataset.set].value = answer.dataset.value;
    this.play();
  }

  reroll() {
    this.form.elements.seed.value = Math.floor(Math.random() * MAX_SEED);
    if (this.form.elements.guess) this.form.elements.guess.value = "none";
    this.play();
  }

  address() {
    const query = new URLSearchParams(new FormData(this.form));
    return `${this.form.getAttribute("action").replace("/play", "")}?${query}`;
  }

  async copy() {
    const link = new URL(this.address(), location.href).href;
    try {
      await navigator.clipboard.writeText(link);
      this.report.textContent = "Link copied.";
    } catch {
      this.report.textContent = link;
    }
  }
}

function announce(text) {
  document.getElementById("announcer").textContent = text;
}

export function playerOf(root) {
  const stage = root?.querySelector("[data-stage]");
  if (!stage) return null;
  if (!stages.has(stage)) stages.set(stage, new Player(stage));
  return stages.get(stage);
}

document.addEventListener("deck:leave", (event) => playerOf(event.target)?.abort());
document.addEventListener("deck:enter", (event) => {
  const player = playerOf(event.target);
  const wanted = localStorage.getItem("autoplay") !== "off" && !calm();
  if (player && event.detail.forward && event.detail.byKey && wanted) player.play();
});
// Changing the tab swaps the stage: the old one must stop, the new one needs its player.
document.addEventListener("htmx:before:request", (event) => {
  if (event.target.matches?.(".tabs a")) playerOf(event.target.closest(".slide"))?.abort();
});
document.addEventListener("htmx:after:swap", () => {
  const player = playerOf(document.getElementById("deck"));
  if (player && player.fresh === undefined) {
    player.fresh = false;
    history.replaceState(history.state, "", player.address());
  }
});

const first = playerOf(document.getElementById("deck"));
if (first) {
  first.fresh = false;
  // A link that carries a seed opens the very picture it was copied from.
  if (new URLSearchParams(location.search).has("seed") && !first.frames.length) {
    addEventListener("load", () => first.play());
  }
}
