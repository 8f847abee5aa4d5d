"""What is wrong with a request, as codes with values; whoever serves it puts that into words."""

from __future__ import annotations

from typing import Any, ClassVar


class RequestError(ValueError):
    """A request that a procedure does not accept.

    Args:
        name: the parameter or input at fault.
        values: what a sentence about it needs, by name.

    Attributes:
        code: the kind of fault, one a subclass.
    """

    code: ClassVar[str]

    def __init__(self, name: str, **values: Any) -> None:
        details = ", ".join(f"{key}={value!r}" for key, value in values.items())
        super().__init__(f"{name}: {self.code.replace('_', ' ')} ({details})")
        self.name, self.values = name, values


class OutOfRangeError(RequestError):
    """A number below ``low`` or above ``high``, or none at all; also the given ``value``."""

    code = "out_of_range"


class ChoiceError(RequestError):
    """A ``value`` that is none of the ``choices``."""

    code = "not_a_choice"


class TooLongError(RequestError):
    """A text of more than ``most`` characters."""

    code = "too_long"


class WrongTypeError(RequestError):
    """A ``value`` of another type than ``expected``."""

    code = "wrong_type"


class UnknownNameError(RequestError):
    """A parameter or input that the procedure does not have; it has those ``known``."""

    code = "unknown"


class MissingInputError(RequestError):
    """A tensor to start from that was not given: of ``shape`` a row, and ``rows`` or ``None``."""

    code = "missing_input"


class WrongShapeError(RequestError):
    """A tensor ``given`` in another shape than ``shape`` a row, or in other than ``rows``."""

    code = "wrong_shape"


class NoMessagesError(RequestError):
    """A message to a procedure that takes none once it has begun."""

    code = "no_messages"
