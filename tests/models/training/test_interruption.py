"""Both signals interrupt, or neither does, and afterwards all is as it was."""

from __future__ import annotations

import os
import signal

import pytest

from models.training.interruption import SIGNALS, interruptible, undisturbed


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_interrupts_but_not_while_something_is_written(number: signal.Signals) -> None:
    before = [signal.getsignal(known) for known in SIGNALS]
    with interruptible():
        with undisturbed():
            os.kill(os.getpid(), number)
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), number)
    assert [signal.getsignal(known) for known in SIGNALS] == before
