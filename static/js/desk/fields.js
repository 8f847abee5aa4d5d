// The controls of the deck's stage, as the presenter view has them.

// What another window needs to draw the fields of a stage.
export function describe(slide) {
  const form = slide.querySelector("[data-demo-form]");
  const fields = [...(form?.elements ?? [])].filter(
    (field) => field.name && field.type !== "hidden" && field.type !== "radio" && !field.disabled,
  );
  return fields.map((field) => ({
    name: field.name,
    title: field.closest("label")?.firstChild.textContent.trim() ?? field.name,
    type: field.type,
    value: field.value,
    limits: { min: field.min, max: field.max, step: field.step, maxLength: field.maxLength },
    options: [...(field.options ?? [])].map(({ value, text }) => ({ value, text })),
  }));
}

// Sets a field of the stage as if it had been done there.
export function setField(slide, { name, value }) {
  const field = slide.querySelector("[data-demo-form]")?.elements[name];
  if (!field) return;
  field.value = value;
  for (const kind of ["input", "change"]) field.dispatchEvent(new Event(kind, { bubbles: true }));
}

// Draws the fields into a box, anew only if they are others; `chosen` hears what is set.
export class Fields {
  constructor(box, chosen) {
    this.box = box;
    this.known = "";
    box.addEventListener("input", ({ target }) =>
      chosen({ name: target.name, value: target.value }),
    );
  }

  show(fields) {
    const known = JSON.stringify(fields, (key, part) => (key === "value" ? undefined : part));
    if (known !== this.known) this.box.replaceChildren(...fields.map(draw));
    this.known = known;
    for (const { name, value } of fields) {
      const field = this.box.querySelector(`[name="${name}"]`);
      if (field !== document.activeElement) field.value = value;
    }
  }
}

function draw({ name, title, type, limits, options }) {
  const label = document.createElement("label");
  const field = document.createElement(options.length ? "select" : "input");
  if (!options.length) field.type = type;
  field.name = name;
  field.autocomplete = "off";
  for (const [key, value] of Object.entries(limits))
    if (value !== "" && value !== undefined && value >= 0) field[key] = value;
  field.append(...options.map(({ value, text }) => new Option(text, value)));
  label.append(title, " ", field);
  return label;
}
