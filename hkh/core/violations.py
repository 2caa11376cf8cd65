"""From the database's refusals to sentences for people.

The database keeps the rules (constraints and triggers); a verb wraps its writes in ``refusals()`` and the door
sees a ``ValidationError``. The sentence of a constraint that a model declares is its
``violation_error_message``; that of a rule kept by trigger is registered by its app in ``AppConfig.ready``.
A trigger names its rule so (DETAIL is optional: values for ``%(unit)s`` in the sentence, ``_vnd`` told as money):

    RAISE EXCEPTION 'English sentence for logs' USING ERRCODE = '23514', CONSTRAINT = 'rule_name',
        DETAIL = jsonb_build_object('unit', some_name)::text;
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models import BaseConstraint

from hkh.core.money import dong

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

_registered: dict[str, str | _StrPromise] = {}


def register(sentences: Mapping[str, str | _StrPromise]) -> None:
    """Make the sentences of rules kept by trigger known, by rule name. A name may be given once only."""
    for name, sentence in sentences.items():
        if _registered.setdefault(name, sentence) is not sentence:
            raise ValueError(f"The rule {name} already has a sentence.")


def translate_violation(error: IntegrityError) -> ValidationError:
    """The refusal behind ``error`` as a sentence; ``code`` is the rule's name.

    Raises: ``error`` itself where no sentence is known for its rule: a fault of ours, not of the user.
    """
    diag = getattr(error.__cause__, "diag", None)
    name: str = getattr(diag, "constraint_name", None) or ""
    sentence = _registered.get(name) or _declared().get(name)
    if sentence is None:
        raise error
    return ValidationError(sentence, code=name, params=_params(getattr(diag, "message_detail", None)) or None)


def sentence_for(name: str) -> str | _StrPromise:
    """What people read where the rule ``name`` is broken. Raises: KeyError where no sentence is known for it."""
    return _registered.get(name) or _declared()[name]


@contextmanager
def refusals(*, check_deferred: bool = True) -> Iterator[None]:
    """A transaction (or savepoint) whose violated rules come out as ``ValidationError``.

    ``check_deferred`` also has the rules checked that would otherwise wait for the outermost commit (2 tiny
    statements, no query). Raises: ValidationError.
    """
    try:
        with transaction.atomic():
            yield
            if check_deferred:
                connection.check_constraints()
    except IntegrityError as error:
        raise translate_violation(error) from error


@cache
def _declared() -> dict[str, Any]:
    """Sentences of the constraints that models declare, by constraint name."""
    return {
        constraint.name: constraint.violation_error_message
        for model in apps.get_models()
        for constraint in model._meta.constraints
        if constraint.violation_error_message != BaseConstraint.default_violation_error_message
    }


def _params(detail: str | None) -> dict[str, Any]:
    """The values that a trigger put in DETAIL; none where DETAIL is PostgreSQL's own prose."""
    if not detail or not detail.startswith("{"):
        return {}
    try:
        values = json.loads(detail)
    except ValueError:
        return {}
    return {name: _told(name, value) for name, value in values.items()} if isinstance(values, dict) else {}


def _told(name: str, value: Any) -> Any:
    """Amounts (``_vnd``) as people write them, all else as it is."""
    return dong(value) if name.endswith("_vnd") and isinstance(value, int) else value
