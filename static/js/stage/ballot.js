// Ticks on pictures of a scene: they are kept in the form of the Play, and so in its address.

export function dressBallots(list, form, { isOpen, ticked, handedIn }) {
  list.addEventListener("change", ({ target }) => {
    if (!target.matches(".candidate > input")) return;
    if (!isOpen()) {
      target.checked = !target.checked;
      return;
    }
    const chosen = [...list.querySelectorAll(".current .candidate > input:checked")];
    form.elements[target.name].value = chosen.map(({ value }) => value).join(",");
    ticked();
  });
  list.addEventListener("submit", (event) => {
    event.preventDefault();
    const { name, value } = event.submitter;
    if (isOpen()) form.elements[name].value = value;
    handedIn();
  });
}
