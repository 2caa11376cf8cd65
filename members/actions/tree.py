"""Units: founded, renamed, moved, dissolved; what is written down of them corrected.

Every change takes effect on a day that is not in the future and not before the unit's last change: what the
tree looked like then has been reported on.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.db.models import F, Q
from django.utils.translation import gettext as _

from hkh.core.acting import act_as
from hkh.core.dates import format_date, today
from hkh.core.text import clean
from hkh.core.violations import refusals
from members.actions.offices import end_offices
from members.models import OfficeEnd, Place, Tier, Unit, UnitKind, UnitVersion, User
from members.rules import Verb, forget, require


def found_unit(
    *,
    name: str,
    code: str,
    tier: Tier,
    parent: Unit | None,
    founded_on: date,
    kind: UnitKind | str = UnitKind.TERRITORIAL,
    place: Place | None = None,
    by: User,
) -> Unit:
    """A new unit under ``parent`` from ``founded_on`` on. Without a parent only superusers may.

    Raises: Http404, PermissionDenied; ValidationError.
    """
    if parent is None:
        _require_superuser(by)
    else:
        require(by, Verb.EDIT_UNIT, parent)
    _not_in_future(founded_on)
    facts = {"name": _name(name), "tier": tier, "parent": parent}
    with refusals():
        _lock_tree()
        if Unit.unscoped.filter(code=_code(code)).exists():
            raise ValidationError({"code": _("Another unit already has this code. Choose another.")})
        unit = Unit.unscoped.create(code=_code(code), kind=kind, place=place, founded_on=founded_on, **facts)
        UnitVersion.objects.create(unit=unit, valid_from=founded_on, **facts)
    forget(by)
    return unit


def rename_unit(*, unit: Unit, name: str, on: date, by: User) -> Unit:
    """``unit`` bears ``name`` from ``on`` on. Raises: Http404, PermissionDenied; ValidationError."""
    require(by, Verb.EDIT_UNIT, unit)
    return _change(unit, on=on, name=_name(name))


def move_unit(*, unit: Unit, parent: Unit | None, on: date, tier: Tier | None = None, by: User) -> Unit:
    """``unit``, with all below it, stands under ``parent`` from ``on`` on, in ``tier`` if that changes too.

    Raises: Http404, PermissionDenied (both units count); ValidationError.
    """
    require(by, Verb.REORGANISE, unit)
    if parent is None:
        _require_superuser(by)
    else:
        require(by, Verb.REORGANISE, parent)
    moved = _change(unit, on=on, parent=parent, **({"tier": tier} if tier else {}))
    forget(by)
    return moved


def dissolve_unit(*, unit: Unit, on: date, by: User) -> Unit:
    """``unit`` is no more from ``on`` on; its offices end. Its members and all below it must have gone by then.

    Raises: Http404, PermissionDenied; ValidationError.
    """
    require(by, Verb.REORGANISE, unit)
    _not_in_future(on)
    with refusals():
        latest = _latest(unit)
        if on <= latest.valid_from:
            raise ValidationError({"on": _too_early(latest)})
        act_as(by, _("Dissolved"))
        end_offices(Q(unit=unit), on=on, reason=OfficeEnd.REORGANISATION)
        UnitVersion.objects.filter(pk=latest.pk).update(valid_until=on)
        Unit.unscoped.filter(pk=unit.pk).update(dissolved_on=on, revision=F("revision") + 1)
    unit.refresh_from_db()
    return unit


def edit_unit(*, unit: Unit, revision: int, code: str, kind: UnitKind | str, place: Place | None, by: User) -> Unit:
    """What does not change through time, corrected. ``revision`` is that of the form's first showing.

    Raises: Http404, PermissionDenied; ValidationError, also where somebody else saved the unit meanwhile.
    """
    require(by, Verb.EDIT_UNIT, unit)
    with refusals():
        if Unit.unscoped.filter(code=_code(code)).exclude(pk=unit.pk).exists():
            raise ValidationError({"code": _("Another unit already has this code. Choose another.")})
        saved = Unit.unscoped.filter(pk=unit.pk, revision=revision).update(
            code=_code(code), kind=kind, place=place, revision=revision + 1
        )
        if not saved:
            raise ValidationError(
                _("Somebody else has changed this unit meanwhile. Look at it again, then enter your change.")
            )
    unit.refresh_from_db()
    return unit


def _change(unit: Unit, *, on: date, **facts: Any) -> Unit:
    """The latest version of ``unit`` ended on ``on`` and followed by one with ``facts``; 2 of one day are one."""
    _not_in_future(on)
    with refusals():
        latest = _latest(unit)
        if on < latest.valid_from:
            raise ValidationError({"on": _too_early(latest)})
        if all(getattr(latest, name) == value for name, value in facts.items()):
            return unit
        if on == latest.valid_from:
            UnitVersion.objects.filter(pk=latest.pk).update(**facts)
        else:
            UnitVersion.objects.filter(pk=latest.pk).update(valid_until=on)
            same = {"name": latest.name, "tier": latest.tier, "parent": latest.parent}
            UnitVersion.objects.create(unit=unit, valid_from=on, **{**same, **facts})
        Unit.unscoped.filter(pk=unit.pk).update(revision=F("revision") + 1)
    unit.refresh_from_db()
    return unit


def _latest(unit: Unit) -> UnitVersion:
    """The version of ``unit`` that still holds, the tree locked. Raises: ValidationError where it is dissolved."""
    _lock_tree()
    latest = UnitVersion.objects.filter(unit=unit, valid_until=None).select_related("tier", "parent").first()
    if latest is None:
        raise ValidationError(_("“%(unit)s” is dissolved and changes no more."), params={"unit": unit.name})
    return latest


def _lock_tree() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT members_lock_tree()")


def _too_early(latest: UnitVersion) -> ValidationError:
    return ValidationError(
        _("This unit last changed on %(day)s. Choose a later day."), params={"day": format_date(latest.valid_from)}
    )


def _not_in_future(on: date) -> None:
    if on > today():
        raise ValidationError(
            {"on": _("%(day)s has not come yet. Choose today or an earlier day.") % {"day": format_date(on)}}
        )


def _name(text: str) -> str:
    name = clean(text)
    if not name:
        raise ValidationError({"name": _("Write the name.")})
    return name


def _code(text: str) -> str:
    code = clean(text).upper()
    if not code or any(sign in code for sign in " /?#%"):
        raise ValidationError({"code": _("Write the code in letters, digits and hyphens, without spaces.")})
    return code


def _require_superuser(by: User) -> None:
    if not (by.is_active and by.is_superuser):
        raise PermissionDenied(_("Only the keeper of the installation may place a unit at the top."))
