"""The workbook to type a list into: headings with notes, drop-downs, an example that the import leaves out.

Sheets: the one to type into; one that says what each column is; a hidden one with what the drop-downs offer.
"""

from __future__ import annotations

from datetime import date
from io import BytesIO
from typing import Any, Final

from django.utils.translation import gettext as _
from xlsxwriter import Workbook
from xlsxwriter.utility import xl_range_abs
from xlsxwriter.worksheet import Worksheet

from hkh.core.sheets.columns import SheetField, SheetResource
from hkh.core.sheets.writing import Heading

#: So many rows have drop-downs and formats; who needs more copies a row down.
_ROWS: Final = 2_000
_HEAD_ROW: Final = 2
#: In a cell's own list Excel takes so many characters; longer ones stand on the sheet of choices.
_DATE_RANGE: Final = (date(1900, 1, 1), date(2100, 12, 31))


def render_template(resource: type[SheetResource], user: Any) -> bytes:
    """The ``.xlsx`` to type the rows of ``resource`` into, in the language in use. Queries: those of its drop-downs."""
    buffer = BytesIO()
    with Workbook(buffer, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        _Maker(book, resource, user).make()
    return buffer.getvalue()


class _Maker:
    def __init__(self, book: Workbook, resource: type[SheetResource], user: Any) -> None:
        self.resource, self.user = resource, user
        self.columns = resource.columns_in()
        self.sheet = book.add_worksheet(str(resource.title)[:31])
        self.guide = book.add_worksheet(_("How to fill it in")[:31])
        self.choices = book.add_worksheet("_")
        self.choices.hide()
        grid = {"border": 1, "border_color": "#BFC5CC", "valign": "vcenter"}
        self.title = book.add_format({"bold": True, "font_size": 14})
        self.quiet = book.add_format({"font_color": "#5B6470", "text_wrap": True, "valign": "top"})
        self.wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        self.head = book.add_format({"bold": True, "text_wrap": True, "align": "center", "bg_color": "#E8EDF3", **grid})
        self.must = book.add_format({"bold": True, "text_wrap": True, "align": "center", "bg_color": "#FDE9D0", **grid})
        self.example = {
            form: book.add_format({"italic": True, "font_color": "#5B6470", "num_format": form})
            for form in {_number_format(column) for column in self.columns} | {"@"}
        }
        self.cell = {form: book.add_format({"num_format": form}) for form in self.example}

    def make(self) -> None:
        self.sheet.write_string(0, 0, str(self.resource.title), self.title)
        self.sheet.write_string(
            1, 0, _("Orange columns must be filled in. The line “VD” is an example and is left out.")
        )
        self.sheet.freeze_panes(_HEAD_ROW + 1, 2)
        self.sheet.set_row(_HEAD_ROW, 34)
        self.sheet.set_column(0, 0, 6)
        self.sheet.write_string(_HEAD_ROW, 0, _("No."), self.head)
        self.sheet.write_string(_HEAD_ROW + 1, 0, "VD", self.example["@"])
        for position, column in enumerate(self.columns, 1):
            self._column(position, column)
        self._guide()

    def _column(self, position: int, column: SheetField) -> None:
        form = _number_format(column)
        offered = self.resource.offered(column, self.user)
        self.sheet.set_column(position, position, column.width or 16, self.cell[form])
        self.sheet.write_string(_HEAD_ROW, position, str(column.label), self.must if column.required else self.head)
        if column.note:
            self.sheet.write_comment(_HEAD_ROW, position, str(column.note), {"x_scale": 1.6})
        example = column.example or (offered[0] if offered else "")
        _write(self.sheet, _HEAD_ROW + 1, position, example, self.example[form])
        rule = self._rule(position, column, offered)
        if rule:
            self.sheet.data_validation(_HEAD_ROW + 1, position, _HEAD_ROW + _ROWS, position, rule)

    def _rule(self, position: int, column: SheetField, offered: list[str]) -> dict[str, Any]:
        """What the cells of a column take. Choices may be typed too; the import says what it cannot understand."""
        if offered:
            self.choices.write_column(0, position, offered)
            source = f"='_'!{xl_range_abs(0, position, len(offered) - 1, position)}"
            rule: dict[str, Any] = {"validate": "list", "source": source, "error_type": "warning"}
        elif column.kind == "day":
            rule = {"validate": "date", "criteria": "between", "error_type": "warning"}
            rule |= {"minimum": _DATE_RANGE[0], "maximum": _DATE_RANGE[1]}
        elif column.kind in ("int", "vnd"):
            rule = {"validate": "integer", "criteria": ">=", "value": 0, "error_type": "warning"}
        else:
            return {}
        if column.note:
            rule |= {"input_title": str(column.label)[:32], "input_message": str(column.note)[:255]}
        return rule

    def _guide(self) -> None:
        headings = (_("Column"), _("Must be filled in"), _("What to write"), _("Example"), _("Also called"))
        for position, (heading, width) in enumerate(zip(headings, (26, 12, 50, 26, 60), strict=True)):
            self.guide.set_column(position, position, width)
            self.guide.write_string(0, position, heading, self.head)
        self.guide.freeze_panes(1, 1)
        for row, column in enumerate(self.columns, 1):
            offered = self.resource.offered(column, self.user)
            said = [str(column.note)] if column.note else []
            if offered:
                said.append(_("One of: %(choices)s") % {"choices": "; ".join(offered[:12])})
            self.guide.write_string(row, 0, str(column.label), self.wrapped)
            self.guide.write_string(row, 1, "x" if column.required else "", self.wrapped)
            self.guide.write_string(row, 2, "\n".join(said), self.wrapped)
            _write(self.guide, row, 3, column.example, self.example[_number_format(column)])
            self.guide.write_string(row, 4, ", ".join(column.synonyms[:10]), self.quiet)


def _write(sheet: Worksheet, row: int, position: int, value: Any, form: Any) -> None:
    if isinstance(value, date):
        sheet.write_datetime(row, position, value, form)
    elif isinstance(value, int):
        sheet.write_number(row, position, value, form)
    elif value:
        sheet.write_string(row, position, str(value), form)


def _number_format(column: SheetField) -> str:
    """Days that may be years too have the general one, in which Excel makes days of days and leaves years alone."""
    return "General" if column.kind == "day_or_year" else Heading("", column.kind).number_format
