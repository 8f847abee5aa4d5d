// The status page: says a new verdict once, asks more often while Plays are tried, and says when
// the server is silent or refuses. Fetching and swapping is htmx's.

const SOON = 500; // ms to the next question while Plays are tried
const board = document.getElementById("board");
const find = (name) => document.querySelector(`[data-${name}]`);
let soon = 0;

function refreshed() {
  const { spoken, running } = find("spoken").dataset;
  // A live region that is written again is read again.
  if (find("announcer").textContent !== spoken) find("announcer").textContent = spoken;
  find("silent").hidden = true;
  find("seen").textContent = new Date().toLocaleTimeString();
  clearTimeout(soon);
  if (running !== undefined) soon = setTimeout(() => window.htmx.trigger(board, "again"), SOON);
}

const silent = () => (find("silent").hidden = false);

// The button's own answer; the board's next one does not take it away.
function answered({ response, text }) {
  const { body } = new DOMParser().parseFromString(text, "text/html");
  find("refused").hidden = response.status < 400;
  find("reason").textContent = `${body.textContent.trim().slice(0, 600)} (${response.status})`;
}

// An answer that is an error counts as swapped too, though nothing is shown of it.
document.addEventListener("htmx:after:swap", ({ detail }) => {
  const { status } = detail.ctx.response;
  const asked = detail.ctx.sourceElement;
  if (asked?.matches("form")) answered(detail.ctx);
  if (status < 400) refreshed();
  else if (!asked?.matches("form")) silent();
});
document.addEventListener("htmx:error", silent);
refreshed();
