"""``manage.py prepare``: after installing and after every upgrade, before the server starts."""

from typing import Any

from django.core.management import BaseCommand

from hkh.core.preparation import prepare


class Command(BaseCommand):
    help = "Create or upgrade the database, compile the translations, collect the static files."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        prepare(lambda step: self.stdout.write(f"· {step}"))
        self.stdout.write("Everything stands ready.")
