// A pinned picture stays beside those of later Plays; the address of both is one.

import { parse } from "../pages/slides.js";

const titleOf = (field) =>
  field.closest("label")?.firstChild.textContent.trim().toLowerCase() || field.name;

export class Pin {
  constructor(stage, form, present) {
    this.stage = stage;
    this.form = form;
    this.present = present; // what the picture beside the pinned one was asked with
    this.room = stage.querySelector("[data-room]");
    this.box = stage.querySelector("[data-pinned]");
    this.button = stage.querySelector("[data-pin]");
    this.query = ""; // of the pinned Play
  }

  put(frame, query) {
    const copy = frame.cloneNode(true);
    for (const strip of copy.querySelectorAll("[data-film] > *")) strip.remove();
    this.box.querySelector("[data-pinned-picture]").replaceChildren(...copy.children);
    const own = new URLSearchParams(query);
    own.delete("demo"); // the same for all Plays of a stage
    this.query = own.toString();
    this.show();
  }

  remove() {
    this.query = "";
    this.show();
  }

  show() {
    const pinned = this.query !== "";
    this.box.hidden = !pinned;
    this.room.classList.toggle("comparing", pinned);
    this.button.setAttribute("aria-pressed", String(pinned));
    this.label();
  }

  // What differs from the present picture.
  label() {
    const now = new URLSearchParams(this.present());
    const all = [...new URLSearchParams(this.query)];
    const other = all.filter(([name, value]) => now.get(name) !== value);
    const said = other.map(
      ([name, value]) => `${titleOf(this.form.elements[name] ?? { name })} ${value}`,
    );
    const label = said.length ? `Pinned: ${said.join(", ")}` : "Pinned";
    this.box.querySelector("[data-pinned-label]").textContent = label;
  }

  // Draws the pinned Play of an address.
  async recall(query) {
    const own = new URLSearchParams(query);
    own.set("demo", this.form.elements.demo.value);
    try {
      const answer = await fetch(`${this.form.getAttribute("action")}?${own}`, {
        headers: { Accept: "text/html" },
      });
      const frame = answer.ok && parse(await answer.text())?.querySelector(".frame[data-done]");
      if (frame) this.put(document.importNode(frame, true), query);
    } catch {
      // Without the network there is nothing to compare with.
    }
  }
}
