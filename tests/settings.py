"""Settings under test: a throw-away database server, and nothing that costs time without being tested.

``DATABASE_URL`` wins, as everywhere; the databases made on that server are named after the one it names.
"""

import os

from hkh.core import embedded
from tests.cluster import TEST_CLUSTER

#: Whether conftest.py has to start the private server.
STARTS_TEST_CLUSTER = not os.environ.get("DATABASE_URL")
if STARTS_TEST_CLUSTER:
    os.environ["DATABASE_URL"] = embedded.url(TEST_CLUSTER)

for name in ("HKH_DATA_DIR", "HKH_DEBUG", "HKH_TLS", "HKH_TODAY"):  # whatever somebody's .env says
    os.environ[name] = ""

from hkh.settings import *  # noqa: E402, F403
from hkh.settings import DATABASES, STORAGES  # noqa: E402

DATABASES["default"]["CONN_MAX_AGE"] = 0
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
