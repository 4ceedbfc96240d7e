"""What the colour of a thing is called."""

import pytest
from rooms import room, thing

from maquette.editing.colors import color_name
from maquette.editing.conversation import Conversation
from maquette.editing.grammar.colors import linear_from_hex
from maquette_protocol.document import document_from_json, document_to_json


@pytest.mark.parametrize(
    ("code", "metallic", "name"),
    [
        ("d6ab2e", 1.0, "gold"),
        ("d6ab2e", 0.0, "yellow"),
        ("bfc3c6", 1.0, "silver"),
        ("bfc3c6", 0.0, "light grey"),
        ("c81e1e", 1.0, "red"),
        ("a87a4a", 0.0, "light brown"),  # a table, not an orange one
        ("6f4524", 0.0, "brown"),
        ("f08a1d", 0.0, "orange"),
    ],
)
def test_wood_is_brown_and_yellow_metal_gold(code: str, metallic: float, name: str) -> None:
    document, arrays = room()
    data = document_to_json(document)
    bowl = thing("bowl", "bowl", (0.2, 0.2, 0.1), (1, -1.5, 0))
    bowl["material"] |= {"base_color": [*linear_from_hex(code)[:3], 1.0], "metallic": metallic}
    data["objects"].append(bowl)
    talk = Conversation(document_from_json(data), arrays)
    assert color_name(talk.view.objects["bowl"]) == name
    answer = talk.say("what colour is the bowl?").answer
    assert answer is not None
    assert answer["text"] == name
