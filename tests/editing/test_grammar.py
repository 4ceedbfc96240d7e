"""Wordings and their plans: tests/editing/wordings.txt, by category."""

from dataclasses import replace
from pathlib import Path

import pytest
from notation import brief

from maquette.editing.grammar import History, Vocabulary, plan
from maquette.editing.plan import EditPlan

LABELS = """
sofa armchair*2 coffee_table side_table bookcase floor_lamp table_lamp*2 lamp desk desk_lamp
office_chair chair*4 stool*3 bar_stool*3 table rug tv tv_stand plant*2 painting*2 poster mirror
cushion*3 pillow*2 blanket bed nightstand*2 wardrobe dresser mug*3 cup*2 plate*4 bowl glass*3
bottle*2 vase book*5 laptop monitor keyboard mouse phone printer bin box*4 basket ball*2 teddy_bear
clock candle*2 kettle toaster microwave fridge stove pot*2 pan sink counter cupboard shelf jar*3
teapot knife_block apple*3 crate bucket ladder hammer drill workbench toolbox paint_can*3 tire*4 car
bicycle helmet football rope storage_rack washing_machine toilet bathtub towel*2 soap_dispenser
toothbrush piano guitar drum bench treadmill dumbbell*4 aquarium globe easel projector tree*3
flower_pot*4 gnome*3 fountain shed wheelbarrow watering_can whiteboard filing_cabinet*2 binder*4
coat_rack jacket notebook pen window door curtain fan radiator cat dog
"""


def _house() -> Vocabulary:
    things: list[tuple[str | None, str, str, str]] = []
    for entry in LABELS.split():
        word, _, count = entry.partition("*")
        label = word.replace("_", " ")
        for number in range(int(count or 1)):
            name = label.title().replace(" ", "") + (f".{number:03d}" if number else "")
            things.append((label, "object", name, f"{word}_{number + 1}"))
    for kind in ("floor", "wall", "wall", "wall", "ceiling"):
        things.append((kind, kind, kind, f"{kind}{len(things)}"))
    for label in ("ceiling light", "ceiling light", "sun", "spotlight", "pendant light"):
        things.append((label, "light", label, f"{label.replace(' ', '_')}{len(things)}"))
    return Vocabulary.of(things, ["cam_0", "front"])


HOUSE = _house()
LINES = [
    line
    for line in (Path(__file__).parent / "wordings.txt").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]


@pytest.mark.parametrize("line", LINES, ids=lambda line: line.rpartition(" => ")[0])
def test_wording_is_understood_as(line: str) -> None:
    said, _, wanted = line.rpartition(" => ")
    history = History()
    found = ""
    for prompt in said.split(" // "):
        selected = prompt.startswith("SEL ")
        vocabulary = replace(HOUSE, num_selected=1) if selected else HOUSE
        understood = plan(prompt.removeprefix("SEL "), vocabulary, history)
        found = brief(understood)
        if isinstance(understood, EditPlan):
            history = History(last=understood, things=("it",))
    if wanted in ("!!", "??"):  # a refusal, a question back
        assert found.startswith(wanted)
    else:
        assert found == wanted
