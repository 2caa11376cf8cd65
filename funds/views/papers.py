"""Papers: issued from an entry or a list, printed, voided, issued anew; and the page that proves one genuine."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from funds import actions
from funds.forms.papers import PaperVoidForm
from funds.lists.gifts import donations_of, papers_of
from funds.models import GoodsIssue, Paper, PaperKind
from funds.papers import Subject, look_up, whole_of
from funds.papers.register import PaperResource, PaperTable
from funds.queries.papers import LIST_KINDS, gifts_for, subjects_of
from funds.views.donations import visible_donation
from funds.views.here import actor, asked_tree, money_page, shell, tabs
from funds.views.vouchers import visible_voucher
from hkh.core.dates import format_date, today
from hkh.core.money import dong, format_number, words_vi
from hkh.core.sheet_views import export_of
from members.here import unit_here
from members.rules import Verb, may, require


@money_page
@require_GET
def paper_list(request: HttpRequest) -> HttpResponse:
    """The register: every paper that the unit and all below it issued, the void ones among them."""
    unit, tree = unit_here(request), asked_tree(request)
    found = papers_of(actor(request), unit, request.GET, tree=tree)
    page = found.page(request.GET)
    return render(
        request,
        "funds/paper_list.html",
        {
            "title": _("Register of papers"),
            "here": shell(request, unit, tree=tree),
            "tabs": tabs("funds:account-books"),
            "filter": found.filter,
            "page": page,
            "export": export_of(request, PaperResource, unit=unit.code, tree=tree),
            "count": ngettext("%(count)s paper", "%(count)s papers", page.count) % {"count": page.counted},
            "table": PaperTable(page.data, order_by=page.sort, request=request, key=uuid4().hex[:12], unit=unit),
        },
    )


@money_page
@require_POST
def donation_paper(request: HttpRequest, pk: int) -> HttpResponse:
    """A paper about a gift, whole or split."""
    donation = visible_donation(request, pk)
    require(request.user, Verb.ISSUE_PAPER, donation.unit_id)
    return _issued(request, whole_of(donation), reverse("funds:donation-detail", args=[pk]))


@money_page
@require_POST
def voucher_paper(request: HttpRequest, pk: int) -> HttpResponse:
    """A paper about an entry of the books."""
    voucher = visible_voucher(request, pk)
    require(request.user, Verb.ISSUE_PAPER, voucher.unit_id)
    return _issued(request, voucher, reverse("funds:voucher-detail", args=[pk]))


@money_page
@require_POST
def lot_paper(request: HttpRequest, pk: int) -> HttpResponse:
    """The slip of a lot of goods, issued to a unit or taken back."""
    lots = GoodsIssue.objects.visible_to(request.user).select_related("item__fund__unit", "unit")
    lot = get_object_or_404(lots, pk=pk)
    require(request.user, Verb.ISSUE_PAPER, lot.item.fund.unit_id)
    return _issued(request, lot, reverse("funds:stock-detail", args=[lot.item_id]))


def _issued(request: HttpRequest, subject: Subject, back: str) -> HttpResponse:
    kind = request.POST.get("kind", "")
    if kind not in PaperKind.values:
        messages.error(request, _("Choose which paper to issue."))
        return redirect(back)
    try:
        paper = actions.issue_paper(kind=kind, subject=subject, on=today(), by=actor(request))
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
        return redirect(back)
    return redirect("funds:paper-detail", paper.pk)


@money_page
@require_POST
def papers_make(request: HttpRequest) -> HttpResponse:
    """Papers of one kind for all gifts of a list as it was narrowed: those without get one, all are printed."""
    unit = unit_here(request)
    require(request.user, Verb.ISSUE_PAPER, unit)
    said = request.POST
    query = QueryDict(said.get("query", ""))
    back = f"{reverse('funds:donation-list')}?{query.urlencode()}"
    if said.get("kind") not in {kind.value for kind in LIST_KINDS}:
        messages.error(request, _("Choose which paper to issue."))
        return redirect(back)
    kind = PaperKind(said["kind"])
    found = donations_of(actor(request), unit, query, tree=said.get("tree", "then"))
    gifts = gifts_for(kind, found.rows, by=actor(request))
    subjects = subjects_of(gifts, actions.MOST_PAPERS)
    try:
        count = _make(request, kind, subjects, key=said.get("key", "") or str(uuid4()))
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
        return redirect(back)
    made = ngettext("%(count)s paper is being printed.", "%(count)s papers are being printed.", count)
    waits = _("The file waits for you here when it is done.")
    messages.success(request, f"{made % {'count': format_number(count)}} {waits}")
    return redirect("core:job-list")


def _make(request: HttpRequest, kind: PaperKind, subjects: list[Any], *, key: str) -> int:
    if len(subjects) > actions.MOST_PAPERS or not subjects:
        actions.check_number(len(subjects))
    papers = actions.issue_papers(kind=kind, subjects=subjects, on=today(), by=actor(request))
    actions.ask_for_papers(papers=papers, address=_address(request), key=key, by=actor(request))
    return len(papers)


@money_page
@require_GET
def paper_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One paper: what it says, whether it is valid, and what may be done with it."""
    paper = _visible(request, pk)
    may_void = paper.voided_on is None and may(request.user, Verb.VOID_PAPER, paper.unit_id)
    return render(
        request,
        "funds/paper_detail.html",
        {
            "title": f"{paper.get_kind_display()} {paper.sign}",
            "lede": words_vi(paper.amount_vnd),
            "figures": [(_("Amount"), dong(paper.amount_vnd))],
            "here": shell(request, paper.unit),
            "tabs": tabs("funds:account-books"),
            "paper": paper,
            "facts": _facts(paper),
            "key": str(uuid4()),
            "may_void": may_void,
        },
    )


@money_page
@require_POST
def paper_print(request: HttpRequest, pk: int) -> HttpResponse:
    """The paper as a PDF, made by the worker."""
    paper = _visible(request, pk)
    key = request.POST.get("key", "") or str(uuid4())
    actions.ask_for_papers(papers=[paper], address=_address(request), key=key, by=actor(request))
    messages.success(request, _("The PDF is being made. It waits for you here when it is done."))
    return redirect("core:job-list")


@money_page
@require_http_methods(["GET", "POST"])
def paper_void(request: HttpRequest, pk: int) -> HttpResponse:
    """The paper void, with the reason; where wished, another issued in its place."""
    paper = _visible(request, pk)
    require(request.user, Verb.VOID_PAPER, paper.unit_id)
    may_issue = may(request.user, Verb.ISSUE_PAPER, paper.unit_id)
    form = PaperVoidForm(request.POST if request.method == "POST" else None, may_issue=may_issue)
    if form.is_valid():
        anew = form.cleaned_data.get("anew")
        verb: Callable[..., Paper] = actions.reissue_paper if anew else actions.void_paper
        try:
            made = verb(paper=paper, reason=form.cleaned_data["reason"], on=today(), by=actor(request))
        except ValidationError as refusal:
            form.refuse(refusal)
        else:
            said = _("Voided, and issued anew as %(sign)s.") if anew else _("Voided. %(sign)s stays its number.")
            messages.success(request, said % {"sign": made.sign})
            return redirect("funds:paper-detail", made.pk)
    return render(
        request,
        "funds/paper_void.html",
        {
            "title": _("Void a paper"),
            "here": shell(request, paper.unit),
            "paper": paper,
            "form": form,
            "question": _("Void %(kind)s %(sign)s?") % {"kind": paper.get_kind_display(), "sign": paper.sign},
        },
    )


@require_GET
def paper_check(request: HttpRequest, token: str) -> HttpResponse:
    """Whether a paper is genuine, for anybody who reads its code. 1 query; nothing of the giver."""
    paper = look_up(token)
    context = {"title": _("Paper of the association"), "paper": paper}
    response = render(request, "funds/paper_check.html", context, status=200 if paper else 404)
    response["Cache-Control"] = "no-store"
    response["X-Robots-Tag"] = "noindex"
    return response


def _visible(request: HttpRequest, pk: int) -> Paper:
    rows = Paper.objects.visible_to(request.user).select_related(
        "unit", "donation", "split", "voucher", "lot__item", "replaces", "replaced_by", "issued_by", "voided_by"
    )
    return get_object_or_404(rows, pk=pk)


def _address(request: HttpRequest) -> str:
    return settings.HKH_ADDRESS or request.build_absolute_uri("/").rstrip("/")


def _facts(paper: Paper) -> list[tuple[Any, Any]]:
    facts: list[tuple[Any, Any]] = [
        (_("Paper number"), paper.sign),
        (_("Issued on"), format_date(paper.issued_on)),
        (_("Made out by"), paper.issued_by or _("the system")),
        (_("Unit"), paper.unit_name),
        (_("From or to whom"), paper.party),
        (_("Address"), paper.address),
        (_("For what"), paper.reason),
        (_("About"), _about(paper)),
    ]
    if paper.replaces:
        facts.append((_("In place of"), _link(paper.replaces)))
    newer = getattr(paper, "replaced_by", None)
    if newer:
        facts.append((_("Replaced by"), _link(newer)))
    if paper.voided_on:
        facts.append((_("Voided on"), format_date(paper.voided_on)))
        facts.append((_("Voided by"), paper.voided_by or _("the system")))
        facts.append((_("Why voided"), paper.void_reason))
    return [(term, said) for term, said in facts if said]


def _about(paper: Paper) -> str:
    """A link to the entry that the paper is about."""
    if paper.voucher:
        return _to("funds:voucher-detail", paper.voucher.pk, str(paper.voucher.get_kind_display()))
    if paper.lot:
        return _to("funds:stock-detail", paper.lot.item.pk, paper.lot.item.name)
    first = paper.donation or (paper.split.parts.order_by("part").first() if paper.split else None)
    return _to("funds:donation-detail", first.pk, _("Donation")) if first else ""


def _to(name: str, pk: int, text: str) -> str:
    return format_html('<a href="{}">{}</a>', reverse(name, args=[pk]), text)


def _link(paper: Paper) -> str:
    return _to("funds:paper-detail", paper.pk, paper.sign)
