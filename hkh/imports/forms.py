"""What is asked on the way of a sheet: the file, what its columns mean, whether to go on."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hkh.core.sheets.guard import ENDINGS, LARGEST
from hkh.core.sheets.importing import SheetImport
from hkh.imports.models import ImportRun


class UploadForm(forms.Form):
    """The file. What it holds is looked at once it is there."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy("Excel (.xlsx, .xls), LibreOffice (.ods) or .csv, up to 100 MB."),
        widget=forms.FileInput(attrs={"accept": ",".join(ENDINGS), "class": "form-control"}),
        error_messages={
            "required": gettext_lazy("Choose the file."),
            "empty": gettext_lazy("The file is empty. Save the sheet again and choose the new file."),
        },
    )
    idempotency_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)

    def clean_file(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["file"]
        if file.size and file.size > LARGEST:
            raise forms.ValidationError(_("The file is larger than 100 MB. Split it into several files."))
        if Path(file.name or "").suffix.lower() not in (*ENDINGS, ".xlsm"):
            raise forms.ValidationError(
                _("This is not a spreadsheet of the kind that its name says. Save it as .xlsx, .xls, .ods or .csv.")
            )
        return file


class SheetForm(forms.Form):
    """Which sheet of the file, and where its headings are."""

    sheet = forms.ChoiceField(label=gettext_lazy("Sheet in the file"), required=False)
    head_row = forms.IntegerField(
        label=gettext_lazy("Row of the headings"), min_value=1, max_value=1_000, required=False
    )

    def __init__(self, run: ImportRun, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = run.layout.get("sheets", [])
        sheet = self.fields["sheet"]
        assert isinstance(sheet, forms.ChoiceField)
        sheet.choices = [(name, name or _("the only one")) for name in names]
        self.initial.setdefault("sheet", run.sheet_name)
        self.initial.setdefault("head_row", run.layout.get("head_row") or 1)


class MatchForm(forms.Form):
    """One choice a column of the file: what stands there. The fields are called c0, c1 …"""

    def __init__(self, run: ImportRun, kind: SheetImport, data: Any = None) -> None:
        super().__init__(data)
        columns = [
            (column.key, f"{column.label} *" if column.required else str(column.label))
            for column in kind.resource.columns_in()
        ]
        choices = [("", _("leave out")), *columns]
        for position, heading in enumerate(run.layout.get("headings", [])):
            self.fields[f"c{position}"] = forms.ChoiceField(
                label=heading or _("Column %(n)s") % {"n": position + 1},
                choices=choices,
                required=False,
                initial=run.matching.get(str(position), ""),
                widget=forms.Select(attrs={"class": "form-select"}),
            )

    def matching(self) -> dict[int, str]:
        return {int(name[1:]): key for name, key in self.cleaned_data.items() if key}


class ConfirmForm(forms.Form):
    """The plan that was shown, and whether all of it shall come in or nothing."""

    digest = forms.CharField(widget=forms.HiddenInput, max_length=24)
    all_or_nothing = forms.BooleanField(
        label=gettext_lazy("All or nothing: take in nothing while a row is refused"), required=False
    )

    def said(self) -> Mapping[str, Any]:
        return self.cleaned_data
