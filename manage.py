#!/usr/bin/env python
"""Django's command line: ``python manage.py help`` lists what there is."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hkh.settings")
    from django.conf import settings
    from django.core.management import execute_from_command_line

    from hkh.core import embedded

    if settings.EMBEDDED_DATABASE is None:
        execute_from_command_line(sys.argv)
        return
    try:
        with embedded.running(settings.EMBEDDED_DATABASE, options=embedded.FOR_TRYING_OUT):
            execute_from_command_line(sys.argv)
    except embedded.EmbeddedDatabaseError as failure:
        sys.exit(str(failure))


if __name__ == "__main__":
    main()
