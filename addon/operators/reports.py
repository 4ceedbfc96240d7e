"""Errors as reports: what happened, then what to do next."""

import bpy

from maquette_protocol.errors import MaquetteError


def report_error(operator: bpy.types.Operator, error: MaquetteError) -> None:
    operator.report({"ERROR"}, f"{error.message} {error.hint}".strip())
