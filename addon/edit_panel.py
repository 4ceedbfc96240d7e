"""The panel in which one says what to change. Drawing reads what is known and changes nothing."""

import bpy

from maquette_protocol.edit_messages import EditReply

from . import conversation, runtime
from .maquette_session import Edits
from .operators.cancel import CATEGORY
from .operators.edit import draw_parts
from .panels import draw_status, draw_text

_PHASES = {"reading": "Reading the scene", "sending": "Reading the scene", "asking": "Thinking"}
_ICONS = {"refused": "CANCEL", "failed": "ERROR", "answered": "INFO", "clarify": "QUESTION"}


class MAQUETTE_PT_edit(bpy.types.Panel):
    bl_idname = "MAQUETTE_PT_edit"
    bl_label = "Say What to Change"
    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = CATEGORY
    bl_order = 1

    def draw(self, _context: bpy.types.Context) -> None:
        with runtime.measured("draw"):
            self._draw()

    def _draw(self) -> None:
        layout, settings = self.layout, conversation.settings()
        edits = runtime.session().edits
        row = layout.row(align=True)
        row.prop(
            settings, "prompt", text="", icon="CONSOLE", placeholder="Put the lamp on the desk"
        )
        row.operator("maquette.recall_prompt", text="", icon="TRIA_UP").step = 1
        row.operator("maquette.recall_prompt", text="", icon="TRIA_DOWN").step = -1
        row.menu("MAQUETTE_MT_prompts", text="", icon="PREVIEW_RANGE")
        row.popover("MAQUETTE_PT_prompt_lines", text="", icon="TEXT")
        if runtime.session().status.state not in ("off", "setting up"):
            layout.row().prop(settings, "scope", expand=True)
        _draw_state(layout, edits)
        if edits.proposal is not None:
            _draw_proposal(layout, edits)


class MAQUETTE_PT_prompt_lines(bpy.types.Panel):
    bl_idname = "MAQUETTE_PT_prompt_lines"
    bl_label = "Several Sentences"
    bl_space_type = "VIEW_3D"
    bl_region_type = "HEADER"  # a popover alone
    bl_ui_units_x = 18

    def draw(self, _context: bpy.types.Context) -> None:
        layout, settings = self.layout, conversation.settings()
        layout.label(text="One sentence per line")
        column = layout.column(align=True)
        for number, line in enumerate(settings.lines):
            row = column.row(align=True)
            row.prop(line, "text", text="")
            row.operator("maquette.prompt_line", text="", icon="X").remove = number
        layout.operator("maquette.prompt_line", icon="ADD")
        layout.operator("maquette.say_lines", icon="PLAY")
        layout.separator()
        layout.prop(settings, "planner")


class MAQUETTE_MT_prompts(bpy.types.Menu):
    bl_idname = "MAQUETTE_MT_prompts"
    bl_label = "Earlier Prompts"

    def draw(self, _context: bpy.types.Context) -> None:
        history = runtime.session().edits.history
        for text in reversed(history[-20:]):
            self.layout.operator("maquette.recall_prompt", text=text).text = text
        if not history:
            self.layout.label(text="Nothing has been typed yet")


def _draw_state(layout: bpy.types.UILayout, edits: Edits) -> None:
    """What became of the prompt, where it is no proposal."""
    status = runtime.session().status
    if edits.is_busy and status.state not in ("ready", "busy"):
        draw_text(layout, f"Waiting for the backend: {edits.text}")
        draw_status(layout, status)
    elif edits.is_busy:
        row = layout.row()
        row.label(text=f"{_PHASES[edits.phase]}…", icon="SORTTIME")
        row.operator("maquette.discard_edit", text="", icon="X")
    elif edits.problem:
        layout.label(text="Not answered", icon="ERROR")
        draw_text(layout, edits.problem)
    elif edits.reply is not None and edits.reply.status in _ICONS:
        _draw_reply(layout, edits)


def _draw_reply(layout: bpy.types.UILayout, edits: Edits) -> None:
    reply = edits.reply
    box = layout.box()
    row = box.row()
    row.label(text=_title_of(reply), icon=_ICONS[reply.status])
    if edits.proposal is None:
        row.operator("maquette.discard_edit", text="", icon="X", emboss=False)
    draw_text(box, reply.message)
    for number, candidate in enumerate(reply.candidates[:20]):
        line = box.row(align=True)
        words = f"{number + 1}  {candidate.words}" if candidate.id else candidate.words
        choose = line.operator("maquette.choose_candidate", text=words)
        choose.candidate = candidate.id
        if candidate.id:
            line.operator(
                "maquette.show_candidate", text="", icon="HIDE_OFF"
            ).candidate = candidate.id


def _title_of(reply: EditReply) -> str:
    titles = {"refused": "Not done", "failed": "Failed", "answered": "Answer"}
    is_choice = any(candidate.id for candidate in reply.candidates)
    return titles.get(reply.status, "Which one?" if is_choice else "A question")


def _draw_proposal(layout: bpy.types.UILayout, edits: Edits) -> None:
    settings = conversation.settings()
    box = layout.box()
    box.label(text="Preview", icon="GHOST_ENABLED")
    draw_text(box, edits.proposal.message)
    draw_parts(box, settings)
    for number, part in enumerate(settings.parts):
        if part.has_spots and part.is_on:
            text = "Another Spot" if len(settings.parts) == 1 else f"Another Spot: {part.words}"
            box.operator("maquette.another_spot", text=text, icon="FILE_REFRESH").part = number
    row = box.row(align=True)
    row.scale_y = 1.4
    row.operator("maquette.apply_edit", text="Apply", icon="CHECKMARK")
    row.operator("maquette.discard_edit", text="Discard", icon="X")


CLASSES = (MAQUETTE_PT_edit, MAQUETTE_PT_prompt_lines, MAQUETTE_MT_prompts)
