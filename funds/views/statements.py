"""Bank accounts, and the statements handed in for them."""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from funds import actions
from funds.forms.statements import BankAccountForm, ColumnsForm, HandInForm
from funds.lists.books import accounts_of
from funds.models import BankAccount, BankLayout, Fund
from funds.sheets.lists import BankAccountResource
from funds.statements import Statement, Unreadable, read_statement
from funds.statements.tables import UnknownLayout
from funds.tables.bank import BankAccountTable
from funds.views.here import actor, money_page, shell, tabs, unit_for
from hkh.core.dates import format_date
from hkh.core.jobs import keep_file
from hkh.core.keys import key_of
from hkh.core.models import MadeFile
from hkh.core.money import dong, format_number
from hkh.core.sheet_views import export_of
from members.here import stood_below, unit_here
from members.models import Unit
from members.rules import Verb, may_somewhere, require


@money_page
@require_GET
def statement_list(request: HttpRequest) -> HttpResponse:
    """The accounts of the unit and all below it, with what still waits for a decision."""
    unit = unit_here(request)
    page = accounts_of(actor(request), unit, request.GET).page(request.GET)
    return render(
        request,
        "funds/statement_list.html",
        {
            "title": _("Bank statements"),
            "here": shell(request, unit),
            "tabs": tabs("funds:statement-list"),
            "page": page,
            "export": export_of(request, BankAccountResource, unit=unit.code),
            "table": BankAccountTable(page.data, order_by=page.sort, request=request),
            "may_add": may_somewhere(request.user, Verb.MANAGE_FUNDS),
            "may_hand_in": may_somewhere(request.user, Verb.RECORD_DONATION),
        },
    )


@money_page
@require_http_methods(["GET", "POST"])
def bank_account_add(request: HttpRequest) -> HttpResponse:
    unit = unit_for(request, Verb.MANAGE_FUNDS)
    form = BankAccountForm(request.POST or None, funds=_funds(request, unit), is_new=True)
    if form.is_valid():
        try:
            account = actions.add_bank_account(by=actor(request), **form.cleaned_data)
        except ValidationError as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Account %(account)s added.") % {"account": account})
            return redirect(f"{reverse('funds:statement-add')}?{urlencode({'account': account.pk})}")
    return _form_page(request, unit, form, _("Add a bank account"))


@money_page
@require_http_methods(["GET", "POST"])
def bank_account_edit(request: HttpRequest, pk: int) -> HttpResponse:
    account = visible_account(request, pk)
    require(request.user, Verb.MANAGE_FUNDS, account.unit_id)
    initial = {name: getattr(account, name) for name in ("fund", "holder", "closed_on", "revision")}
    form = BankAccountForm(request.POST or None, funds=_funds(request, account.unit), is_new=False, initial=initial)
    if form.is_valid():
        try:
            actions.edit_bank_account(account=account, by=actor(request), **form.cleaned_data)
        except ValidationError as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Saved."))
            return redirect("funds:bank-line-list", account.pk)
    return _form_page(request, account.unit, form, _("Bank account %(account)s") % {"account": account})


@money_page
@require_http_methods(["GET", "POST"])
def statement_add(request: HttpRequest) -> HttpResponse:
    """Hand in a file. A bank whose columns are unknown leads to the page where they are matched."""
    unit = unit_for(request, Verb.RECORD_DONATION)
    accounts = BankAccount.objects.visible_to(request.user).filter(stood_below(unit), closed_on=None)
    form = HandInForm(
        request.POST or None,
        request.FILES or None,
        accounts=accounts.select_related("unit"),
        initial={"account": request.GET.get("account")},
    )
    if form.is_valid():
        account, file = form.cleaned_data["account"], form.cleaned_data["file"]
        require(request.user, Verb.RECORD_DONATION, account.unit_id)
        try:
            return _hand_in(request, account, file.read(), file.name)
        except UnknownLayout:
            file.seek(0)
            return _asked(request, "funds:statement-columns", account, file.read(), file.name)
        except (Unreadable, ValidationError) as refusal:
            form.add_error("file", refusal if isinstance(refusal, ValidationError) else str(refusal))
    return render(
        request,
        "funds/statement_form.html",
        {
            "title": _("Hand in a bank statement"),
            "here": shell(request, unit),
            "tabs": tabs("funds:statement-list"),
            "form": form,
            "has_account": accounts.exists(),
            "may_add": may_somewhere(request.user, Verb.MANAGE_FUNDS),
        },
    )


#: The files kept for a moment while somebody matches their columns, or says that they are whole.
_KIND = "application/x-bank-statement"


def _asked(request: HttpRequest, page: str, account: BankAccount, content: bytes, name: str) -> HttpResponse:
    """To the ``page`` that asks what the file itself does not tell; the file is kept meanwhile."""
    kept = keep_file(owner=actor(request), name=name[:200], content=content, content_type=_KIND, days=1)
    return redirect(f"{reverse(page, args=[kept.pk])}?{urlencode({'account': account.pk})}")


def _kept(request: HttpRequest, pk: int) -> tuple[MadeFile, BankAccount]:
    """One's own kept file, and the account of ``?account=`` that it is for."""
    kept = get_object_or_404(MadeFile.objects.visible_to(request.user), pk=pk, content_type=_KIND)
    account = visible_account(request, key_of(request.GET.get("account")))
    require(request.user, Verb.RECORD_DONATION, account.unit_id)
    return kept, account


@money_page
@require_http_methods(["GET", "POST"])
def statement_columns(request: HttpRequest, pk: int) -> HttpResponse:
    """Which column of the tables of ``?account=``'s bank says what: asked once a bank. ``pk`` is the kept file's."""
    kept, account = _kept(request, pk)
    content = kept.full_path.read_bytes()
    try:
        return _hand_in(request, account, content, kept.name)
    except UnknownLayout as unknown:
        headings, sample = unknown.headings, unknown.sample
    except (Unreadable, ValidationError) as refusal:
        messages.error(request, _said(refusal))
        return redirect(f"{reverse('funds:statement-add')}?{urlencode({'account': account.pk})}")
    form = ColumnsForm(request.POST or None, headings=headings)
    if form.is_valid():
        try:
            return _hand_in(request, account, content, kept.name, layout=form.cleaned_data)
        except (Unreadable, ValidationError, UnknownLayout) as refusal:
            form.add_error(None, _said(refusal))
    return render(
        request,
        "funds/statement_columns.html",
        {
            "title": _("Columns of %(bank)s") % {"bank": account.bank},
            "here": shell(request, account.unit),
            "form": form,
            "account": account,
            "headings": headings,
            "sample": sample,
        },
    )


@money_page
@require_http_methods(["GET", "POST"])
def statement_confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """How many lines stand in a file of which nothing tells whether it is whole, and their sums. ``pk``: the kept file.

    A text file cut at the end of a line, without balances and totals, looks like a whole one: only the bank knows.
    """
    kept, account = _kept(request, pk)
    content = kept.full_path.read_bytes()
    try:
        if request.method == "POST":
            return _hand_in(request, account, content, kept.name, is_whole=True)
        statement = _read(account, content, kept.name)
    except (Unreadable, ValidationError, UnknownLayout) as refusal:
        messages.error(request, _said(refusal))
        return redirect(f"{reverse('funds:statement-add')}?{urlencode({'account': account.pk})}")
    return render(
        request,
        "funds/statement_confirm.html",
        {
            "title": _("Is this statement whole?"),
            "here": shell(request, account.unit),
            "facts": [
                (_("Account"), account),
                (_("First day"), format_date(statement.first_on)),
                (_("Last day"), format_date(statement.last_on)),
                (_("Lines"), format_number(len(statement.lines))),
                (_("Money in"), dong(sum(line.amount_vnd for line in statement.lines if line.amount_vnd > 0))),
                (_("Money out"), dong(-sum(line.amount_vnd for line in statement.lines if line.amount_vnd < 0))),
            ],
        },
    )


def _said(refusal: Exception) -> str:
    if isinstance(refusal, UnknownLayout):
        return _("The dates or the amounts are still missing.")
    return " ".join(refusal.messages) if isinstance(refusal, ValidationError) else str(refusal)


def _read(account: BankAccount, content: bytes, name: str, layout: dict[str, str] | None = None) -> Statement:
    """``content`` by the columns of ``layout``, else as the bank was matched once. Raises: as ``read_statement``."""
    known = BankLayout.objects.filter(bank=account.bank).first()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"statement{Path(name).suffix.lower()}"
        path.write_bytes(content)
        return read_statement(path, name, layout=layout or (known.columns if known else None))


def _hand_in(
    request: HttpRequest,
    account: BankAccount,
    content: bytes,
    name: str,
    *,
    layout: dict[str, str] | None = None,
    is_whole: bool = False,
) -> HttpResponse:
    """Read and hand in; ``layout`` is remembered for the bank. Raises: as ``read_statement`` and the verb.

    A file that does not prove itself whole is asked about first, unless somebody has said that it ``is_whole``.
    """
    statement = _read(account, content, name, layout)
    if not (statement.is_proved or is_whole):
        _remember(account, layout)
        return _asked(request, "funds:statement-confirm", account, content, name)
    handed_in = actions.hand_in_statement(
        account=account,
        statement=statement,
        file_name=name,
        sha256=hashlib.sha256(content).hexdigest(),
        by=actor(request),
    )
    _remember(account, layout)
    new = ngettext("%(count)s new line", "%(count)s new lines", handed_in.new) % {"count": handed_in.new}
    known_ones = _("%(count)s known already") % {"count": handed_in.known}
    messages.success(request, _("Statement taken in: %(new)s, %(known)s.") % {"new": new, "known": known_ones})
    for remark in statement.remarks:
        messages.warning(request, remark)
    return redirect("funds:bank-line-list", account.pk)


def _remember(account: BankAccount, layout: dict[str, str] | None) -> None:
    if layout:
        BankLayout.objects.update_or_create(bank=account.bank, defaults={"columns": layout})


def visible_account(request: HttpRequest, pk: int) -> BankAccount:
    return get_object_or_404(BankAccount.objects.visible_to(request.user).select_related("unit", "fund"), pk=pk)


def _funds(request: HttpRequest, unit: Unit) -> QuerySet[Fund]:
    own = Fund.objects.visible_to(request.user).filter(unit=unit, closed_on=None)
    return own.order_by("is_restricted", "title_key")


def _form_page(request: HttpRequest, unit: Unit, form: Any, title: str) -> HttpResponse:
    context = {"title": title, "here": shell(request, unit), "unit": unit, "form": form}
    return render(request, "funds/plain_form.html", context | {"back_url": reverse("funds:statement-list")})
