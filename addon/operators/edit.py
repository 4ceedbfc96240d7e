"""Saying what to change: prompts, proposals, and the one operator that changes the scene."""

from typing import Any, ClassVar

import bpy

from maquette_protocol.edit_messages import EditReply

from .. import conversation, runtime
from ..editing import changes, ghosts


class MAQUETTE_OT_say(bpy.types.Operator):
    bl_idname = "maquette.say"
    bl_label = "Say What to Change"
    bl_description = "Preview what a prompt would change, or answer a question about the scene"

    prompt: bpy.props.StringProperty(
        name="Prompt", description="What to change, or a question", options={"SKIP_SAVE"}
    )

    def invoke(self, context: bpy.types.Context, _event: bpy.types.Event) -> set[str]:
        self.prompt = conversation.settings().prompt
        return context.window_manager.invoke_props_dialog(self, width=500)

    def execute(self, _context: bpy.types.Context) -> set[str]:
        text = self.prompt
        if not text.strip():
            self.report({"ERROR"}, "Type what to change first, like: put the lamp on the desk")
            return {"CANCELLED"}
        conversation.set_prompt(text)
        conversation.say(text)
        return {"FINISHED"}


class MAQUETTE_OT_say_lines(bpy.types.Operator):
    bl_idname = "maquette.say_lines"
    bl_label = "Preview"
    bl_description = "Preview what all lines together would change"
    bl_options: ClassVar[set[str]] = {"INTERNAL"}

    def execute(self, _context: bpy.types.Context) -> set[str]:
        lines = [line.text.strip() for line in conversation.settings().lines]
        text = ". ".join(line.rstrip(".") for line in lines if line)
        if not text:
            self.report({"ERROR"}, "Type what to change first")
            return {"CANCELLED"}
        conversation.set_prompt(text)
        conversation.say(text)
        return {"FINISHED"}


class MAQUETTE_OT_prompt_line(bpy.types.Operator):
    bl_idname = "maquette.prompt_line"
    bl_label = "Add Line"
    bl_description = "Add a line, or take it away"
    bl_options: ClassVar[set[str]] = {"INTERNAL"}

    remove: bpy.props.IntProperty(default=-1, options={"SKIP_SAVE"})

    def execute(self, _context: bpy.types.Context) -> set[str]:
        lines = conversation.settings().lines
        if self.remove >= 0:
            lines.remove(self.remove)
        else:
            lines.add()
        return {"FINISHED"}


class MAQUETTE_OT_recall_prompt(bpy.types.Operator):
    bl_idname = "maquette.recall_prompt"
    bl_label = "Earlier Prompt"
    bl_description = "Bring an earlier prompt back into the field"
    bl_options: ClassVar[set[str]] = {"INTERNAL"}

    step: bpy.props.IntProperty(default=1, options={"SKIP_SAVE"})
    text: bpy.props.StringProperty(options={"SKIP_SAVE"})

    @classmethod
    def poll(cls, _context: bpy.types.Context) -> bool:
        if not runtime.session().edits.history:
            cls.poll_message_set("Nothing has been typed yet")
            return False
        return True

    def execute(self, _context: bpy.types.Context) -> set[str]:
        settings, history = conversation.settings(), runtime.session().edits.history
        if self.text:
            conversation.set_prompt(self.text)
            return {"FINISHED"}
        settings.recalled = min(max(settings.recalled + self.step, 0), len(history))
        conversation.set_prompt(history[-settings.recalled] if settings.recalled else "")
        return {"FINISHED"}


class MAQUETTE_OT_apply_edit(bpy.types.Operator):
    bl_idname = "maquette.apply_edit"
    bl_label = "Apply Edit"
    bl_description = "Make the changes that the preview shows"
    bl_options: ClassVar[set[str]] = {"REGISTER", "UNDO"}

    # which edit this is: run again by the redo panel, it is the one applied last
    edit: bpy.props.StringProperty(options={"HIDDEN", "SKIP_SAVE"})
    links_copies: bpy.props.BoolProperty(
        name="Linked Copies",
        description="Copies share their mesh with the original",
        default=False,
    )
    parts: bpy.props.CollectionProperty(
        type=conversation.MAQUETTE_PG_redo_part, options={"SKIP_SAVE"}
    )
    amounts: bpy.props.CollectionProperty(
        type=conversation.MAQUETTE_PG_redo_amount, options={"SKIP_SAVE"}
    )

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        edits = runtime.session().edits
        if edits.proposal is None and edits.applied is None:
            cls.poll_message_set("Say what to change first")
            return False
        if context.mode != "OBJECT":
            cls.poll_message_set("Leave Edit Mode first (Tab): edits are made in Object Mode")
            return False
        return True

    def execute(self, context: bpy.types.Context) -> set[str]:
        edits = runtime.session().edits
        is_again = edits.proposal is None
        reply = edits.applied if is_again else edits.proposal
        if reply is None or (is_again and self.edit != _name_of(edits)):
            self.report({"ERROR"}, "Nothing is proposed; say what to change first")
            return {"CANCELLED"}
        if is_again:
            reply = self._adjusted(reply)
        elif not _is_as_shown(reply):
            edits.refresh()
            runtime.hurry()
            self.report({"WARNING"}, "The scene was changed meanwhile: the preview is made again")
            return {"CANCELLED"}
        try:
            carried = changes.carry_out(
                context, reply, conversation.observer, links_copies=self.links_copies
            )
        except changes.Cannot as reason:
            self.report({"ERROR"}, str(reason))
            return {"CANCELLED"}
        conversation.note_applied(reply, context.scene)
        changes.look_through(reply, conversation.observer.ids)
        self.edit = _name_of(edits)
        conversation.fill(self, reply)
        self.report({"INFO"}, " ".join([reply.message, *carried.notes]))
        return {"FINISHED"}

    def _adjusted(self, reply: EditReply) -> EditReply:
        """With the redo panel's numbers, where they are others than the edit's."""
        edits = runtime.session().edits
        wanted = conversation.setting_of(self, reply)
        if not _is_other(wanted, reply):
            return reply
        answer = edits.hear_at_once(edits.adjustment(*wanted))
        if answer is not None and answer.status == "proposed":
            return answer
        reason = answer.message if answer is not None else "The backend does not answer."
        self.report({"WARNING"}, reason)
        return reply

    def draw(self, _context: bpy.types.Context) -> None:
        draw_parts(self.layout, self)
        edits = runtime.session().edits
        reply = edits.applied
        if reply is not None and any(c.action == "create" and c.source for c in reply.changes):
            self.layout.prop(self, "links_copies")


def _name_of(edits: Any) -> str:
    return f"{edits.scene} {edits.num_applied}"


def _is_as_shown(reply: EditReply) -> bool:
    """Whether what would change is still what the backend knows."""
    observer = conversation.observer
    keys = {change.id for change in reply.changes if change.action != "create"}
    found = observer.ids.find_all(keys, bpy.context.view_layer)
    return all(observer.is_as_told(key, item) for key, item in found.items())


def _is_other(wanted: tuple[Any, Any, Any], reply: EditReply) -> bool:
    off, amounts, spots = wanted
    is_on = tuple(n for n, part in enumerate(reply.parts) if not part.is_on) != off
    was_spots = {str(n): part.spot for n, part in enumerate(reply.parts) if part.spot}
    known = {(n, a.field): a.value for n, part in enumerate(reply.parts) for a in part.amounts}
    changed = any(
        abs(known.get((a.part, a.field), a.value) - a.value) > 1e-5 * max(abs(a.value), 1.0)
        for a in amounts
    )
    return is_on or changed or spots != was_spots


class MAQUETTE_OT_discard_edit(bpy.types.Operator):
    bl_idname = "maquette.discard_edit"
    bl_label = "Discard Edit"
    bl_description = "Drop the preview, the question or the answer; the scene stays as it is"

    def execute(self, _context: bpy.types.Context) -> set[str]:
        runtime.session().edits.discard()
        ghosts.clear()
        conversation.hear_news()
        runtime.hurry()
        return {"FINISHED"}


class MAQUETTE_OT_another_spot(bpy.types.Operator):
    bl_idname = "maquette.another_spot"
    bl_label = "Another Spot"
    bl_description = "Preview the next best place"
    bl_options: ClassVar[set[str]] = {"INTERNAL"}

    part: bpy.props.IntProperty(options={"SKIP_SAVE"})

    def execute(self, _context: bpy.types.Context) -> set[str]:
        parts = conversation.settings().parts
        if self.part < len(parts):
            parts[self.part].spot += 1
            conversation.adjust()
        return {"FINISHED"}


class MAQUETTE_OT_choose_candidate(bpy.types.Operator):
    bl_idname = "maquette.choose_candidate"
    bl_label = "This One"
    bl_description = "Answer with this"
    bl_options: ClassVar[set[str]] = {"INTERNAL"}

    candidate: bpy.props.StringProperty(options={"SKIP_SAVE"})

    def execute(self, _context: bpy.types.Context) -> set[str]:
        runtime.session().edits.choose(self.candidate)
        runtime.hurry()
        return {"FINISHED"}


class MAQUETTE_OT_show_candidate(bpy.types.Operator):
    bl_idname = "maquette.show_candidate"
    bl_label = "Show"
    bl_description = "Highlight only this one, and bring it into view"
    bl_options: ClassVar[set[str]] = {"INTERNAL"}

    candidate: bpy.props.StringProperty(options={"SKIP_SAVE"})

    def execute(self, context: bpy.types.Context) -> set[str]:
        ghosts.clear()
        ghosts.highlight(self.candidate, conversation.observer)
        for area in context.screen.areas:
            if area.type == "VIEW_3D":
                area.tag_redraw()
        return {"FINISHED"}


def draw_parts(layout: bpy.types.UILayout, source: Any) -> None:
    """Checkboxes and numbers, of the panel's settings or the redo panel's operator."""
    for number, part in enumerate(source.parts):
        column = layout.column(align=True)
        row = column.row(align=True)
        row.prop(part, "is_on", text=part.words)
        amounts = [amount for amount in source.amounts if amount.part == number]
        for amount in amounts:
            name = amount.unit if amount.unit in ("length", "angle") else "number"
            line = column.row()
            line.active = part.is_on
            line.prop(amount, name, text=amount.words)


CLASSES = (
    MAQUETTE_OT_say,
    MAQUETTE_OT_say_lines,
    MAQUETTE_OT_prompt_line,
    MAQUETTE_OT_recall_prompt,
    MAQUETTE_OT_apply_edit,
    MAQUETTE_OT_discard_edit,
    MAQUETTE_OT_another_spot,
    MAQUETTE_OT_choose_candidate,
    MAQUETTE_OT_show_candidate,
)
