"""What is typed to prepare an entry, to decide on it, and to close a period."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.urls import reverse_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from funds.forms import MoneyForm, OnceForm
from funds.models import Fund, Pot, VoucherKind
from hkh.core.dates import Period, today
from hkh.core.fields import DateVnField, VndField
from hkh.core.keys import key_of
from hkh.core.widgets import Combobox


class EntryForm(OnceForm):
    """What moves in a fund besides gifts, awards and transfers."""

    kind = forms.ChoiceField(
        label=gettext_lazy("What"),
        choices=[
            (VoucherKind.EXPENSE, gettext_lazy("Other spending (printing, fees)")),
            (VoucherKind.INTEREST, gettext_lazy("Interest")),
            (VoucherKind.SHORTAGE, gettext_lazy("Shortage found by a count")),
            (VoucherKind.SURPLUS, gettext_lazy("Surplus found by a count")),
            (
                VoucherKind.OPENING,
                gettext_lazy("Brought forward: what the fund held before its books began here"),
            ),
        ],
    )
    occurred_on = DateVnField(label=gettext_lazy("Date"), allows_future=False)
    pot = forms.ChoiceField(label=gettext_lazy("Money or goods"))
    amount_vnd = VndField(label=gettext_lazy("Amount"), min_value=1)
    payee = forms.CharField(label=gettext_lazy("Paid to"), max_length=160, required=False)
    document = forms.CharField(label=gettext_lazy("Document"), max_length=60, required=False)
    note = forms.CharField(label=gettext_lazy("For what"), max_length=240, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["pot"].choices = Pot.choices  # type: ignore[attr-defined]
        self.fields["occurred_on"].initial = today


class FundPick(forms.CharField):
    """A fund by its key, found by typing among ``funds``. Cleaned to ``Fund``."""

    def __init__(self, *, search: str, **kwargs: Any) -> None:
        self.funds: QuerySet[Fund] = Fund.unscoped.none()
        self.search = search
        super().__init__(**kwargs)

    def let_choose(self, funds: QuerySet[Fund]) -> None:
        self.funds = funds
        self.widget = Combobox(reverse_lazy(self.search), self._label, _("Name of the fund or of its unit"))
        self.widget.is_required = True

    def _find(self, value: Any) -> Fund | None:
        key = key_of(value)
        return self.funds.filter(pk=key).select_related("unit").first() if key else None

    def _label(self, value: Any) -> str:
        fund = self._find(value)
        return f"{fund.name} · {fund.unit.name}" if fund else ""

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not text:
            return text
        fund = self._find(text)
        if fund is None:
            raise ValidationError(_("Choose the fund from the list."), code="fund")
        return fund


class TransferForm(OnceForm):
    """Money or goods from one fund to another."""

    occurred_on = DateVnField(label=gettext_lazy("Date"), allows_future=False)
    source = FundPick(label=gettext_lazy("From fund"), search="funds:fund-search")
    target = FundPick(
        label=gettext_lazy("To fund"),
        search="funds:target-search",
        help_text=gettext_lazy("A fund of another unit receives it once that unit has confirmed it."),
    )
    pot = forms.ChoiceField(label=gettext_lazy("What moves"))
    amount_vnd = VndField(label=gettext_lazy("Amount"), min_value=1)
    document = forms.CharField(label=gettext_lazy("Document"), max_length=60, required=False)
    note = forms.CharField(label=gettext_lazy("Note"), max_length=240, required=False)

    def __init__(self, *args: Any, sources: QuerySet[Fund], targets: QuerySet[Fund], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["occurred_on"].initial = today
        self.fields["pot"].choices = Pot.choices  # type: ignore[attr-defined]
        self.fields["source"].let_choose(sources)  # type: ignore[attr-defined]
        self.fields["target"].let_choose(targets)  # type: ignore[attr-defined]


class NothingForm(MoneyForm):
    """A step that asks for nothing but the press of its button."""


class WhyForm(MoneyForm):
    reason = forms.CharField(label=gettext_lazy("Why"), max_length=240)


class WhenForm(MoneyForm):
    on = DateVnField(label=gettext_lazy("Received on"), allows_future=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["on"].initial = today


class WhyAndWhenForm(WhyForm):
    on = DateVnField(label=gettext_lazy("Date"), allows_future=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["on"].initial = today


class LimitForm(MoneyForm):
    alone_up_to_vnd = VndField(
        label=gettext_lazy("One person is enough up to"),
        min_value=0,
        help_text=gettext_lazy("What is higher is approved by another person. 0: two people always."),
    )


class CloseBooksForm(MoneyForm):
    period = forms.ChoiceField(label=gettext_lazy("Period"))

    def __init__(self, *args: Any, periods: list[Period], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["period"].choices = [(period.code, period.label) for period in periods]  # type: ignore[attr-defined]

    def clean_period(self) -> Period:
        return Period.parse(self.cleaned_data["period"])


class ReopenForm(WhyForm):
    days = forms.TypedChoiceField(
        label=gettext_lazy("Open for"),
        coerce=int,
        initial=7,
        help_text=gettext_lazy("Then the period is closed again by itself."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        from django.utils.translation import ngettext

        self.fields["days"].choices = [  # type: ignore[attr-defined]
            (days, ngettext("%(n)s day", "%(n)s days", days) % {"n": days}) for days in (1, 3, 7, 14, 31)
        ]
