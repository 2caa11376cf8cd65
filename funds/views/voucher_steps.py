"""What is done with a voucher, each step asked once more before it is taken: what follows stands beside the button."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from funds import actions
from funds.forms import MoneyForm
from funds.forms.vouchers import NothingForm, WhenForm, WhyAndWhenForm, WhyForm
from funds.models import Voucher
from funds.views.here import actor, money_page, shell
from funds.views.vouchers import visible_voucher
from hkh.core.money import dong
from members.models import User
from members.rules import Verb, may, require

NEVER_ALLOWED = gettext_lazy("Your role does not allow this here. Ask the administrator for the right.")


@dataclass(frozen=True)
class Step:
    """``verb`` is needed in the unit that sends, or ``receiving`` in the one that receives."""

    name: str
    deed: Callable[..., Voucher]
    form: type[MoneyForm]
    question: str | Promise
    consequence: str | Promise
    button: str | Promise
    done: str | Promise
    verb: Verb | None = None
    receiving: bool = False
    tone: str = "primary"
    #: What follows instead where it goes to a fund of another unit.
    sent: str | Promise = ""

    def require(self, user: User, voucher: Voucher) -> None:
        """Raises: Http404, PermissionDenied."""
        if self.receiving:
            if voucher.target_fund and may(user, Verb.RECEIVE_TRANSFER, voucher.target_fund.unit_id):
                return
            if self.verb is None:
                raise PermissionDenied(NEVER_ALLOWED)
        if self.verb is not None:
            if not may(user, Verb.SEE, voucher.unit_id):
                raise PermissionDenied(NEVER_ALLOWED)
            require(user, self.verb, voucher.unit_id)


def _page(step: Step) -> Callable[..., HttpResponse]:
    @money_page
    @require_http_methods(["GET", "POST"])
    def view(request: HttpRequest, pk: int) -> HttpResponse:
        voucher = visible_voucher(request, pk)
        step.require(actor(request), voucher)
        form = step.form(request.POST if request.method == "POST" else None)
        if form.is_valid():
            try:
                step.deed(voucher=voucher, by=actor(request), **form.cleaned_data)
            except ValidationError as refusal:
                form.refuse(refusal)
            else:
                messages.success(request, str(step.done))
                return redirect("funds:voucher-detail", voucher.pk)
        return render(request, "funds/voucher_step.html", _context(request, step, voucher, form))

    return view


def _context(request: HttpRequest, step: Step, voucher: Voucher, form: MoneyForm) -> dict[str, Any]:
    unit = voucher.unit
    if voucher.target_fund and not may(request.user, Verb.SEE, voucher.unit_id):
        unit = voucher.target_fund.unit
    named = {
        "amount": dong(voucher.amount_vnd),
        "fund": voucher.fund.name,
        "unit": voucher.unit.name,
        "target": voucher.target_fund.name if voucher.target_fund else "",
    }
    return {
        "title": voucher.get_kind_display(),
        "here": shell(request, unit),
        "voucher": voucher,
        "form": form,
        "action": reverse(f"funds:{step.name}", args=[voucher.pk]),
        "question": str(step.question) % named,
        "consequence": str(step.sent if step.sent and voucher.is_sent_on else step.consequence) % named,
        "button": step.button,
        "tone": step.tone,
        "said": [(_("For what"), voucher.note)] if voucher.note else [],
    }


approve = _page(
    Step(
        "voucher-approve",
        actions.approve_voucher,
        NothingForm,
        gettext_lazy("Approve %(amount)s from “%(fund)s”?"),
        gettext_lazy("It then stands in the books."),
        gettext_lazy("Approve"),
        gettext_lazy("Approved."),
        verb=Verb.APPROVE_SPENDING,
        sent=gettext_lazy("It is then in transit, until the unit of “%(target)s” confirms that it has arrived."),
    )
)
refuse = _page(
    Step(
        "voucher-refuse",
        actions.refuse_voucher,
        WhyForm,
        gettext_lazy("Refuse %(amount)s from “%(fund)s”?"),
        gettext_lazy("Nothing moves. Who prepared it reads why."),
        gettext_lazy("Refuse"),
        gettext_lazy("Refused. Nothing has moved."),
        verb=Verb.APPROVE_SPENDING,
        tone="danger",
    )
)
withdraw = _page(
    Step(
        "voucher-withdraw",
        actions.withdraw_voucher,
        NothingForm,
        gettext_lazy("Withdraw %(amount)s from “%(fund)s”?"),
        gettext_lazy("Nothing moves; it no longer waits for approval."),
        gettext_lazy("Withdraw"),
        gettext_lazy("Withdrawn. Nothing has moved."),
        verb=Verb.PREPARE_SPENDING,
        tone="danger",
    )
)
reverse_booked = _page(
    Step(
        "voucher-reverse",
        actions.reverse_voucher,
        WhyAndWhenForm,
        gettext_lazy("Take back %(amount)s of “%(fund)s”?"),
        gettext_lazy("Entry and reversal both stay in the books, with the reason. Then it can be entered rightly."),
        gettext_lazy("Take back"),
        gettext_lazy("Taken back. Both stay in the books."),
        verb=Verb.APPROVE_SPENDING,
        tone="danger",
    )
)
confirm = _page(
    Step(
        "transfer-confirm",
        actions.confirm_transfer,
        WhenForm,
        gettext_lazy("Has %(amount)s from %(unit)s arrived?"),
        gettext_lazy("It then belongs to “%(target)s” and can be used. Count it, or look at the account, first."),
        gettext_lazy("Confirm receipt"),
        gettext_lazy("Received: the fund holds it now."),
        receiving=True,
    )
)
send_back = _page(
    Step(
        "transfer-return",
        actions.return_transfer,
        WhyAndWhenForm,
        gettext_lazy("Send back %(amount)s to “%(fund)s”?"),
        gettext_lazy("It is available there again, and “%(target)s” receives nothing."),
        gettext_lazy("Send back"),
        gettext_lazy("Sent back: the fund that sent it has it again."),
        verb=Verb.PREPARE_SPENDING,
        receiving=True,
        tone="danger",
    )
)
