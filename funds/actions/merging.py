"""Two cards of one donor made one, and taken apart again."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from funds.models import Donor, DonorMerge, DonorsDistinct
from hkh.core.violations import refusals
from members.models import User
from members.rules import Verb, require

#: What the kept card takes over from the other where it says nothing itself.
_FILLED = ("country", "phone", "email", "address", "tax_code", "note", "member_id")


def merge_donors(*, kept: Donor, gone: Donor, by: User) -> DonorMerge:
    """``gone`` merged into ``kept``, which takes over what it does not say itself. The gifts stay where they stand.

    The kind of ``kept`` counts for both, also in the figures. Raises: Http404, PermissionDenied; ValidationError
    where one of them was merged away before, or both are the same.
    """
    require(by, Verb.EDIT_DONOR, kept.unit_id)
    require(by, Verb.EDIT_DONOR, gone.unit_id)
    with refusals():
        kept, gone = _locked(kept, gone)
        for donor in (kept, gone):
            if donor.merged_into_id is not None:
                raise ValidationError(
                    _("“%(donor)s” was merged away already. Open the card that is used now."),
                    code="donor_merged_flat",
                    params={"donor": donor.name},
                )
        carried = list(Donor.unscoped.filter(merged_into=gone).values_list("pk", flat=True))
        filled = {name: getattr(gone, name) for name in _FILLED if getattr(gone, name) and not getattr(kept, name)}
        before = {"filled": filled, "kind": gone.kind, "country": gone.country, "carried": carried}
        Donor.unscoped.filter(pk__in=carried).update(merged_into=kept)
        _save(kept, filled)
        _save(gone, {"merged_into": kept, "kind": kept.kind, "country": gone.country or kept.country})
        return DonorMerge.objects.create(kept=kept, gone=gone, before=before, merged_by=by)


def undo_merge(*, merge: DonorMerge, by: User) -> DonorMerge:
    """The two cards apart again, as they were; what was written on the kept one since then stays there.

    Raises: Http404, PermissionDenied; ValidationError where it was undone before, or the kept card was merged on.
    """
    require(by, Verb.EDIT_DONOR, merge.kept.unit_id)
    require(by, Verb.EDIT_DONOR, merge.gone.unit_id)
    with refusals():
        kept, gone = _locked(merge.kept, merge.gone)
        held = DonorMerge.objects.select_for_update().get(pk=merge.pk)
        if held.undone_at is not None or gone.merged_into_id != kept.pk:
            raise ValidationError(
                _("These cards stand apart already, or were merged on since. Open the card that is used now."),
                code="merge_undone",
            )
        before = held.before
        _save(gone, {"merged_into": None, "kind": before["kind"], "country": before["country"]})
        Donor.unscoped.filter(pk__in=before["carried"], merged_into=kept).update(merged_into=gone)
        untouched = {name: value for name, value in before["filled"].items() if getattr(kept, name) == value}
        _save(kept, {name: None if name == "member_id" else "" for name in untouched})
        held.undone_at, held.undone_by = timezone.now(), by
        held.save(update_fields=["undone_at", "undone_by"])
        return held


def keep_apart(*, first: Donor, second: Donor, by: User) -> DonorsDistinct:
    """Note that the two only look alike: they are not proposed again. Raises: Http404, PermissionDenied."""
    require(by, Verb.EDIT_DONOR, first.unit_id)
    require(by, Verb.EDIT_DONOR, second.unit_id)
    low, high = sorted((first, second), key=lambda donor: donor.pk)
    noted, _made = DonorsDistinct.objects.get_or_create(first=low, second=high, defaults={"decided_by": by})
    return noted


def _locked(one: Donor, other: Donor) -> tuple[Donor, Donor]:
    if one.pk == other.pk:
        raise ValidationError(_("Choose two different donors."), code="donor_not_into_itself")
    rows = Donor.unscoped.select_for_update(of=("self",)).filter(pk__in=[one.pk, other.pk]).order_by("pk")
    held = {donor.pk: donor for donor in rows}
    return held[one.pk], held[other.pk]


def _save(donor: Donor, changes: dict[str, Any]) -> None:
    for name, value in changes.items():
        setattr(donor, name, value)
    donor.revision += 1
    donor.save(update_fields=[*(name.removesuffix("_id") for name in changes), "revision"])
