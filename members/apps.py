from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from hkh.core import violations


class MembersConfig(AppConfig):
    name = "members"
    verbose_name = _("Organisation and members")
    #: (table, name): migration 0002 and 0007 wrote them, on the table behind ``Tier.may_stand_under``.
    triggers_by_hand = tuple(
        ("members_tier_may_stand_under", name)
        for name in (
            "a_lock_tree", "members_tier_rule_given", "members_tier_rule_taken_back", "members_tier_rules_emptied"
        )
    )  # fmt: skip

    def ready(self) -> None:
        from members.triggers.sentences import SENTENCES

        violations.register(SENTENCES)
