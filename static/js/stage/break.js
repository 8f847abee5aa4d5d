// Breaking a Play: the values by which it fails, and the sentence on what to look for then.

export class Break {
  constructor(stage, form, play) {
    this.form = form;
    this.hint = stage.querySelector("[data-hint]");
    this.link = form.querySelector("[data-break]");
    if (!this.link) return;
    this.words = JSON.parse(this.link.dataset.break);
    form.addEventListener("input", () => this.tell());
    this.link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      this.set(this.isBroken ? this.words.mends : this.words.breaks);
      play();
    });
    this.tell();
  }

  get isBroken() {
    const values = Object.entries(this.words?.breaks ?? {});
    return (
      values.length > 0 &&
      values.every(([name, value]) => this.form.elements[name].value === String(value))
    );
  }

  // What follows when a Play begins, for those who do not see it.
  get said() {
    return this.isBroken ? ` ${this.words.look}` : "";
  }

  set(values) {
    for (const [name, value] of Object.entries(values)) {
      const field = this.form.elements[name];
      field.value = value;
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
  }

  tell() {
    const { isBroken } = this;
    this.hint.textContent = isBroken ? this.words.look : this.words.hint;
    this.hint.classList.toggle("look", isBroken);
    this.link.textContent = isBroken ? "Mend it" : "Break it";
  }
}
