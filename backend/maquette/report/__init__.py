"""report.html: a picture to look at rather than a log to read."""

from maquette.report.html import ReportData, write_report
from maquette.report.pictures import novel_camera, render_mesh

__all__ = ["ReportData", "novel_camera", "render_mesh", "write_report"]
