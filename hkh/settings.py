"""Settings. What differs between installations comes from the environment (``.env.example`` lists it)."""

from pathlib import Path
from urllib.parse import unquote

import environ
from csp.constants import NONE, SELF

from hkh.core import embedded
from hkh.core.secret import kept_secret

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()
environ.Env.read_env(BASE_DIR / ".env")

#: Files that are made or handed in, the private database, the collected static files.
DATA_DIR = Path(env.str("HKH_DATA_DIR", default="") or BASE_DIR / ".data")

DEBUG = env.bool("HKH_DEBUG", default=False)
#: For trying out, a random one kept beside the data; hkh.wsgi asks for a real one beside a real database.
SECRET_KEY = env.str("HKH_SECRET_KEY", default="") or kept_secret(DATA_DIR / "secret")
ALLOWED_HOSTS = env.list("HKH_ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("HKH_TRUSTED_ORIGINS", default=[])
#: Fixed "today" for trying out (ISO date); empty = the real one. Read only by hkh.core.dates.today().
HKH_TODAY = env.str("HKH_TODAY", default="")
#: Whose house this is, as it stands on the sign-in page and in the title of every page.
HKH_ASSOCIATION = env.str("HKH_ASSOCIATION", default="Hội Khuyến học tỉnh Phú Thọ")
#: Where the pages are reached from outside, as it stands on what is printed; empty = as the browser has it.
HKH_ADDRESS = env.str("HKH_ADDRESS", default="").rstrip("/")
#: Whether pages travel encrypted, by a proxy in front that sets X-Forwarded-Proto itself.
HKH_TLS = env.bool("HKH_TLS", default=False)

INSTALLED_APPS = [
    "hkh.core",
    "members",
    "funds",
    "scholarships",
    "hkh.imports",
    "hkh.indicators",
    "hkh.reports",
    "hkh.dashboard",
    "hkh.decisions",
    "hkh.demo",
    "members.administration.AdministrationConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.forms",
    "axes",
    "csp",
    "django_filters",
    "django_htmx",
    "django_linear_migrations",
    "django_tables2",
    "import_export",
    "pgtrigger",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "hkh.core.middleware.refuse_nul",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]

FORM_RENDERER = "hkh.core.form_rendering.Renderer"
ROOT_URLCONF = "hkh.urls"
WSGI_APPLICATION = "hkh.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "hkh.core.context.shell",
            ],
        },
    }
]

#: The private server, which manage.py keeps up while a command runs; None where DATABASE_URL names another.
EMBEDDED_DATABASE = None if env.str("DATABASE_URL", default="") else DATA_DIR / "postgres"
DATABASES = {
    "default": env.db_url_config(embedded.url(EMBEDDED_DATABASE) if EMBEDDED_DATABASE else env.str("DATABASE_URL"))
}
#: A socket's folder stands quoted in the address, and environ leaves it so.
DATABASES["default"]["HOST"] = unquote(DATABASES["default"]["HOST"])
DATABASES["default"]["CONN_MAX_AGE"] = 60
#: A connection that outlived a restart of the server is noticed before a page is built on it.
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "members.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "login"
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = 0.25
AXES_LOCKOUT_TEMPLATE = "registration/locked_out.html"
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]

LANGUAGE_CODE = "vi"
LANGUAGES = [("vi", "Tiếng Việt"), ("en", "English"), ("id", "Bahasa Indonesia")]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Asia/Ho_Chi_Minh"
USE_I18N = True
USE_TZ = True
FORMAT_MODULE_PATH = ["hkh.formats"]

STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "hkh.core.staticfiles.VendorFinder",
]
STATIC_ROOT = DATA_DIR / "staticfiles"
#: Nobody asks for a file under its plain name, so only the hashed ones are kept and compressed.
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
MEDIA_ROOT = DATA_DIR / "files"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage" if DEBUG else "hkh.core.staticfiles.Storage"
    },
}

SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HKH_TLS else None
SECURE_SSL_REDIRECT = HKH_TLS
SESSION_COOKIE_SECURE = HKH_TLS
CSRF_COOKIE_SECURE = HKH_TLS
SECURE_HSTS_SECONDS = 31_536_000 if HKH_TLS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HKH_TLS
#: Browsers' preload list is for the owner of the whole domain to decide on, not for one host in it.
SILENCED_SYSTEM_CHECKS = ["security.W021"]

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [SELF],
        "frame-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "manifest-src": [SELF],
    }
}

DJANGO_TABLES2_TEMPLATE = "components/_table.html"
#: What begins like a formula leaves as text.
IMPORT_EXPORT_ESCAPE_FORMULAE_ON_EXPORT = True

#: The modules whose functions do the jobs of `manage.py worker`.
JOB_MODULES = [
    "hkh.core.sheets.handlers",
    "hkh.imports.handlers",
    "hkh.reports.handlers",
    "members.handlers",
    "funds.handlers",
    "hkh.decisions.handlers",
]
#: What the worker looks after by itself, every minute: functions without parameters.
CHORES = ["hkh.decisions.actions.take_effect_due", "hkh.imports.actions.tidy"]
#: The modules that name the lists which go out as sheets.
LIST_MODULES = [
    *("members.lists", "funds.lists.gifts", "funds.lists.books", "scholarships.lists"),
    *("hkh.declared.lists", "hkh.decisions.lists", "hkh.imports.lists"),
]
#: A worker gives a sign of life every so many seconds; after so many without one its job is another's.
JOB_BEAT_S = 2.0
JOB_SILENCE_S = 30.0

#: Whoever runs the server reads what went wrong where it runs; mail to nobody helps nobody.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {"django": {"handlers": ["console"], "level": "WARNING", "propagate": False}},
}
