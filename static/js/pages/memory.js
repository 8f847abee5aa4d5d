// What is kept between visits. A browser may forbid that; then it is kept until the page is left.

const here = new Map();

const of = (kind) => {
  try {
    return window[kind];
  } catch {
    return undefined;
  }
};

export function recall(name, kind = "localStorage") {
  try {
    return of(kind)?.getItem(name) ?? here.get(name) ?? null;
  } catch {
    return here.get(name) ?? null;
  }
}

export function keep(name, value, kind = "localStorage") {
  here.set(name, String(value));
  try {
    of(kind)?.setItem(name, value);
  } catch {
    // Kept here alone.
  }
}

// Checkboxes of the page that show and change what is kept: on unless it was switched off.
export const isOn = (name) => recall(name) !== "off";

export function showSettings() {
  for (const box of document.querySelectorAll("[data-setting]")) {
    box.checked = isOn(box.dataset.setting);
    box.addEventListener("change", () => keep(box.dataset.setting, box.checked ? "on" : "off"));
  }
}
