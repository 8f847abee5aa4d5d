// A quiz: after a verdict Play leads to the next question, and the visit has a score.

import { keep, recall } from "../pages/memory.js";

const KEPT = "quiz";

export class Quiz {
  constructor(form, shown) {
    this.form = form;
    this.shown = shown;
    this.box = form.querySelector("[data-score]");
    this.chosen = false; // a guess whose verdict is still to come
    if (this.box) this.tell();
  }

  // Which questions were answered in this visit, and whether the first guess was right.
  get answers() {
    return JSON.parse(recall(KEPT, "sessionStorage") ?? "{}");
  }

  tell() {
    const all = Object.values(this.answers);
    if (all.length) this.box.textContent = `${all.filter(Boolean).length} of ${all.length} right`;
  }

  // Whether the present question has its verdict; a guess that was just made has none yet.
  get isTold() {
    return this.form.elements.guess?.value !== "none" && this.verdict(this.shown(), "good");
  }

  verdict(frame, tone) {
    return Boolean(frame?.querySelector(`.verdict-${tone}`));
  }

  // Before a Play: the same verdict once more would teach nothing.
  goOn() {
    if (!this.box || !this.isTold) return;
    const { elements } = this.form;
    elements.seed.value = this.shown().querySelector("[data-set='seed']").dataset.value;
    elements.guess.value = "none";
  }

  guessed() {
    this.chosen = Boolean(this.box);
  }

  // A verdict that was asked for counts, once for each question.
  ended(frame) {
    if (!this.chosen || !this.verdict(frame, "good")) return;
    this.chosen = false;
    const answers = this.answers;
    answers[this.form.elements.seed.value] ??= !this.verdict(frame, "bad");
    keep(KEPT, JSON.stringify(answers), "sessionStorage");
    this.tell();
  }
}
