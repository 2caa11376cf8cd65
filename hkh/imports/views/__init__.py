from hkh.imports.views.runs import (
    run_confirm,
    run_detail,
    run_discard,
    run_list,
    run_match,
    run_progress,
    run_sheet,
    run_undo,
)
from hkh.imports.views.start import run_add, sheet_list, template_download

__all__ = [
    "run_add",
    "run_confirm",
    "run_detail",
    "run_discard",
    "run_list",
    "run_match",
    "run_progress",
    "run_sheet",
    "run_undo",
    "sheet_list",
    "template_download",
]
