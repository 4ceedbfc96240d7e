"""Yes or no: the answer to "Is that meant?"."""

import re

_YES = r"yes|yeah|yep|yup|y|ok|okay|sure|certainly|exactly|right|correct|ja|oui|si|sí"
_YES_TAIL = r"please|do it|do that|do so|go ahead|go on|that is meant|i mean it|it is|of course"
_NO = r"no|nope|n|nein|non"
_NO_TAIL = (
    r"thanks|thank you|please|stop|don't|do not|cancel|never ?mind|leave it|rather not|better not"
)


def answer_of(prompt: str) -> bool | None:
    """None where the prompt is neither, but says something of its own."""
    for value, first, tail in ((True, _YES, _YES_TAIL), (False, _NO, _NO_TAIL)):
        if re.fullmatch(rf"\W*(?:{first}|{tail})(?:\W+(?:{first}|{tail}))*\W*", prompt.lower()):
            return value
    return None
