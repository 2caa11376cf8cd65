from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from hkh.core import violations


class ScholarshipsConfig(AppConfig):
    name = "scholarships"
    verbose_name = _("Scholarships and gifts")
    #: (table, name): migration 0003 put them on tables of other apps.
    triggers_by_hand = (
        ("funds_account", "scholarships_committed_proved"),
        ("members_unit", "scholarships_unit_holds"),
    )

    def ready(self) -> None:
        from funds import aftermath
        from scholarships.tracing.words import became_told
        from scholarships.triggers import sentences

        violations.register(sentences())
        aftermath.register(became_told)
