"""What is typed about decisions and their changes. Forms read and name the fields; the verbs decide."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from pathlib import PurePath
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from hkh.core.fields import DateVnField, VndField
from members.forms import VerbForm
from members.forms.choices import Choice, PlaceChoice
from members.models import Change, ChangeKind, Decision, FundRule, Tier, Unit, UnitKind

#: What a decision's paper may come as, and how its bytes begin.
PAPERS = {".pdf": b"%PDF-", ".jpg": b"\xff\xd8\xff", ".jpeg": b"\xff\xd8\xff", ".png": b"\x89PNG"}
MOST_BYTES = 20 * 1024 * 1024
#: So many units are merged, and so many parts made, in one go; more by going on, or by a sheet.
MERGED_AT_ONCE, PARTS_AT_ONCE = 6, 5


class DecisionForm(VerbForm):
    """What is written down of a decision. With ``revision`` it is a draft's; else a new one."""

    effective_on = DateVnField(
        label=gettext_lazy("Takes effect on"),
        help_text=gettext_lazy("On a day to come the decision takes effect by itself."),
    )
    number = forms.CharField(
        label=gettext_lazy("Number and symbol"),
        max_length=60,
        required=False,
        help_text=gettext_lazy("For example 12/QĐ-HKH. Needed before the decision is carried out."),
    )
    signed_on = DateVnField(label=gettext_lazy("Signed on"), required=False)
    issuer = forms.CharField(label=gettext_lazy("Issued by"), max_length=160, required=False)
    subject = forms.CharField(label=pgettext_lazy("of a decision", "Subject"), max_length=240, required=False)
    file = forms.FileField(
        label=gettext_lazy("The signed paper"),
        required=False,
        help_text=gettext_lazy("PDF or picture, 20 MB at the most."),
        widget=forms.FileInput({"accept": ",".join(PAPERS)}),
    )
    note = forms.CharField(
        label=gettext_lazy("Note"), required=False, max_length=2000, widget=forms.Textarea({"rows": 2})
    )
    revision = forms.IntegerField(widget=forms.HiddenInput, required=False)
    idempotency_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)

    def clean_file(self) -> UploadedFile | None:
        file: UploadedFile | None = self.cleaned_data["file"]
        if not file:
            return None
        begins = PAPERS.get(PurePath(file.name or "").suffix.lower())
        if begins is None or file.read(len(begins)) != begins:
            raise ValidationError(_("This is neither a PDF nor a picture. Choose the scanned or printed paper."))
        if (file.size or 0) > MOST_BYTES:
            raise ValidationError(_("The file is larger than 20 MB. Scan it in black and white, or at 200 dpi."))
        file.seek(0)
        return file

    def facts(self) -> dict[str, Any]:
        """What the verbs ask for; without a new file the old one stays."""
        kept = ("effective_on", "number", "signed_on", "issuer", "subject", "note", "file")
        return {name: self.cleaned_data[name] for name in kept if name != "file" or self.cleaned_data["file"]}


class PartyChoice(Choice):
    """A unit that stands, cleaned to it, or one that the decision founds, cleaned to that change. Both by code."""

    key = "code"

    def let_choose_parties(self, decision: Decision, units: QuerySet[Unit], *, with_new: bool) -> None:
        self.foundings = (
            {change.code: change for change in decision.changes.filter(kind=ChangeKind.FOUND)} if with_new else {}
        )
        url = reverse("decisions:unit-search", args=[decision.pk])
        query = {"new": "1"} if with_new else {}
        self.let_choose(units, f"{url}?{urlencode(query)}" if query else url, _("Name, or a name it once had"))

    def _find(self, value: Any) -> Any:
        return self.foundings.get(str(value)) or super()._find(value)


def party(name: str, chosen: Unit | Change | None) -> dict[str, Any]:
    """``chosen`` as the facts of a change name it: ``target`` or ``target_change``, ``parent`` or ``parent_change``."""
    if chosen is None:
        return {}
    return {f"{name}_change" if isinstance(chosen, Change) else name: chosen}


class PercentField(forms.CharField):
    """A share as people write it, "60" or "33,3 %", cleaned to a fraction."""

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not text:
            return None
        try:
            share = Decimal(text.replace("%", "").replace(" ", "").replace(",", ".")) / 100
        except InvalidOperation:
            share = Decimal(0)
        if not 0 < share <= 1:
            raise ValidationError(_("Write the share in percent, above 0 and at most 100: 60 or 33,3."))
        return share.quantize(Decimal("0.000001"))


class ChangeForm(VerbForm):
    """One change, or several that belong together. ``changes`` are the facts of each, in their order."""

    kind: ChangeKind

    def __init__(self, *args: Any, decision: Decision, units: QuerySet[Unit], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.decision = decision
        for field in self.fields.values():
            if isinstance(field, PartyChoice):
                field.let_choose_parties(decision, units, with_new=getattr(field, "with_new", False))
            elif isinstance(field, PlaceChoice):
                field.let_choose_places()

    def changes(self) -> list[dict[str, Any]]:
        """Facts for ``add_change``; a founding that others name stands first, and they name it ``new``."""
        raise NotImplementedError


def _unit(label: Any, *, with_new: bool = False, **kwargs: Any) -> PartyChoice:
    field = PartyChoice(label=label, **kwargs)
    setattr(field, "with_new", with_new)  # noqa: B010 (read by ChangeForm)
    return field


def _tier(**kwargs: Any) -> forms.ModelChoiceField:
    tiers = Tier.objects.filter(retired_on=None)
    return forms.ModelChoiceField(
        tiers, label=gettext_lazy("Tier"), empty_label=gettext_lazy("Choose a tier"), **kwargs
    )


class FoundForm(ChangeForm):
    """A new unit."""

    kind = ChangeKind.FOUND

    name = forms.CharField(label=gettext_lazy("Name of the new unit"), max_length=200)
    code = forms.CharField(
        label=gettext_lazy("Code"), max_length=32, help_text=gettext_lazy("Short, in letters, digits and hyphens.")
    )
    tier = _tier()
    parent = _unit(gettext_lazy("Stands under"), with_new=True)
    unit_kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=UnitKind.choices)
    place = PlaceChoice(label=gettext_lazy("Place"), required=False)

    def __init__(self, *args: Any, decision: Decision, **kwargs: Any) -> None:
        super().__init__(*args, decision=decision, **kwargs)
        self.fields["parent"].initial = decision.unit.code

    def changes(self) -> list[dict[str, Any]]:
        said = self.cleaned_data
        facts = {name: said[name] for name in ("name", "code", "tier", "unit_kind", "place")}
        return [{"kind": self.kind, **facts, **party("parent", said["parent"])}]


class RenameForm(ChangeForm):
    kind = ChangeKind.RENAME

    unit = _unit(gettext_lazy("Unit"))
    name = forms.CharField(label=gettext_lazy("New name"), max_length=200)

    def changes(self) -> list[dict[str, Any]]:
        return [{"kind": self.kind, **self.cleaned_data}]


class MoveForm(ChangeForm):
    kind = ChangeKind.MOVE

    unit = _unit(gettext_lazy("Unit"))
    parent = _unit(gettext_lazy("Stands under"), with_new=True, help_text=gettext_lazy("All below moves along."))

    def changes(self) -> list[dict[str, Any]]:
        return [{"kind": self.kind, "unit": self.cleaned_data["unit"], **party("parent", self.cleaned_data["parent"])}]


class TierForm(ChangeForm):
    kind = ChangeKind.TIER

    unit = _unit(gettext_lazy("Unit"))
    tier = _tier()

    def changes(self) -> list[dict[str, Any]]:
        return [{"kind": self.kind, **self.cleaned_data}]


class DissolveForm(ChangeForm):
    kind = ChangeKind.DISSOLVE

    unit = _unit(
        gettext_lazy("Unit"),
        help_text=gettext_lazy(
            "Nothing may be left in it: no unit below, no member, no money. Else merge or split it."
        ),
    )

    def changes(self) -> list[dict[str, Any]]:
        return [{"kind": self.kind, **self.cleaned_data}]


class MergeForm(ChangeForm):
    """Units merged into one that stands, or into a new one that the same form founds."""

    kind = ChangeKind.MERGE
    NEW = ("new_name", "new_code", "new_tier")

    target = _unit(
        gettext_lazy("Carried on by a unit that is there (or new in this decision)"),
        with_new=True,
        required=False,
        help_text=gettext_lazy("Leave it empty where a new unit carries on, and name that below."),
    )
    new_name = forms.CharField(label=gettext_lazy("Carried on by a new unit: its name"), max_length=200, required=False)
    new_code = forms.CharField(label=gettext_lazy("Its code"), max_length=32, required=False)
    new_tier = _tier(required=False)
    new_place = PlaceChoice(label=gettext_lazy("Its place"), required=False)

    def __init__(self, *args: Any, decision: Decision, units: QuerySet[Unit], **kwargs: Any) -> None:
        super().__init__(*args, decision=decision, units=units, **kwargs)
        merged = {}
        for n in range(1, MERGED_AT_ONCE + 1):
            field = _unit(_("Unit that is merged (%(n)s)") % {"n": n}, required=n == 1)
            field.let_choose_parties(decision, units, with_new=False)
            merged[f"unit_{n}"] = field
        self.fields = merged | self.fields

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        wants_new = any(said.get(name) for name in self.NEW)
        if said.get("target") and wants_new:
            self.add_error("target", _("Either a unit that is there or a new one carries on, not both."))
        elif not said.get("target") and not self.errors.get("target"):
            for name in self.NEW:
                if not said.get(name) and name not in self.errors:
                    self.add_error(name, _("Choose who carries on above, or fill in the new unit."))
        return said

    def changes(self) -> list[dict[str, Any]]:
        said = self.cleaned_data
        units = [said[name] for name in self.fields if name.startswith("unit_") and said.get(name)]
        if said["target"]:
            return [{"kind": self.kind, "unit": unit, **party("target", said["target"])} for unit in units]
        founding = {
            "kind": ChangeKind.FOUND,
            "name": said["new_name"],
            "code": said["new_code"],
            "tier": said["new_tier"],
            "place": said["new_place"],
            "unit_kind": units[0].kind,
            "parent": self._parent(units[0]),
        }
        return [founding, *({"kind": self.kind, "unit": unit, "target_change": "new"} for unit in units)]

    def _parent(self, first: Unit) -> Unit:
        """Under what the merged stood, where the new tier may stand there; else under the decision's unit."""
        tier: Tier = self.cleaned_data["new_tier"]
        above = first.parent
        if above is not None and tier.may_stand_under.filter(pk=above.tier_id).exists():
            return above
        return self.decision.unit


class SplitForm(ChangeForm):
    """One unit in several parts; the shares must make the whole."""

    kind = ChangeKind.SPLIT

    unit = _unit(gettext_lazy("Unit that is split"))
    fund_rule = forms.ChoiceField(
        label=gettext_lazy("Its funds are handed over"), choices=FundRule.choices, widget=forms.RadioSelect
    )

    def __init__(self, *args: Any, decision: Decision, units: QuerySet[Unit], **kwargs: Any) -> None:
        super().__init__(*args, decision=decision, units=units, **kwargs)
        self.fields["fund_rule"].initial = FundRule.SHARE
        for n in range(1, PARTS_AT_ONCE + 1):
            target = _unit(_("Part %(n)s goes to") % {"n": n}, with_new=True, required=n <= 2)
            target.let_choose_parties(decision, units, with_new=True)
            self.fields[f"target_{n}"] = target
            self.fields[f"share_{n}"] = PercentField(label=_("Share of part %(n)s (%%)") % {"n": n}, required=n <= 2)
            for pot, label in (("cash", _("Money of part %(n)s (đồng)")), ("goods", _("Goods of part %(n)s (đồng)"))):
                self.fields[f"{pot}_{n}"] = VndField(label=label % {"n": n}, required=False, min_value=0)

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        shares = []
        for n in range(1, PARTS_AT_ONCE + 1):
            target, share = said.get(f"target_{n}"), said.get(f"share_{n}")
            if bool(target) != bool(share) and not {f"target_{n}", f"share_{n}"} & self.errors.keys():
                self.add_error(f"share_{n}" if target else f"target_{n}", _("A part needs a unit and a share."))
            shares.append(share or Decimal(0))
        if not self.errors and sum(shares) != 1:
            self.add_error("share_1", _("The shares must make 100 % together."))
        return said

    def changes(self) -> list[dict[str, Any]]:
        said = self.cleaned_data
        parts = []
        for n in range(1, PARTS_AT_ONCE + 1):
            if not said.get(f"target_{n}"):
                continue
            facts = {"unit": said["unit"], "share": said[f"share_{n}"], "fund_rule": said["fund_rule"]}
            if said["fund_rule"] == FundRule.STATED:
                facts |= {f"{pot}_vnd": said.get(f"{pot}_{n}") or 0 for pot in ("cash", "goods")}
            parts.append({"kind": self.kind, **facts, **party("target", said[f"target_{n}"])})
        return parts


FORMS: dict[str, type[ChangeForm]] = {
    form.kind.value: form for form in (MergeForm, SplitForm, FoundForm, MoveForm, RenameForm, TierForm, DissolveForm)
}


class SheetForm(VerbForm):
    sheet = forms.FileField(
        label=gettext_lazy("The filled-in sheet"),
        help_text=gettext_lazy("Excel (.xlsx, .xls), .ods or .csv."),
        widget=forms.FileInput({"accept": ".xlsx,.xls,.ods,.csv"}),
        error_messages={"required": gettext_lazy("Choose the file.")},
    )


class SureForm(VerbForm):
    """A step that is not taken lightly; ``revision`` is that of the decision on the screen."""

    revision = forms.IntegerField(widget=forms.HiddenInput)


class CarryOutForm(VerbForm):
    """Carries out what was looked at: ``basis`` stands for it."""

    basis = forms.CharField(max_length=64, widget=forms.HiddenInput)


class ProtocolForm(VerbForm):
    """Asks for the handover protocol of one unit that takes up, or of all."""

    heir = forms.ChoiceField(label=gettext_lazy("For which unit"), required=False)
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)

    def __init__(self, *args: Any, heirs: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", _("All of them")), *((str(ref), name) for ref, name in heirs)]
        self.fields["heir"].choices = choices  # type: ignore[attr-defined]
