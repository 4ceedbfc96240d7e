"""What is said about the open scene: the prompt and its proposal as the panel shows them, and the news as it comes.

All of it hangs on the window manager, so typing a prompt, switching a part off or changing an amount is no undo step;
applying is. `num_edits` of a scene counts the applied edits, so that undo is followed.
"""

from typing import Any

import bpy
from bpy.app.handlers import persistent

from maquette_protocol.edit_messages import Amount, ChosenAmount, EditReply

from . import runtime
from .editing import changes, ghosts
from .editing.names import VIEWPORT
from .editing.observer import Observer, talk_about, window

_MOST_UNDO_STEPS = 64
observer = Observer()
_seen: EditReply | None = None  # the reply that the panel shows
_place = 0  # session_uid of the scene that is talked about
_is_filling = False


# what the panel holds -----------------------------------------------------------------------------


def _run(settings: Any, _context: bpy.types.Context) -> None:
    """Enter in the prompt field."""
    if not _is_filling and settings.prompt.strip():
        say(settings.prompt)


def _adjust(_settings: Any, _context: bpy.types.Context) -> None:
    """A part or an amount was changed."""
    if not _is_filling:
        adjust()


class MAQUETTE_PG_edit_part(bpy.types.PropertyGroup):
    """One operation of the proposal."""

    words: bpy.props.StringProperty()
    is_on: bpy.props.BoolProperty(
        name="Part", description="Leave this part out where it is off", default=True, update=_adjust
    )
    has_spots: bpy.props.BoolProperty()
    spot: bpy.props.IntProperty()


class MAQUETTE_PG_edit_amount(bpy.types.PropertyGroup):
    """A number of a part, in the one of the three that its unit asks for."""

    part: bpy.props.IntProperty()
    field: bpy.props.StringProperty()
    words: bpy.props.StringProperty()
    unit: bpy.props.StringProperty()
    length: bpy.props.FloatProperty(name="Length", unit="LENGTH", precision=3, update=_adjust)
    angle: bpy.props.FloatProperty(name="Angle", subtype="ANGLE", step=100, update=_adjust)
    number: bpy.props.FloatProperty(name="Amount", precision=3, update=_adjust)


class MAQUETTE_PG_redo_part(bpy.types.PropertyGroup):
    """The same for the redo panel, which runs the operator again by itself."""

    words: bpy.props.StringProperty()
    is_on: bpy.props.BoolProperty(name="Part", default=True)
    spot: bpy.props.IntProperty(name="Spot", min=0, max=50)
    has_spots: bpy.props.BoolProperty()


class MAQUETTE_PG_redo_amount(bpy.types.PropertyGroup):
    part: bpy.props.IntProperty()
    field: bpy.props.StringProperty()
    words: bpy.props.StringProperty()
    unit: bpy.props.StringProperty()
    length: bpy.props.FloatProperty(name="Length", unit="LENGTH", precision=3)
    angle: bpy.props.FloatProperty(name="Angle", subtype="ANGLE", step=100)
    number: bpy.props.FloatProperty(name="Amount", precision=3)


class MAQUETTE_PG_prompt_line(bpy.types.PropertyGroup):
    text: bpy.props.StringProperty(name="Line")


class MAQUETTE_PG_edit(bpy.types.PropertyGroup):
    """What is typed and shown."""

    prompt: bpy.props.StringProperty(
        name="Prompt",
        description="What to change, or what you want to know, in plain words; Enter shows a preview",
        update=_run,
    )
    lines: bpy.props.CollectionProperty(type=MAQUETTE_PG_prompt_line)
    scope: bpy.props.EnumProperty(
        name="Scope",
        description="What a prompt may change",
        items=(
            ("all", "All", "Everything in the scene"),
            ("view", "View", "What the viewport shows"),
            ("selection", "Selection", "What is selected"),
        ),
    )
    planner: bpy.props.EnumProperty(
        name="Understood By",
        description="Who turns words into operations; nothing of theirs is ever executed",
        items=(
            (
                "auto",
                "Grammar, Then Model",
                "The grammar; a language model for what it does not understand, where the preferences name one",
            ),
            ("grammar", "Grammar Alone", "Needs no model, answers in milliseconds"),
            ("llm", "Language Model Alone", "The one that the preferences name, for every prompt"),
        ),
    )
    parts: bpy.props.CollectionProperty(type=MAQUETTE_PG_edit_part)
    amounts: bpy.props.CollectionProperty(type=MAQUETTE_PG_edit_amount)
    first_edit: bpy.props.IntProperty()  # of the scene's `num_edits`, when the conversation began
    recalled: bpy.props.IntProperty()  # how far back in the history the field is; 0: not at all


def settings() -> MAQUETTE_PG_edit:
    """The one of this Blender."""
    return bpy.context.window_manager.maquette_edit


# what the user does -------------------------------------------------------------------------------


def say(text: str) -> None:
    """Have a prompt answered."""
    session = runtime.session()
    if session.edits.reader is None:
        session.edits.reader = observer
    _enter_scene()
    settings().recalled = 0
    session.say(text, settings().planner)
    runtime.hurry()


def adjust() -> None:
    """Have the proposal made again as the panel's parts and amounts say."""
    edits = runtime.session().edits
    if edits.proposal is None:
        return
    edits.adjust(*setting_of(settings(), edits.proposal))
    runtime.hurry()


def setting_of(
    source: Any, reply: EditReply
) -> tuple[tuple[int, ...], tuple[ChosenAmount, ...], dict[str, int]]:
    """Parts off, amounts that are other than proposed or were chosen before, and spots."""
    off = tuple(n for n, part in enumerate(source.parts) if not part.is_on)
    amounts = tuple(
        ChosenAmount(part=a.part, field=a.field, value=_value_of(a)) for a in source.amounts
    )
    spots = {str(n): part.spot for n, part in enumerate(source.parts) if part.spot}
    return off, amounts, spots


def _value_of(amount: Any) -> float:
    if amount.unit == "length":
        return amount.length * observer.unit()
    if amount.unit == "angle":
        from math import degrees

        return degrees(amount.angle)
    return amount.number


def fill(target: Any, reply: EditReply) -> None:
    """Have parts and amounts show a proposal's."""
    global _is_filling
    _is_filling = True
    try:
        target.parts.clear()
        target.amounts.clear()
        for number, part in enumerate(reply.parts):
            entry = target.parts.add()
            entry.words, entry.is_on = part.words, part.is_on
            entry.spot, entry.has_spots = part.spot, part.has_spots
            for amount in part.amounts:
                _fill_amount(target.amounts.add(), number, amount)
    finally:
        _is_filling = False


def _fill_amount(entry: Any, part: int, amount: Amount) -> None:
    from math import radians

    entry.part, entry.field, entry.words, entry.unit = part, amount.field, amount.words, amount.unit
    if amount.unit == "length":
        entry.length = amount.value / observer.unit()
    elif amount.unit == "angle":
        entry.angle = radians(amount.value)
    else:
        entry.number = amount.value


def set_prompt(text: str) -> None:
    """Show a text in the field without running it."""
    global _is_filling
    _is_filling = True
    settings().prompt = text
    _is_filling = False


def note_applied(reply: EditReply, scene: bpy.types.Scene) -> None:
    """A proposal has just been carried out in this scene."""
    scene.maquette.num_edits += 1
    observer.expected |= {change.id for change in reply.changes}
    runtime.session().edits.applied_now(reply)
    set_prompt("")
    ghosts.clear()
    hear_news()


# what comes ---------------------------------------------------------------------------------------


def hear_news() -> bool:
    """Called by the timer: take note of a new reply; whether there was one."""
    global _seen
    edits = runtime.session().edits
    if edits.reply is _seen:
        return False
    _seen = edits.reply
    reply = edits.reply
    if reply is not None and reply.status == "proposed":
        reason = changes.refusal(reply, observer)
        if reason:
            edits.refuse(reason)
            _seen = reply = edits.reply
        elif _is_harmless(reply):
            _apply_now()
            return True
    if reply is not None and reply.status in ("undo", "redo"):
        _undo(reply)
    if edits.proposal is not None:
        fill(settings(), edits.proposal)
    ghosts.show(edits.proposal, reply, observer)
    return True


def _is_harmless(reply: EditReply) -> bool:
    """Only looks elsewhere or selects: nothing to think over."""
    return (bool(reply.view) or reply.selects or bool(reply.changes)) and all(
        change.id == VIEWPORT for change in reply.changes
    )


def _apply_now() -> None:
    with bpy.context.temp_override(**runtime.viewport_of(window())):
        bpy.ops.maquette.apply_edit("EXEC_DEFAULT", True)


def _undo(reply: EditReply) -> None:
    """Blender's own undo is exact: as far back as that many edits of ours, where nothing else was done since."""
    edits, scene_uid = runtime.session().edits, window().scene.session_uid
    if observer.num_changed:
        edits.refuse(
            "Other things were changed since; use Edit > Undo, or say what to put back as it was."
        )
        return
    wanted = window().scene.maquette.num_edits - (
        reply.steps if reply.status == "undo" else -reply.steps
    )
    step = bpy.ops.ed.undo if reply.status == "undo" else bpy.ops.ed.redo
    for _ in range(_MOST_UNDO_STEPS):
        scene = window().scene
        if scene.session_uid != scene_uid or scene.maquette.num_edits == wanted:
            break
        with bpy.context.temp_override(window=window()):
            if not step.poll() or step() != {"FINISHED"}:
                break


def _enter_scene() -> None:
    """The conversation is about one scene; another one begins another conversation."""
    global _place
    scene = (bpy.context.window or window()).scene
    talk_about(scene)
    if _place != scene.session_uid:
        forget()
        _place = scene.session_uid
        settings().first_edit = scene.maquette.num_edits


def forget() -> None:
    """Nothing has been said."""
    global observer, _seen, _place
    edits = runtime.session().edits
    edits.forget()
    observer = edits.reader = Observer()
    _seen, _place = None, 0
    settings().parts.clear()
    settings().amounts.clear()
    ghosts.clear()


@persistent
def _after_load(*_: Any) -> None:
    forget()


@persistent
def _after_undo(*_: Any) -> None:
    """Objects may be other than they were: what is drawn is looked up again."""
    edits = runtime.session().edits
    ghosts.show(edits.proposal, edits.reply, observer)


CLASSES = (
    MAQUETTE_PG_edit_part,
    MAQUETTE_PG_edit_amount,
    MAQUETTE_PG_redo_part,
    MAQUETTE_PG_redo_amount,
    MAQUETTE_PG_prompt_line,
    MAQUETTE_PG_edit,
)
_HANDLERS = (("load_post", _after_load), ("undo_post", _after_undo), ("redo_post", _after_undo))


def register() -> None:
    from .editing import observer as observing

    bpy.types.WindowManager.maquette_edit = bpy.props.PointerProperty(type=MAQUETTE_PG_edit)
    observing.register()
    ghosts.register()
    runtime.listeners.append(hear_news)
    for name, function in _HANDLERS:
        getattr(bpy.app.handlers, name).append(function)


def unregister() -> None:
    from .editing import observer as observing

    for name, function in _HANDLERS:
        getattr(bpy.app.handlers, name).remove(function)
    runtime.listeners.remove(hear_news)
    ghosts.unregister()
    observing.unregister()
    del bpy.types.WindowManager.maquette_edit
