"""Decisions in the administration: put together, looked at, carried out and undone by the verbs."""

from __future__ import annotations

from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from members.models import Decision, Unit
from tests.cast import Cast, make_fund
from tests.decisions.drafts import merger

LIST = "admin:members_decision_changelist"


def act(client: Client, action: str, decision: Decision) -> list[str]:
    """What the page says after ``action`` on the decision."""
    with override("en"):
        response = client.post(
            reverse(LIST), {"action": action, "_selected_action": [decision.pk]}, headers={"Accept-Language": "en"}
        )
    return [str(message) for message in get_messages(response.wsgi_request)]


def test_a_decision_is_drafted_and_its_changes_added(client: Client, cast: Cast) -> None:
    client.force_login(cast.administrator)
    said = {"unit": cast.province.pk, "number": "12/QĐ", "signed_on": "12/06/2025", "effective_on": "01/07/2025"}
    inline = {"changes-TOTAL_FORMS": "0", "changes-INITIAL_FORMS": "0"}
    response = client.post(reverse("admin:members_decision_add"), {**said, **inline})
    assert response.status_code == 302, response.context["adminform"].form.errors
    decision = Decision.unscoped.get()
    change = {"decision": decision.pk, "kind": "rename", "unit": cast.here.pk, "name": "Hội xã Mới"}
    assert client.post(reverse("admin:members_change_add"), change).status_code == 302
    wrong = client.post(reverse("admin:members_change_add"), {**change, "kind": "move", "name": ""})
    assert wrong.status_code == 200
    assert [row.name for row in decision.changes.all()] == ["Hội xã Mới"]
    assert client.get(reverse("admin:members_decision_change", args=[decision.pk])).status_code == 200


def test_a_decision_is_looked_at_carried_out_and_undone(client: Client, cast: Cast) -> None:
    make_fund(cast.here, holds_vnd=1_000)
    decision = merger(cast)
    client.force_login(cast.administrator)
    assert len(act(client, "look", decision)) == 1
    assert not Unit.unscoped.filter(code="MOI").exists()
    act(client, "carry_out", decision)
    decision.refresh_from_db()
    assert decision.state == "applied"
    assert client.get(reverse("admin:members_decision_change", args=[decision.pk])).status_code == 200
    assert len(act(client, "carry_out", decision)) == 1
    act(client, "undo", decision)
    decision.refresh_from_db()
    assert decision.state == "undone"


def test_the_administrator_of_another_tree_sees_no_decision(client: Client, cast: Cast) -> None:
    from tests.cast import make_unit, make_user

    decision = merger(cast)
    client.force_login(make_user("far", role="administrator", unit=make_unit("Khác", tier=cast.province.tier)))
    assert list(client.get(reverse(LIST)).context["cl"].result_list) == []
    assert act(client, "carry_out", decision) == [] or decision.state == "draft"
    decision.refresh_from_db()
    assert decision.state == "draft"
