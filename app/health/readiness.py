"""Can the deck be shown: what stands in the way, and the answer for the instructor."""

from __future__ import annotations

from dataclasses import dataclass

from app.context import Context
from app.health.played import played
from app.health.rehearsal import Rehearsal
from models.runtime.checkpoint import CheckpointError

STUCK_SECONDS = 30.0


def faults(context: Context) -> list[str]:
    """Why Plays cannot be served; empty if they can."""
    reasons = list(context.problems.values()) or _missing_cards(context)
    if context.draining:
        reasons.append("the server is shutting down")
    if context.engine.stalled > STUCK_SECONDS:
        reasons.append("the engine has taken no step for a while")
    return reasons


def _missing_cards(context: Context) -> list[str]:
    """Before the warm-up has come to a model, at least its card must be there."""
    reasons = []
    for name in played(context.zoo, context.demos):
        try:
            context.zoo.card(name)
        except CheckpointError as error:
            reasons.append(str(error))
    return reasons


@dataclass(frozen=True)
class Verdict:
    """Is the deck ready for class?

    Attributes:
        answer: ``Yes``, ``Not yet`` or ``No``.
        tone: ``good``, ``plain`` or ``bad``.
        reasons: sentences for the answer.
    """

    answer: str
    tone: str
    reasons: tuple[str, ...]


def verdict(context: Context, rehearsal: Rehearsal) -> Verdict:
    """Weigh what is wrong, then what is missing, then what speaks for the deck."""
    known = list(dict.fromkeys(faults(context)))  # two models may lack the same file
    failing = context.metrics.failing()
    wrong = [_sentence(reason) for reason in known]
    wrong += [f"{model}: {_sentence(text)}" for model, text in failing.items() if text not in known]
    wrong += [
        f"Slide {trial.demo.slide}, {trial.demo.title}: {_sentence(trial.problem)}"
        for trial in rehearsal.trials
        if trial.problem and trial.problem not in known
    ]
    if wrong:
        return Verdict("No", "bad", tuple(wrong))
    missing = _missing(context, rehearsal)
    if missing:
        return Verdict("Not yet", "plain", tuple(missing))
    slowest = max(rehearsal.trials, key=lambda trial: trial.seconds)
    return Verdict(
        "Yes",
        "good",
        (
            f"Every Play has run to its end; the slowest, {slowest.demo.title} on slide "
            f"{slowest.demo.slide}, took {slowest.seconds:.1f} s.",
            _memory(context) + _failures(context),
        ),
    )


def _failures(context: Context) -> str:
    failed = len(context.metrics.failures())
    if not failed:
        return "No model failed in the last five minutes."
    plays = "One play" if failed == 1 else f"{failed} plays"
    return f"{plays} failed in the last five minutes, but no model keeps failing."


def _memory(context: Context) -> str:
    if not context.ready:
        return ""
    speed = "at their full speed" if context.prepared else "being made faster still"
    return f"All models are in memory and {speed}. "


def _missing(context: Context, rehearsal: Rehearsal) -> list[str]:
    missing = []
    if context.settings.warm_up and not context.ready:
        names = played(context.zoo, context.demos)
        loaded, total = len(set(names) & set(context.zoo.loaded())), len(names)
        missing.append(f"{loaded} of {total} models are in memory; the others are being loaded.")
    if rehearsal.running:
        done = sum(trial.state == "ready" for trial in rehearsal.trials)
        missing.append(f"The Plays are being tried; {done} of {len(rehearsal.trials)} have ended.")
    elif not rehearsal.trials:
        missing.append("No Play has been tried since the server started.")
    return missing


def _sentence(text: str) -> str:
    names_file = "." in text.split(" ", 1)[0]  # its name is not to be capitalized
    return (text if names_file else text[:1].upper() + text[1:]).rstrip(".") + "."
