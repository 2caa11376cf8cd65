"""Members by django-import-export as it comes, in bulk mode, to the same end as ours: read for a preview, taken in.

All that the library's notes on speed advise is done: no differences told, no row looked up as known. Its preview is of
the persons alone, for a belonging cannot be told of somebody who is not there yet.
"""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import Any

from import_export import resources
from import_export.fields import Field
from import_export.formats.base_formats import XLSX
from import_export.widgets import DateWidget, ForeignKeyWidget
from python_calamine import CalamineWorkbook
from rustpy_xlsxwriter import write_worksheet
from tablib import Dataset

from members.models import Member, Membership, Unit

_SEXES = {"Nữ": "f", "Nam": "m", "": ""}


class _Bulk(resources.ModelResource):
    """Past the managers that ask for whom; else as the library has it."""

    def get_queryset(self) -> Any:
        return self._meta.model.unscoped.all()

    def bulk_create(self, *args: Any, **kwargs: Any) -> None:
        self._meta.model.unscoped.bulk_create(self.create_instances, batch_size=kwargs.get("batch_size"))
        self.create_instances.clear()


class _Unscoped(ForeignKeyWidget):
    def get_queryset(self, *args: Any, **kwargs: Any) -> Any:
        return self.model.unscoped.all()


class _Persons(_Bulk):
    birth_date = Field("birth_date", "birth", DateWidget("%d/%m/%Y"))

    class Meta:
        model = Member
        use_bulk = force_init_instance = skip_diff = True
        import_id_fields = ("card_number",)
        fields = ("full_name", "birth_date", "sex", "phone", "occupation", "address", "card_number")


class _Belongings(_Bulk):
    member = Field("member", "card_number", _Unscoped(Member, "card_number"))
    unit = Field("unit", "unit", _Unscoped(Unit, "code"))
    joined_on = Field("joined_on", "joined_on", DateWidget("%d/%m/%Y"))

    class Meta:
        model = Membership
        use_bulk = force_init_instance = skip_diff = True
        import_id_fields = ("member",)
        fields = ("member", "unit", "joined_on")


def write_first_rows(path: Path, target: Path, count: int) -> Path:
    """The first ``count`` rows of the members' sheet at ``path`` as such a resource takes them, each with a card."""
    with CalamineWorkbook.from_path(str(path)) as book:
        rows = list(islice(book.get_sheet_by_index(0).iter_rows(), 1, count + 1))
    lines = [
        {
            "full_name": name,
            "birth": born if "/" in str(born) else "",
            "sex": _SEXES[str(sex)],
            "phone": phone,
            "occupation": occupation,
            "address": address,
            "card_number": f"STOCK-{number}",
            "unit": unit,
            "joined_on": joined,
        }
        for number, (name, born, sex, phone, occupation, address, _card, unit, joined) in enumerate(rows)
    ]
    write_worksheet(lines, str(target))
    return target


def bring_in(path: Path, count: int) -> None:
    """The sheet read and run dry, read again and taken in: ``count`` persons, each in a unit."""
    _import(_Persons(), _read(path), count, dry_run=True)
    data = _read(path)
    _import(_Persons(), data, count, dry_run=False)
    _import(_Belongings(), data, count, dry_run=False)


def _read(path: Path) -> Dataset:
    return XLSX().create_dataset(path.read_bytes())


def _import(resource: _Bulk, data: Dataset, count: int, *, dry_run: bool) -> None:
    result = resource.import_data(data, dry_run=dry_run, raise_errors=True)
    assert result.totals["new"] == count
