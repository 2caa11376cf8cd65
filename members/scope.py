"""The one scope rule: who has a grant in a unit sees what belongs to that unit and to all below it.

Doors (views, admin, reports, dashboard) read through ``Model.objects.visible_to(user)`` and nothing else; verbs
and queries, which run behind a door, use ``Model.unscoped``. ``Model.objects`` refuses every other use.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any, TypeVar

from django.apps import apps
from django.db import models
from django.db.models import Q

from hkh.core.dates import today

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from members.models import User

M = TypeVar("M", bound=models.Model)


class UnscopedQuery(RuntimeError):
    """A scoped model was read without saying for whom."""


def grants_of(user: User | AnonymousUser, *, day: date | None = None) -> list[tuple[str, int]]:
    """Role and unit of the grants of ``user`` that hold on ``day`` (default today). One query.

    Those of today are remembered on ``user`` until tomorrow; ``rules.forget`` drops them.
    """
    rights = rights_seen(user)
    if day is not None and day != rights["day"]:
        return _read_grants(user, day)
    if "grants" not in rights:
        rights["grants"] = _read_grants(user, rights["day"])
    return rights["grants"]


def _read_grants(user: User | AnonymousUser, day: date) -> list[tuple[str, int]]:
    if not user.is_authenticated:
        return []
    grants = apps.get_model("members", "Grant")._default_manager.filter(
        Q(valid_until=None) | Q(valid_until__gt=day), user=user.pk, valid_from__lte=day
    )
    return list(grants.values_list("role", "unit_id"))


def rights_seen(user: User | AnonymousUser) -> dict[str, Any]:
    """What has been looked up for this user object today."""
    seen: dict[str, Any] = getattr(user, "rights_seen", {})
    if seen.get("day") != today():
        seen = {"day": today()}
        setattr(user, "rights_seen", seen)  # noqa: B010 (AnonymousUser does not declare it)
    return seen


def units_in_scope(user: User | AnonymousUser, *, day: date | None = None) -> models.QuerySet[Any]:
    """Ids of the units that ``user`` may see on ``day`` (default today). A subquery, not run here.

    A unit counts where it stands now; a dissolved one where it stood last. The granted units stand in the SQL
    as numbers, for the planner knows how much hangs below each: with a subquery it would expect an average one
    and read 530,000 members to show 50.
    """
    closure = apps.get_model("members", "UnitAncestor")
    granted = {unit_id for _, unit_id in grants_of(user, day=day)}
    return closure._default_manager.filter(is_latest=True, ancestor__in=sorted(granted)).values("unit")


class ScopedQuerySet(models.QuerySet[M]):
    """A queryset that knows by which unit its rows are seen."""

    def visible_to(self, user: User | AnonymousUser) -> ScopedQuerySet[M]:
        """The rows that ``user`` may see; none for a visitor or a closed account. At most 1 query before its own."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if user.is_superuser:
            return self.all()
        manager = self.model._meta.managers_map["objects"]
        assert isinstance(manager, ScopedManager)
        return self.filter(manager.scope(units_in_scope(user)))


class ScopedManager(models.Manager[M]):
    """``objects`` of a scoped model: ``visible_to(user)`` is the only way in.

    ``scope`` turns the subquery of unit ids into a condition; a plain path to the unit is enough mostly.
    """

    def __init__(
        self,
        scope: str | Callable[[models.QuerySet[Any]], Any] = "unit",
        *,
        queryset_class: type[ScopedQuerySet[Any]] | None = None,
    ) -> None:
        super().__init__()
        self._scope = scope
        self._scoped_class: type[ScopedQuerySet[Any]] = queryset_class or ScopedQuerySet

    def scope(self, units: models.QuerySet[Any]) -> Any:
        return self._scope(units) if callable(self._scope) else Q(**{f"{self._scope}__in": units})

    def visible_to(self, user: User | AnonymousUser) -> ScopedQuerySet[M]:
        return self._scoped_class(self.model, using=self._db).visible_to(user)

    def none(self) -> ScopedQuerySet[M]:
        """No rows; for form fields that are filled later."""
        return self._scoped_class(self.model, using=self._db).none()

    def get_queryset(self) -> models.QuerySet[M]:
        raise UnscopedQuery(
            f"{self.model.__name__}.objects is scoped: ask {self.model.__name__}.objects.visible_to(user), "
            f"or {self.model.__name__}.unscoped in verbs and queries."
        )
