"""Plans as JSON: what is written is read, what is no plan is refused, and the schema permits what the reader reads."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import plans
from test_grammar import HOUSE, LINES

from maquette.editing.grammar import History, plan
from maquette.editing.operations import OPERATIONS
from maquette.editing.plan import Delete, EditPlan, Ref, Rename, Repeat, Undo
from maquette.editing.plan_json import OPERATION_KINDS, PlanError, parse_plan, plan_schema
from maquette.editing.reply import describe


def written(made: EditPlan) -> Any:
    return json.loads(json.dumps({"operations": describe(made)}))


def test_what_the_grammar_understands_is_read_as_it_was_written() -> None:
    for line in LINES[::5]:
        made = plan(line.split(" => ")[0].split(" // ")[0].removeprefix("SEL "), HOUSE, History())
        if isinstance(made, EditPlan):
            assert parse_plan(written(made)) == made, line


@settings(max_examples=40, deadline=None)
@given(plans)
def test_any_plan_is_read_as_it_was_written(made: EditPlan) -> None:
    assert parse_plan(written(made)) == made


CHAIR = {"words": "the chair", "noun": "chair"}
MOVE = {"op": "move", "targets": CHAIR, "direction": "left"}


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ([], "$: expected an object"),
        ({"operations": []}, "$.operations: expected a list of 1 to 12"),
        ({"operations": [MOVE] * 13}, "$.operations: expected a list of 1 to 12"),
        ({"operations": [MOVE], "more": 1}, "$: expected an object with the one key"),
        ({"operations": ["delete"]}, "$.operations[0]: expected an object"),
        ({"operations": [{"op": "exec"}]}, "$.operations[0].op: expected one of"),
        ({"operations": [{"op": "delete"}]}, "$.operations[0]: missing targets"),
        ({"operations": [{**MOVE, "code": "x"}]}, "$.operations[0]: unknown key 'code'"),
        ({"operations": [{**MOVE, "direction": "north"}]}, "[0].direction: 'north' is none of"),
        ({"operations": [{**MOVE, "distance": True}]}, "[0].distance: expected a number"),
        ({"operations": [{**MOVE, "distance": float("nan")}]}, "[0].distance: expected a number"),
        ({"operations": [{**MOVE, "distance": 1e9}]}, "[0].distance: expected a number in"),
        ({"operations": [{**MOVE, "distance": None}]}, "[0].distance: expected a number"),
        ({"operations": [{**MOVE, "offset": [1, 2]}]}, "[0].offset: expected a list of 3 to 3"),
        ({"operations": [{**MOVE, "is_lift": 1}]}, "[0].is_lift: expected true or false"),
        ({"operations": [{"op": "undo", "steps": 1.5}]}, "[0].steps: expected a whole number"),
        ({"operations": [{"op": "delete", "targets": {"words": 7}}]}, ".words: expected up"),
        ({"operations": [{"op": "delete", "targets": {"words": "x" * 81}}]}, ".words: expected up"),
    ],
)
def test_what_is_no_plan_is_refused_with_its_place(data: Any, told: str) -> None:
    with pytest.raises(PlanError) as caught:
        parse_plan(data)
    assert told in str(caught.value)


def test_texts_come_without_control_characters() -> None:
    made = parse_plan(
        {"operations": [{"op": "rename", "targets": CHAIR, "to": "a\n\x00\ud800b\x1b"}]}
    )
    assert made.operations == (Rename(targets=Ref(words="the chair", noun="chair"), to="ab"),)


def test_expressions_nest_only_so_deep() -> None:
    def within(depth: int) -> Any:
        inner = [{"kind": "on", "to": [within(depth - 1)]}] if depth else []
        return {"words": "it", "relations": inner}

    assert parse_plan({"operations": [{"op": "delete", "targets": within(2)}]})
    with pytest.raises(PlanError, match="nested more than 3 deep"):
        parse_plan({"operations": [{"op": "delete", "targets": within(3)}]})


def test_whatever_can_be_carried_out_can_be_written() -> None:
    kinds = {*OPERATIONS, Undo, Repeat}
    assert kinds == set(OPERATION_KINDS.values())
    definitions = plan_schema()["$defs"]
    assert {definitions[f"{kind.__name__}3"]["properties"]["op"]["const"] for kind in kinds} == {
        kind.__name__.lower() for kind in kinds
    }


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["operations", "op", "targets", "words", "ids", "relations", "to"]),
            inner | st.sampled_from([*OPERATION_KINDS, "on"]),
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(deadline=None)
@given(_json)
def test_foreign_json_is_a_plan_or_refused_and_nothing_else(data: Any) -> None:
    try:
        made = parse_plan(data)
    except PlanError:
        return
    assert isinstance(made, EditPlan)


def test_the_schema_names_only_the_ids_that_there_are() -> None:
    definitions = plan_schema(("o1", "o2"))["$defs"]
    assert definitions["id"] == {"enum": ["o1", "o2"]}
    nothing = plan_schema(())["$defs"]
    assert all("ids" not in d.get("properties", {}) for d in nothing.values())


def test_what_must_be_there_comes_first() -> None:
    """An answer that is cut short can then be closed by little."""
    for name, definition in plan_schema(("o1",))["$defs"].items():
        required = definition.get("required", [])
        assert list(definition.get("properties", {}))[: len(required)] == required, name
    assert parse_plan({"operations": [{"op": "delete", "targets": {"words": ""}}]}) == EditPlan(
        operations=(Delete(targets=Ref(words="")),)
    )
