// What the deck tells the presenter view: where it is and, if that changed, how it looks.

import { openChannel } from "./channel.js";
import { describe, setField } from "./fields.js";
import { snapshot } from "./picture.js";
import { current, number } from "../pages/navigation.js";

const me = Math.random(); // several decks may be open
const deck = document.getElementById("deck");
const isBlack = () => !document.getElementById("blackout").hidden;
let changes = 0;
const changed = () => (changes += 1);

// Does what the presenter view asks for.
export function followPresenter(act) {
  const channel = openChannel("family-tree");
  // The view asks several times a second; a picture goes out only if it changed since.
  const watched = { subtree: true, childList: true, attributes: true, characterData: true };
  new MutationObserver(changed).observe(deck, watched);
  deck.addEventListener("input", changed);

  const report = (question) => {
    const state = `${me} ${changes}`;
    const picture = question && question.seen !== state ? snapshot(current()) : null;
    const fields = picture && describe(current());
    const turned = !question;
    channel.post({ deck: me, at: number(), turned, black: isBlack(), state, picture, fields });
  };
  channel.listen((said) => {
    if (said.ask) report(said);
    if (said.to === me && said.set) setField(current(), said.set);
    else if (said.to === me) act(said.send);
  });
  deck.addEventListener("deck:enter", () => report());
  report();
}
