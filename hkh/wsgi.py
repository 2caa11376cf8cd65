"""The door for gunicorn and every other WSGI server."""

import os

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hkh.settings")

if settings.EMBEDDED_DATABASE is None and not settings.DEBUG and not os.environ.get("HKH_SECRET_KEY"):
    raise ImproperlyConfigured(
        "DATABASE_URL is set, but HKH_SECRET_KEY is not. A real installation needs a secret of its own, kept "
        "as safely as the database. Put one into the environment or into .env; this command makes one: "
        "python3 -c 'import secrets; print(secrets.token_urlsafe(64))'"
    )

application = get_wsgi_application()
