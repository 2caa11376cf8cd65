"""The lines of a bank account: what each probably is, confirmed in bulk or decided one by one."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from funds import actions
from funds.forms.statements import AsideForm, LineForm
from funds.lists.books import lines_of
from funds.models import BankAccount, BankLine, Donation, Donor, Fund, LineState, Movement, MovementKind
from funds.queries import appeals_for
from funds.queries.statements import unmatched_transfers
from funds.sheets.lists import BankLineResource
from funds.suggestions import NEAR, suggest
from funds.tables.bank import BankLineTable
from funds.views.here import Tab, actor, money_page, shell
from funds.views.statements import visible_account
from hkh.core.dates import today
from hkh.core.keys import key_of
from hkh.core.money import dong
from hkh.core.sheet_views import export_of
from members.rules import Verb, may, require

#: Open lines are decided so many at a time.
AT_ONCE = 25


@money_page
@require_GET
def bank_line_list(request: HttpRequest, pk: int) -> HttpResponse:
    """The open lines with what each probably is; ``?state=decided``: the others."""
    account = visible_account(request, pk)
    if request.GET.get("state") == "decided":
        return _decided(request, account)
    return _open_page(request, account, _forms(request, account))


@money_page
@require_POST
def bank_line_confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """The ticked lines booked, or matched with what was recorded before; what a rule refuses stays, with its reason."""
    account = visible_account(request, pk)
    require(request.user, Verb.RECORD_DONATION, account.unit_id)
    forms = _forms(request, account)
    shown = [form for form in forms if form.is_bound]
    wrong = [form for form in shown if form.errors]
    ticked = [form for form in shown if not form.errors and form.cleaned_data["take"]]
    if not wrong and not ticked:
        messages.warning(request, _("Tick the lines that you confirm."))
    if wrong or not ticked:
        return _open_page(request, account, forms)
    refused = _confirm(request, ticked)
    if not refused:
        return redirect("funds:bank-line-list", account.pk)
    for form in ticked:
        if form.line.pk in refused:
            form.add_error(None, refused[form.line.pk])
    done = {form.line.pk for form in ticked} - set(refused)
    return _open_page(request, account, [form for form in forms if form.line.pk not in done])


def _open_page(request: HttpRequest, account: BankAccount, forms: list[LineForm]) -> HttpResponse:
    return render(
        request,
        "funds/bank_line_list.html",
        {
            "title": str(account),
            "here": shell(request, account.unit),
            "tabs": _tabs(account, is_open=True),
            "account": account,
            "export": export_of(request, BankLineResource, account=str(account.pk)),
            "forms": forms,
            "may_decide": may(request.user, Verb.RECORD_DONATION, account.unit_id),
            "may_edit": may(request.user, Verb.MANAGE_FUNDS, account.unit_id),
        },
    )


@money_page
@require_GET
def bank_line_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One line: match it with what was recorded before, set it aside with a reason, or open it again."""
    return _line_page(request, visible_line(request, pk), AsideForm())


@money_page
@require_POST
def bank_line_set_aside(request: HttpRequest, pk: int) -> HttpResponse:
    line = visible_line(request, pk)
    require(request.user, Verb.RECORD_DONATION, line.account.unit_id)
    form = AsideForm(request.POST)
    if form.is_valid():
        try:
            actions.set_line_aside(line=line, reason=form.cleaned_data["reason"], by=actor(request))
        except ValidationError as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Set aside."))
            return redirect("funds:bank-line-list", line.account_id)
    return _line_page(request, line, form)


def _line_page(request: HttpRequest, line: BankLine, form: AsideForm) -> HttpResponse:
    is_open = line.state == LineState.OPEN
    came_in = line.amount_vnd > 0
    return render(
        request,
        "funds/bank_line_detail.html",
        {
            "title": dong(line.amount_vnd),
            "here": shell(request, line.account.unit),
            "line": line,
            "form": form,
            "may_decide": may(request.user, Verb.RECORD_DONATION, line.account.unit_id),
            "is_open": is_open,
            "donations": _near_donations(request, line) if is_open and came_in else [],
            "movements": _near_movements(line) if is_open else [],
            "may_interest": is_open
            and came_in
            and not line.party
            and may(request.user, Verb.PREPARE_SPENDING, line.account.unit_id),
        },
    )


@money_page
@require_POST
def bank_line_match(request: HttpRequest, pk: int) -> HttpResponse:
    """Posted by the line's page: ``donation`` or ``movement`` to match it with, ``interest``, or ``reopen``."""
    line = visible_line(request, pk)
    by = actor(request)
    require(by, Verb.RECORD_DONATION, line.account.unit_id)
    try:
        if "reopen" in request.POST:
            actions.reopen_line(line=line, by=by)
            return redirect("funds:bank-line-detail", line.pk)
        if "interest" in request.POST:
            if actions.prepare_interest(line=line, fund=line.account.fund, by=by).posted is None:
                messages.success(request, _("Prepared. Once it is approved, match the line with it."))
                return redirect("funds:bank-line-list", line.account_id)
        elif "donation" in request.POST:
            donations = Donation.objects.visible_to(request.user)
            actions.link_line(
                line=line, to=get_object_or_404(donations, pk=key_of(request.POST.get("donation"))), by=by
            )
        elif "movement" in request.POST:
            movements = _movements_of(line)
            actions.link_line(
                line=line, to=get_object_or_404(movements, pk=key_of(request.POST.get("movement"))), by=by
            )
        else:
            return redirect("funds:bank-line-detail", line.pk)
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
        return redirect("funds:bank-line-detail", line.pk)
    messages.success(request, _("Matched."))
    return redirect("funds:bank-line-list", line.account_id)


def _forms(request: HttpRequest, account: BankAccount) -> list[LineForm]:
    """A form for each of the oldest open lines. 8 queries, however many; of a post only those shown are bound."""
    still_open = lines_of(actor(request), account, QueryDict())
    lines = list(still_open.ordered({})[:AT_ONCE])
    donors = Donor.objects.visible_to(request.user)
    proposals = suggest(account, lines, donors=donors, donations=Donation.objects.visible_to(request.user))
    funds = list(
        Fund.objects.visible_to(request.user)
        .filter(unit=account.unit, closed_on=None)
        .order_by("is_restricted", "title_key")
    )
    first_day = min((line.occurred_on for line in lines), default=today())
    appeals = list(appeals_for(account.unit, open_since=first_day))
    return [
        LineForm(
            request.POST if f"line-{line.pk}-fund" in request.POST else None,
            line=line,
            suggestion=proposals[line.pk],
            donors=donors,
            donors_url=reverse("funds:donor-search"),
            funds=funds,
            appeals=appeals,
        )
        for line in lines
    ]


def _confirm(request: HttpRequest, ticked: list[LineForm]) -> dict[int, str]:
    """Book or match the ticked lines; {line id: sentence} of those that a rule refuses."""
    by = actor(request)
    recorded = [form for form in ticked if form.suggestion.kind == "recorded"]
    gifts = [form.decision() for form in ticked if form.suggestion.kind != "recorded"]
    booked, refused = actions.book_lines(decisions=gifts, by=by)
    said = {line.pk: sentence for line, sentence in refused}
    matched = 0
    for form in recorded:
        assert form.suggestion.donation is not None
        try:
            actions.link_line(line=form.line, to=form.suggestion.donation, by=by)
            matched += 1
        except ValidationError as refusal:
            said[form.line.pk] = " ".join(refusal.messages)
    if booked:
        total = dong(sum(donation.amount_vnd for donation in booked))
        text = ngettext("%(count)s donation booked: %(total)s.", "%(count)s donations booked: %(total)s.", len(booked))
        messages.success(request, text % {"count": len(booked), "total": total})
    if matched:
        text = ngettext(
            "%(count)s line matched with what was recorded before.",
            "%(count)s lines matched with what was recorded before.",
            matched,
        )
        messages.success(request, text % {"count": matched})
    return said


def _decided(request: HttpRequest, account: BankAccount) -> HttpResponse:
    page = lines_of(actor(request), account, request.GET).page(request.GET)
    return render(
        request,
        "funds/bank_line_decided.html",
        {
            "title": str(account),
            "here": shell(request, account.unit),
            "tabs": _tabs(account, is_open=False),
            "page": page,
            "export": export_of(request, BankLineResource, account=str(account.pk)),
            "table": BankLineTable(page.data, order_by=page.sort, request=request),
        },
    )


def _tabs(account: BankAccount, *, is_open: bool) -> list[Tab]:
    address = reverse("funds:bank-line-list", args=[account.pk])
    return [
        Tab(_("To decide"), address, is_open),
        Tab(_("Decided"), f"{address}?state=decided", not is_open),
    ]


def visible_line(request: HttpRequest, pk: int) -> BankLine:
    visible = BankLine.objects.visible_to(request.user)
    return get_object_or_404(
        visible.select_related("account__unit", "account__fund", "donation__donor", "movement", "decided_by"), pk=pk
    )


def _near_donations(request: HttpRequest, line: BankLine) -> list[Donation]:
    """What was recorded by hand and could be this line. 1 query."""
    near = unmatched_transfers(Donation.objects.visible_to(request.user), line.account).filter(
        whole_vnd=line.amount_vnd,
        received_on__range=(line.occurred_on - 10 * NEAR, line.occurred_on + 10 * NEAR),
    )
    return list(near.select_related("donor", "fund", "split").order_by("-received_on", "-pk")[:20])


def _near_movements(line: BankLine) -> list[Movement]:
    """What moved in the unit's funds, by the same amount and the same way, around that day. 1 query."""
    day = line.occurred_on
    near = _movements_of(line).filter(
        amount_vnd=abs(line.amount_vnd), occurred_on__range=(day - 10 * NEAR, day + 10 * NEAR), bank_lines=None
    )
    return list(near.select_related("source__fund", "target__fund").order_by("-occurred_on", "-pk")[:20])


def _movements_of(line: BankLine) -> Any:
    side = "target" if line.amount_vnd > 0 else "source"
    left_out = [MovementKind.DONATION, MovementKind.COMMITMENT, MovementKind.RELEASE]
    own = Q(**{f"{side}__fund__unit": line.account.unit, f"{side}__pot": "cash"})
    return Movement.objects.filter(own, reverses=None).exclude(kind__in=left_out)
