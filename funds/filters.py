"""What lists of money can be narrowed by. Everything stays in the address."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from funds.models import (
    Appeal,
    AppealKind,
    Donation,
    DonationForm,
    Donor,
    DonorKind,
    Fund,
    LegalStatus,
    Voucher,
    VoucherKind,
    VoucherState,
)
from funds.queries import of_donor, search_donors
from funds.queries.pledges import overdue
from funds.queries.vouchers import to_approve, to_confirm
from hkh.core.dates import Period, PeriodKind, today
from hkh.core.fields import DateVnField, VndField
from hkh.core.filters import ListFilter
from hkh.core.keys import key_of
from hkh.core.text import search_key
from members.models import Tier, UnitKind, User
from members.queries import ever_named


class PeriodField(forms.ChoiceField):
    """A period by its code; offers this and the last few, and takes any other that the address names."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=self._offered, **kwargs)

    @staticmethod
    def _offered() -> list[tuple[str, str]]:
        quarter, year = Period.containing(today(), PeriodKind.QUARTER), Period.containing(today(), PeriodKind.YEAR)
        month = Period.containing(today(), PeriodKind.MONTH)
        offered = [month, month.previous(), quarter, quarter.previous(), year, year.previous()]
        return [("", str(_("All"))), *((period.code, period.label) for period in offered)]

    def offer(self, code: str) -> None:
        """Let the period with this code stand among the choices, if there is such a one."""
        try:
            period = Period.parse(code)
        except ValidationError:
            return
        if period.code not in dict(self._offered()):
            self.choices = [*self._offered(), (period.code, period.label)]


class DonationFilter(ListFilter):
    fund = forms.ModelChoiceField(Fund.unscoped.none(), label=_("Fund"), required=False)
    period = PeriodField(label=_("Period"), required=False)
    donor_kind = forms.ChoiceField(label=_("Kind of donor"), required=False)
    form = forms.ChoiceField(label=_("Form"), required=False)
    appeal = forms.ModelChoiceField(Appeal.unscoped.none(), label=_("Appeal"), required=False)
    least_vnd = VndField(label=_("From (đồng)"), required=False)
    most_vnd = VndField(label=_("Up to (đồng)"), required=False)
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[
            ("", _("All")),
            ("booked", _("In the books")),
            ("pass_through", _("Handed straight on")),
            ("voided", _("Voided")),
        ],
    )
    donor = forms.ModelChoiceField(Donor.unscoped.none(), label=_("Donor"), required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, funds: QuerySet[Fund], user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.call_search(_("Search by donor, document or purpose"))
        self.fields["fund"].queryset = funds  # type: ignore[attr-defined]
        self.fields["appeal"].queryset = Appeal.objects.visible_to(user)  # type: ignore[attr-defined]
        self.fields["donor"].queryset = Donor.objects.visible_to(user)  # type: ignore[attr-defined]
        self.fields["donor_kind"].choices = [("", _("All")), *DonorKind.choices]  # type: ignore[attr-defined]
        self.fields["form"].choices = [("", _("All")), *DonationForm.choices]  # type: ignore[attr-defined]
        self.fields["period"].offer(self.data.get("period", ""))  # type: ignore[attr-defined]

    @property
    def asked_period(self) -> Period | None:
        code = self.said().get("period")
        return Period.parse(code) if code else None

    def apply(self, donations: QuerySet[Donation]) -> QuerySet[Donation]:
        said = self.said()
        if "q" in said:
            donations = donations.filter(self._search(said["q"]))
        plain = {
            "fund": "fund",
            "appeal": "appeal",
            "donor_kind": "donor__kind",
            "form": "form",
            "least_vnd": "amount_vnd__gte",
            "most_vnd": "amount_vnd__lte",
        }
        donations = donations.filter(**{path: said[name] for name, path in plain.items() if name in said})
        if "donor" in said:
            donations = donations.filter(of_donor(said["donor"]))
        if period := self.asked_period:
            donations = donations.filter(received_on__gte=period.starts_on, received_on__lt=period.ends_before)
        match said.get("state"):
            case "booked":
                donations = donations.filter(is_pass_through=False, voided_on=None)
            case "pass_through":
                donations = donations.filter(is_pass_through=True)
            case "voided":
                donations = donations.exclude(voided_on=None)
        return donations

    @staticmethod
    def _search(text: str) -> Q:
        named = search_donors(Donor.unscoped.filter(pk=OuterRef("donor")), text)
        return Q(Exists(named)) | Q(document__icontains=text) | Q(purpose__icontains=text)


class DonorFilter(ListFilter):
    kind = forms.ChoiceField(label=_("Kind of donor"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.call_search(_("Search by name, telephone or tax code"))
        self.fields["kind"].choices = [("", _("All")), *DonorKind.choices]  # type: ignore[attr-defined]

    def apply(self, donors: QuerySet[Donor]) -> QuerySet[Donor]:
        said = self.said()
        if "q" in said:
            donors = search_donors(donors, said["q"])
        return donors.filter(kind=said["kind"]) if "kind" in said else donors


class FundFilter(ListFilter):
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[("", _("All")), ("open", _("Open")), ("closed", _("Closed")), ("restricted", _("Restricted"))],
    )
    sort_of = forms.ChoiceField(
        label=_("Kind of fund"),
        required=False,
        choices=[
            ("", _("All")),
            ("licensed", LegalStatus.LICENSED.label),
            ("internal", LegalStatus.INTERNAL.label),
            ("clan", _("Clan funds")),
        ],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.call_search(_("Search by name, code or unit"))

    def apply(self, funds: QuerySet[Fund]) -> QuerySet[Fund]:
        said = self.said()
        if "q" in said:
            key = search_key(said["q"])
            funds = funds.filter(
                Q(search_key__contains=key) | Q(code__icontains=said["q"]) | Q(unit__in=ever_named(said["q"]))
            )
        still_open = Q(closed_on=None) | Q(closed_on__gt=today())
        match said.get("state"):
            case "open":
                funds = funds.filter(still_open)
            case "closed":
                funds = funds.exclude(still_open)
            case "restricted":
                funds = funds.filter(is_restricted=True)
        match said.get("sort_of"):
            case "clan":
                funds = funds.filter(unit__kind=UnitKind.CLAN)
            case str(status):
                funds = funds.filter(legal_status=status)
        return funds


class AppealFilter(ListFilter):
    kind = forms.ChoiceField(label=_("Kind"), required=False)
    state = forms.ChoiceField(
        label=_("State"), required=False, choices=[("", _("All")), ("open", _("Open")), ("closed", _("Closed"))]
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.call_search(_("Search by name or purpose"))
        self.fields["kind"].choices = [("", _("All")), *AppealKind.choices]  # type: ignore[attr-defined]

    def apply(self, appeals: QuerySet[Appeal]) -> QuerySet[Appeal]:
        said = self.said()
        if "q" in said:
            appeals = appeals.filter(Q(name__icontains=said["q"]) | Q(purpose__icontains=said["q"]))
        if "kind" in said:
            appeals = appeals.filter(kind=said["kind"])
        still_open = Q(closes_on=None) | Q(closes_on__gt=today())
        match said.get("state"):
            case "open":
                appeals = appeals.filter(still_open, opens_on__lte=today())
            case "closed":
                appeals = appeals.exclude(still_open)
        return appeals


class CoverageFilter(ListFilter):
    """Units with or without a fund on a day. With nothing asked for: those without, today."""

    on = DateVnField(label=_("On"), required=False)
    tier = forms.ModelChoiceField(Tier.objects.filter(holds_funds=True), label=_("Tier"), required=False)
    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=[("", _("All")), *UnitKind.choices])
    state = forms.ChoiceField(
        label=_("Fund"),
        required=False,
        choices=[("", _("Without a fund")), ("with", _("With a fund")), ("all", _("All"))],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.call_search(_("Search by name"))
        self.fields["tier"].empty_label = _("All")  # type: ignore[attr-defined]

    @property
    def day(self) -> date:
        day: date = self.said().get("on") or today()
        return day

    def apply(self, units: QuerySet[Any]) -> QuerySet[Any]:
        said = self.said()
        for word in search_key(said.get("q", "")).split():
            units = units.filter(search_key__contains=word)
        if "tier" in said:
            units = units.filter(tier_then=said["tier"].pk)
        if "kind" in said:
            units = units.filter(kind=said["kind"])
        match said.get("state"):
            case None:
                units = units.filter(has_fund=False)
            case "with":
                units = units.filter(has_fund=True)
        return units


class VoucherFilter(ListFilter):
    state = forms.ChoiceField(label=_("State"), required=False)
    kind = forms.ChoiceField(label=_("Kind"), required=False)
    period = PeriodField(label=_("Period"), required=False)
    waits = forms.ChoiceField(
        label=_("Waits for me"),
        required=False,
        choices=[("", _("All")), ("approve", _("To approve")), ("confirm", _("To confirm"))],
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.call_search(_("Search by payee, purpose or document"))
        self.fields["state"].choices = [("", _("All")), *VoucherState.choices]  # type: ignore[attr-defined]
        self.fields["kind"].choices = [("", _("All")), *VoucherKind.choices]  # type: ignore[attr-defined]
        self.fields["period"].offer(self.data.get("period", ""))  # type: ignore[attr-defined]

    @property
    def asked_period(self) -> Period | None:
        code = self.said().get("period")
        return Period.parse(code) if code else None

    def apply(self, vouchers: QuerySet[Voucher]) -> QuerySet[Voucher]:
        said = self.said()
        if "q" in said:
            text = said["q"]
            vouchers = vouchers.filter(Q(payee__icontains=text) | Q(note__icontains=text) | Q(document__icontains=text))
        vouchers = vouchers.filter(**{name: said[name] for name in ("state", "kind") if name in said})
        if period := self.asked_period:
            vouchers = vouchers.filter(occurred_on__lt=period.ends_before)
            # What still waits, waits whenever it was prepared.
            if said.get("state") not in (VoucherState.PREPARED, VoucherState.SENT):
                vouchers = vouchers.filter(occurred_on__gte=period.starts_on)
        match said.get("waits"):
            case "approve":
                vouchers = vouchers.filter(pk__in=to_approve(self.user).values("pk"))
            case "confirm":
                vouchers = vouchers.filter(pk__in=to_confirm(self.user).values("pk"))
        return vouchers


class StockFilter(ListFilter):
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[("", _("In stock")), ("issued", _("Issued to units")), ("all", _("All, also used up"))],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.call_search(_("Search by goods or fund"))

    def apply(self, items: QuerySet[Any]) -> QuerySet[Any]:
        said = self.said()
        if "q" in said:
            items = items.filter(Q(name__icontains=said["q"]) | Q(fund__search_key__contains=search_key(said["q"])))
        match said.get("state"):
            case None:
                items = items.filter(left_quantity__gt=0)
            case "issued":
                items = items.filter(issued_quantity__gt=0)
        return items


class HonourFilter(ListFilter):
    """The period of a roll of honour; none: ever."""

    period = PeriodField(label=_("Period"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["q"]
        self.fields["period"].offer(self.data.get("period", ""))  # type: ignore[attr-defined]

    @property
    def asked_period(self) -> Period | None:
        code = self.said().get("period")
        return Period.parse(code) if code else None


class PledgeFilter(ListFilter):
    state = forms.ChoiceField(
        label=_("State"), required=False, choices=[("", _("All")), ("overdue", _("Overdue")), ("open", _("Open"))]
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.call_search(_("Search by name"))

    def apply(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        said = self.said()
        if "q" in said:
            rows = rows.filter(pledge__donor__search_key__contains=search_key(said["q"]))
        match said.get("state"):
            case "overdue":
                rows = overdue(rows, day=today())
            case "open":
                rows = rows.filter(kept_vnd__lt=F("amount_vnd"), pledge__cancelled_on=None)
        return rows


class BooksFilter(ListFilter):
    """Whose books: one fund's, or those of all below too. Without either, those of the unit's own funds."""

    fund = forms.ChoiceField(label=_("Fund"), required=False)
    below = forms.BooleanField(label=_("With all units below"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["q"]

    def offer(self, funds: Iterable[Fund]) -> None:
        """The unit's own funds to choose from; a fund of a unit below can stand in the address all the same."""
        choices = [("", _("All funds")), *((str(fund.pk), fund.name) for fund in funds)]
        asked = self.data.get("fund", "")
        if key_of(asked) and asked not in dict(choices):
            choices.append((asked, _("One fund")))
        self.fields["fund"].choices = choices  # type: ignore[attr-defined]
