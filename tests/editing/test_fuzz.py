"""No prompt crashes: 20,000 recombined, misspelt and senseless ones."""

import random

from test_grammar import HOUSE, LINES

from maquette.editing.grammar import plan
from maquette.editing.plan import Clarification, EditPlan, Refusal

WORDS = sorted({word for line in LINES for word in line.rpartition(" => ")[0].split()})
PIECES = [
    "",
    " ",
    "\u00a0",
    "é",
    "家",
    "🪑",
    "\x00",
    "'",
    '"',
    "((",
    "1/0",
    "#12",
    "…",
    "½",
    "--",
    "9" * 30,
    "∞",
    "\n",
]


def _prompts(count: int, seed: int) -> list[str]:
    chance = random.Random(seed)
    prompts = []
    for _ in range(count):
        words = chance.choice(LINES).rpartition(" => ")[0].split()
        for _ in range(chance.randrange(4)):
            at = chance.randrange(len(words) + 1)
            words[at : at + chance.randrange(2)] = [
                chance.choice(WORDS if chance.random() < 0.8 else PIECES)
            ]
        text = " ".join(words)
        if text and chance.random() < 0.3:
            at = chance.randrange(len(text))
            text = text[:at] + chance.choice("abcxyz ,.") + text[at + 1 :]
        prompts.append(text)
    return prompts


def test_no_prompt_crashes_the_planner() -> None:
    for prompt in (*_prompts(20_000, 1), "on the " * 140, "(" * 999, "a" * 5000, "and " * 240):
        assert isinstance(plan(prompt, HOUSE), EditPlan | Clarification | Refusal), prompt
