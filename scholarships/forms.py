"""What is typed about rounds, awards and distributions. Forms read and name the fields; the verbs decide."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from funds.forms import OnceForm, Refusable
from funds.forms.donations import FundChoice
from funds.models import Fund, Pot, Stock
from hkh.core.dates import today
from hkh.core.fields import DateVnField, QuantityField, VndField
from hkh.core.keys import key_of, keys_of
from hkh.core.money import format_number, format_quantity
from hkh.core.widgets import Combobox
from members.models import Unit
from scholarships import triggers
from scholarships.actions import Proposal
from scholarships.models import (
    MOST_AWARDS,
    Award,
    AwardKind,
    AwardState,
    BeneficiaryGroup,
    Programme,
    RecipientKind,
    Round,
)

#: Which field the refusal of a rule belongs to, besides those that the triggers name.
_FIELDS = {
    "round_school_year": "school_year",
    "round_school_year_is_one": "school_year",
    "round_dates_in_order": "closed_on",
    "round_closed_in_future": "closed_on",
    "round_budget": "budget_vnd",
    "round_quota_above_zero": "quota",
    "award_value": "unit_value_vnd",
    "award_within_reason": "unit_value_vnd",
    "award_named_is_one": "count",
    "distribution_void_before_held": "on",
    "distribution_void_has_reason": "reason",
}
#: Who it is that receives, where the group says it; the others are pupils.
_RECIPIENTS = {
    BeneficiaryGroup.GOOD_TEACHER: RecipientKind.TEACHER,
    BeneficiaryGroup.HARDSHIP_TEACHER: RecipientKind.TEACHER,
    BeneficiaryGroup.SCHOOL: RecipientKind.SCHOOL,
    BeneficiaryGroup.STRICKEN_FAMILY: RecipientKind.FAMILY,
}


class GivingForm(Refusable):
    """A form whose verb may refuse; ``refuse`` puts the sentence where it belongs."""

    #: The server says what is missing, in the summary and at the field.
    use_required_attribute = False
    rule_fields = _FIELDS | triggers.fields()


class RoundForm(GivingForm, OnceForm):
    """A round. ``revision`` tells whether somebody else saved it meanwhile."""

    revision = forms.IntegerField(widget=forms.HiddenInput, required=False)
    programme = forms.ModelChoiceField(
        Programme.objects.all(),
        label=gettext_lazy("Programme"),
        error_messages={"required": gettext_lazy("Choose the programme that the round belongs to.")},
    )
    name = forms.CharField(
        label=gettext_lazy("Name of the round"),
        max_length=200,
        error_messages={"required": gettext_lazy("Write how the round is called in lists and on documents.")},
    )
    school_year = forms.CharField(
        label=gettext_lazy("School year"),
        max_length=9,
        error_messages={"required": gettext_lazy("Write the school year, for example 2024-2025.")},
        help_text=gettext_lazy("For example 2024-2025."),
    )
    fund = FundChoice(
        Fund.unscoped.none(),
        label=gettext_lazy("Fund that pays"),
        empty_label=None,
        error_messages={"required": gettext_lazy("Choose the fund that pays for the round.")},
    )
    opened_on = DateVnField(label=pgettext_lazy("a round", "Opens on"))
    budget_vnd = VndField(
        label=gettext_lazy("Budget"),
        required=False,
        min_value=1,
        help_text=gettext_lazy("The most that may be approved. Empty for no limit but the fund."),
    )
    quota = forms.IntegerField(
        label=gettext_lazy("Quota"),
        required=False,
        min_value=1,
        max_value=MOST_AWARDS,
        help_text=gettext_lazy("How many awards at the most. Empty for no limit."),
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off"}),
    )
    criteria = forms.CharField(
        label=gettext_lazy("Criteria"),
        required=False,
        max_length=4000,
        widget=forms.Textarea({"rows": 3}),
        help_text=gettext_lazy("Who may be proposed, and with which papers."),
    )

    field_order = ("programme", "name", "school_year", "fund", "opened_on", "budget_vnd", "quota", "criteria")

    def __init__(
        self, *args: Any, programmes: QuerySet[Programme], funds: QuerySet[Fund], round_: Round | None = None, **kw: Any
    ) -> None:
        if round_ is not None:
            kw["initial"] = {name: getattr(round_, name) for name in (*self.field_order, "revision")}
        super().__init__(*args, **kw)
        self.fields["programme"].queryset = programmes  # type: ignore[attr-defined]
        self.fields["programme"].empty_label = _("Choose a programme")  # type: ignore[attr-defined]
        self.fields["fund"].queryset = funds  # type: ignore[attr-defined]
        if round_ is None:
            self.fields["opened_on"].initial = today

    def facts(self) -> dict[str, Any]:
        """What the verbs ask for."""
        return {name: self.cleaned_data[name] for name in self.field_order}


class CloseRoundForm(GivingForm, forms.Form):
    closed_on = DateVnField(label=pgettext_lazy("a round", "Closed on"), allows_future=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["closed_on"].initial = today


# Awards


class ChosenAwards(GivingForm, forms.Form):
    """The awards ticked in the list, carried to the question and back; cleaned to rows of ``among``."""

    awards = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, among: QuerySet[Award], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.among = among

    def clean_awards(self) -> list[Award]:
        return list(self.among.filter(pk__in=keys_of(self.cleaned_data["awards"].split(","))))


class ApproveForm(ChosenAwards):
    approved_on = DateVnField(label=gettext_lazy("Day of the decision"), allows_future=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["approved_on"].initial = today


class CancelForm(ChosenAwards):
    reason = forms.CharField(label=gettext_lazy("Why"), max_length=240)
    cancelled_on = DateVnField(label=gettext_lazy("Day of the decision"), allows_future=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["cancelled_on"].initial = today


class RecipientUnit(forms.CharField):
    """A unit by key, typed by name; cleaned to ``Unit``."""

    def __init__(self, **kwargs: Any) -> None:
        self.units: QuerySet[Unit] = Unit.unscoped.none()
        super().__init__(**kwargs)

    def let_choose(self, units: QuerySet[Unit], url: str) -> None:
        self.units = units
        self.widget = Combobox(url, self._label, _("Name of the unit"))

    def _find(self, value: Any) -> Unit | None:
        key = key_of(value)
        return self.units.filter(pk=key).first() if key else None

    def _label(self, value: Any) -> str:
        unit = self._find(value)
        return unit.name if unit else ""

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not text:
            return None
        unit = self._find(text)
        if unit is None:
            raise ValidationError(_("Choose the unit from the list that opens while you type."), code="unit")
        return unit


class ProposalRow(GivingForm, forms.Form):
    """One line of a proposal: a named recipient, or a lot of so many without names."""

    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=AwardKind.choices)
    beneficiary_group = forms.ChoiceField(label=gettext_lazy("Group"), choices=BeneficiaryGroup.choices)
    unit = RecipientUnit(
        label=gettext_lazy("Receiving unit"),
        error_messages={"required": gettext_lazy("Choose the unit whose pupils, teachers or schools receive.")},
    )
    recipient_name = forms.CharField(
        label=gettext_lazy("Recipient's name"),
        max_length=160,
        required=False,
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    school = forms.CharField(label=gettext_lazy("School"), max_length=160, required=False)
    grade = forms.CharField(label=gettext_lazy("Class"), max_length=20, required=False)
    content = forms.CharField(label=gettext_lazy("What is given"), max_length=200, required=False)
    count = forms.IntegerField(
        label=gettext_lazy("Number"),
        min_value=1,
        max_value=MOST_AWARDS,
        error_messages={"required": gettext_lazy("Write how many, or the recipient's name.")},
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off", "data-count": ""}),
    )
    unit_value_vnd = VndField(label=gettext_lazy("Value of one"), min_value=1)
    pot = forms.ChoiceField(label=gettext_lazy("Paid in"), choices=Pot.choices)

    #: A row in which none of these is typed has not been begun.
    _begun_by = ("recipient_name", "school", "grade", "content", "count", "unit_value_vnd")

    def __init__(self, *args: Any, units: QuerySet[Unit], units_url: str, unit: Unit | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["unit"]
        assert isinstance(field, RecipientUnit)
        field.let_choose(units, units_url)
        field.initial = unit.pk if unit else None
        # A named recipient receives one; that need not be said.
        self.fields["count"].required = not self["recipient_name"].value()

    def has_changed(self) -> bool:
        return any(name in self.changed_data for name in self._begun_by)

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        is_named = bool(said.get("recipient_name"))
        if said.get("count") is None and "count" not in self.errors:
            said["count"] = 1
        is_school = said.get("beneficiary_group") == BeneficiaryGroup.SCHOOL
        if is_named and not is_school and (said.get("count") or 1) > 1:
            self.add_error("count", _("A named recipient receives one; leave the name empty for a lot."))
        return said

    def proposal(self) -> Proposal:
        group = BeneficiaryGroup(self.cleaned_data["beneficiary_group"])
        return Proposal(
            recipient_kind=_RECIPIENTS.get(group, RecipientKind.PUPIL),
            **{name: self.cleaned_data[name] for name in self.base_fields},
        )


class ProposalHead(GivingForm, OnceForm):
    """What all rows of a proposal share: that it is saved once, and what the verb refuses of it as a whole."""


ProposalRows = forms.formset_factory(ProposalRow, extra=1, max_num=100, absolute_max=200, validate_max=True)


# Distributions


class DistributionForm(GivingForm, OnceForm):
    """A handing-out: date, place, document, of each award how many; and, for awards in goods, of which goods."""

    held_on = DateVnField(label=gettext_lazy("Date"), allows_future=False)
    venue = forms.CharField(label=gettext_lazy("Venue"), max_length=160, required=False)
    document = forms.CharField(
        label=gettext_lazy("Document"),
        max_length=60,
        required=False,
        help_text=gettext_lazy("Number of the list that was signed."),
    )
    note = forms.CharField(
        label=gettext_lazy("Note"), required=False, max_length=2000, widget=forms.Textarea({"rows": 2})
    )

    def __init__(self, *args: Any, awards: Sequence[Award], stocks: Sequence[Stock] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.awards, self.stocks = list(awards), list(stocks)
        self.fields["held_on"].initial = today
        for award in self.awards:
            self.fields[_count_of(award)] = forms.IntegerField(
                label=_("Number for %(who)s") % {"who": award.recipient_name or award.get_beneficiary_group_display()},
                required=False,
                min_value=0,
                max_value=MOST_AWARDS,
                initial=award.remaining_count,
                widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off", "data-count": ""}),
            )

        for stock in self.stocks:
            field = QuantityField(label=_("How many of “%(goods)s”") % {"goods": stock.item.name}, required=False)
            field.widget.attrs["data-goods-count"] = ""
            self.fields[_quantity_of(stock)] = field

    @property
    def goods_rows(self) -> list[tuple[Stock, forms.BoundField]]:
        return [(stock, self[_quantity_of(stock)]) for stock in self.stocks]

    @property
    def rows(self) -> list[tuple[Award, forms.BoundField]]:
        return [(award, self[_count_of(award)]) for award in self.awards]

    @property
    def head(self) -> list[forms.BoundField]:
        return [self[name] for name in ("held_on", "venue", "document", "note")]

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        counts = {award: said.get(_count_of(award)) or 0 for award in self.awards}
        for award, count in counts.items():
            if count <= award.remaining_count:
                continue
            if award.state == AwardState.APPROVED:
                left = format_number(award.remaining_count)
                sentence = _("Only %(left)s are left to hand out. Lower the number.") % {"left": left}
            else:
                sentence = _("This award is not approved any more. Write 0.")
            self.add_error(_count_of(award), sentence)
        for stock, quantity in self.goods():
            if quantity > stock.quantity:
                told = {"left": format_quantity(stock.quantity), "measure": stock.item.measure}
                sentence = _("Only %(left)s %(measure)s of these goods are there. Lower the quantity.") % told
                self.add_error(_quantity_of(stock), sentence)
        if not any(counts.values()) and not self.errors:
            raise ValidationError(_("Write of at least one award how many were handed out."), code="no_awards")
        return said

    def lines(self) -> list[tuple[Award, int]]:
        counted = ((award, self.cleaned_data.get(_count_of(award)) or 0) for award in self.awards)
        return [(award, count) for award, count in counted if count]

    def goods(self) -> list[tuple[Stock, Decimal]]:
        """Of which stock how many. Who writes what is shown of a stock means all of it, to the last decimal."""
        typed = [(stock, self.cleaned_data.get(_quantity_of(stock))) for stock in self.stocks]
        return [
            (stock, stock.quantity if format_quantity(quantity) == format_quantity(stock.quantity) else quantity)
            for stock, quantity in typed
            if quantity
        ]


def _quantity_of(stock: Stock) -> str:
    return f"goods_{stock.pk}"


def _count_of(award: Award) -> str:
    return f"count_{award.pk}"


class VoidDistributionForm(GivingForm, forms.Form):
    reason = forms.CharField(label=gettext_lazy("Why it is voided"), max_length=240)
    on = DateVnField(label=gettext_lazy("Date of the void"), allows_future=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["on"].initial = today
