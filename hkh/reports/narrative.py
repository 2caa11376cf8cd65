"""The sentences of a report, made from figures. Sums are told as people tell them: "trên 24,6 tỷ đồng"."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from funds.models import DonationForm, DonorKind
from hkh.core.dates import Period, format_date
from hkh.core.money import approx, approx_number, dong, format_number, percent
from hkh.indicators.figures import Figures, Given, OwnFund
from hkh.indicators.lens import Lens
from scholarships.models import AwardKind, BeneficiaryGroup


def organisation(lens: Lens, now: Figures, before: Figures) -> list[str]:
    own = min((tier.rank for tier in now.units.values()), default=0)
    below = [tier for tier in now.units.values() if tier.rank > own] or list(now.units.values())
    units = enumerated(f"{format_number(tier.total)} {_uncapital(tier.name)}" for tier in below)
    sentences = [
        _("As of %(day)s, %(unit)s consists of %(units)s.")
        % {"day": format_date(lens.last_day), "unit": lens.unit.name, "units": units}
    ]
    if not now.members:
        return sentences
    members = _members(now.members)
    if now.members_share is None:
        sentences.append(_("The association has %(members)s.") % {"members": members})
    else:
        sentences.append(
            _("The association has %(members)s, %(share)s of the population.")
            % {"members": members, "share": percent(now.members_share)}
        )
    if now.members_joined or now.members_left:
        sentences.append(
            _("In the period %(joined)s members were admitted and %(left)s left.")
            % {"joined": format_number(now.members_joined), "left": format_number(now.members_left)}
        )
    if before.members:
        sentences.append(
            _("Against the same period last year, membership is %(change)s.")
            % {"change": _change(now.members, before.members)}
        )
    return sentences


def mobilised(period: Period, now: Figures, before: Figures) -> list[str]:
    if not now.mobilised_vnd:
        return [_("In %(period)s nothing was raised.") % {"period": period.phrase}]
    sentences = [
        _("In %(period)s all tiers of the association mobilised %(amount)s.")
        % {"period": period.phrase, "amount": _amount(now.mobilised_vnd)}
    ]
    if before.mobilised_vnd:
        sentences.append(
            _("Against the same period last year (%(before)s), the amount mobilised is %(change)s.")
            % {"before": approx(before.mobilised_vnd), "change": _change(now.mobilised_vnd, before.mobilised_vnd)}
        )
    forms = dict(DonationForm.choices)
    sentences.append(
        _("By form: %(parts)s.")
        % {"parts": _parts({str(forms[DonationForm(k)]): v for k, v in now.mobilised_by_form.items()})}
    )
    kinds = dict(DonorKind.choices)
    sentences.append(
        _("By source: %(parts)s.")
        % {"parts": _parts({str(kinds[DonorKind(k)]): v for k, v in now.mobilised_by_donor_kind.items()})}
    )
    if now.mobilised_per_head_vnd is not None:
        sentences.append(_("That is %(amount)s per inhabitant.") % {"amount": dong(now.mobilised_per_head_vnd)})
    if now.pass_through_vnd:
        sentences.append(
            _("Besides, %(amount)s went straight from donors to families; it is not in the association's books.")
            % {"amount": dong(now.pass_through_vnd)}
        )
    return sentences


def funds(now: Figures, own: Iterable[OwnFund]) -> list[str]:
    sentences = [
        _("%(fund)s: opening balance %(opening)s, received %(income)s, spent %(outgo)s, balance %(closing)s.")
        % {
            "fund": fund.name,
            "opening": dong(fund.flows.opening_vnd),
            "income": dong(fund.flows.in_vnd),
            "outgo": dong(fund.flows.out_vnd),
            "closing": _amount(fund.flows.closing_vnd),
        }
        for fund in own
    ]
    sentences.append(
        _("The funds of all tiers hold %(closing)s, of which %(committed)s is approved and not yet handed out.")
        % {"closing": _amount(now.balance_vnd), "committed": dong(now.money.committed_vnd)}
    )
    return sentences


def given(period: Period, now: Figures, before: Figures, programmes: Mapping[str, str]) -> list[str]:
    if not now.given.count:
        return [_("In %(period)s no gifts, scholarships or awards were handed out.") % {"period": period.phrase}]
    sentences = [
        ngettext(
            "In %(period)s %(count)s gift, scholarship or award worth %(amount)s was handed out.",
            "In %(period)s %(count)s gifts, scholarships and awards worth %(amount)s were handed out.",
            now.given.count,
        )
        % {
            "period": period.phrase,
            "count": format_number(now.given.count),
            "amount": _amount(now.given.value_vnd),
        }
    ]
    if before.given.value_vnd:
        sentences.append(
            _("Against the same period last year, the value given is %(change)s.")
            % {"change": _change(now.given.value_vnd, before.given.value_vnd)}
        )
    kinds = dict(AwardKind.choices)
    groups = dict(BeneficiaryGroup.choices)
    by_kind = {str(kinds[AwardKind(kind)]): value for kind, value in now.given_by_kind.items()}
    by_group = {str(groups[BeneficiaryGroup(group)]): value for group, value in now.given_by_group.items()}
    by_programme = {f"“{programmes[code]}”": value for code, value in now.given_by_programme.items()}
    sentences += [
        _("By kind: %(parts)s.") % {"parts": _given_parts(by_kind)},
        _("Most went to: %(parts)s.") % {"parts": _given_parts(by_group, most=4)},
        _("Through the programmes: %(parts)s.") % {"parts": _given_parts(by_programme, most=4)},
    ]
    if now.facilities.count:
        sentences.append(
            ngettext(
                "School facilities: %(count)s school received equipment worth %(amount)s.",
                "School facilities: %(count)s schools received equipment worth %(amount)s.",
                now.facilities.count,
            )
            % {"count": format_number(now.facilities.count), "amount": dong(now.facilities.value_vnd)}
        )
    if now.emergency.count:
        sentences.append(
            ngettext(
                "Emergency help: %(count)s family received %(amount)s.",
                "Emergency help: %(count)s families received %(amount)s.",
                now.emergency.count,
            )
            % {"count": format_number(now.emergency.count), "amount": dong(now.emergency.value_vnd)}
        )
    return sentences


def enumerated(parts: Iterable[str]) -> str:
    """ "a, b và c"."""
    *first, last = list(parts) or [""]
    return _("%(first)s and %(last)s") % {"first": ", ".join(first), "last": last} if first else last


def _amount(amount_vnd: int) -> str:
    """ "trên 24,6 tỷ đồng (24.612.345.000 đồng)"; a sum that is told exactly stands once."""
    told, exact = approx(amount_vnd), dong(amount_vnd)
    return told if told == exact else f"{told} ({exact})"


def _members(count: int) -> str:
    """ "trên 530.000 hội viên (530.486 người)"; a number that is told exactly stands once."""
    told, exact = approx_number(count), format_number(count)
    if told == exact:
        return ngettext("%(members)s member", "%(members)s members", count) % {"members": exact}
    return _("%(members)s members (%(exact)s people)") % {"members": told, "exact": exact}


def _change(now: int, before: int) -> str:
    """ "tăng 8,2 %": a report writes no signs. ``before`` is above 0."""
    if now == before:
        return _("unchanged")
    share = {"share": percent(Decimal(abs(now - before)) * 100 / before)}
    return _("up %(share)s") % share if now > before else _("down %(share)s") % share


def _parts(amounts: Mapping[str, int]) -> str:
    """Semicolons stand between the parts, since labels ("cơ quan, đơn vị") and sums hold commas."""
    ordered = sorted(amounts.items(), key=lambda item: -item[1])
    return "; ".join(f"{_uncapital(label)} {dong(amount)}" for label, amount in ordered)


def _given_parts(given_to: Mapping[str, Given], most: int = 12) -> str:
    ordered = sorted(given_to.items(), key=lambda item: (-item[1].value_vnd, item[0]))[:most]
    return "; ".join(
        ngettext("%(label)s (%(count)s award, %(amount)s)", "%(label)s (%(count)s awards, %(amount)s)", part.count)
        % {"label": _uncapital(label), "count": format_number(part.count), "amount": dong(part.value_vnd)}
        for label, part in ordered
    )


def _uncapital(label: str) -> str:
    """Inside a sentence a label begins small, unless it is an abbreviation ("GPI") or a name in quotes."""
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]
