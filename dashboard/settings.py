"""All settings. Defaults start a fresh checkout; the environment changes them (docs/running.md lists it)."""

import os
from pathlib import Path
from typing import Any

from csp.constants import NONE, SELF

from dashboard import environment
from launcher import locations

# Holds templates/, static/ and locale/: the checkout, or this package in an installed wheel.
BASE_DIR = locations.RESOURCES
# What an admin types to print a link that signs somebody in, as pages name it.
SIGN_IN_LINK_COMMAND = "switchboard sign-in-link" if locations.INSTALLED else "manage.py sign_in_link"
DATA_DIR = locations.data_folder(os.environ).resolve()

DEBUG = environment.switch("DEBUG", False)
SECRET_KEY = environment.secret("SECRET_KEY", DATA_DIR)
# Encrypts the API keys in the database. Comma separated: the first writes, all read.
ENCRYPTION_KEYS = environment.secret("ENCRYPTION_KEYS", DATA_DIR).split(",")
# This machine's own names always: the launcher and health checks ask by them.
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]", *environment.words("ALLOWED_HOSTS", "")]
CSRF_TRUSTED_ORIGINS = environment.words("CSRF_TRUSTED_ORIGINS", "")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "csp",
    "django_htmx",
    "assistants_app.apps.AssistantsConfig",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "csp.middleware.CSPMiddleware",
    "assistants_app.middleware.BrowsersLanguage",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "assistants_app.middleware.PersonalWays",
    "assistants_app.middleware.ErrorPages",
]
ROOT_URLCONF = "dashboard.urls"
WSGI_APPLICATION = "dashboard.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "assistants_app.views.shell.shell",
            ],
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
            "builtins": [
                "django_htmx.templatetags.django_htmx",
                "assistants_app.templatetags.switchboard",
                "assistants_app.templatetags.components",
            ],
        },
    }
]

DATABASES = {
    "default": environment.database("DATABASE_URL", f"sqlite:///{DATA_DIR / 'switchboard.sqlite3'}"),
}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    options: dict[str, Any] = {
        # IMMEDIATE: a transaction that reads first and writes later fails with "database is locked" otherwise.
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;PRAGMA busy_timeout=20000;"
        "PRAGMA temp_store=MEMORY;PRAGMA cache_size=-16000",
    }
    DATABASES["default"]["OPTIONS"] = options
    # A file, because the threads of a test share it as processes do.
    DATABASES["default"]["TEST"] = {"NAME": str(DATA_DIR / "test.sqlite3")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTHENTICATION_BACKENDS = [
    "assistants_app.services.people.PeopleBackend",
    "assistants_app.services.people.LinkBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
# An answer of several megabytes, as a form writes it: each quote takes three characters.
DATA_UPLOAD_MAX_MEMORY_SIZE = 24 * 1024 * 1024
# A file that is larger than may be uploaded fills no disk.
FILE_UPLOAD_HANDLERS = ["assistants_app.forms.uploads.LimitedUploadHandler"]
LOGIN_URL = "sign_in"
LOGIN_REDIRECT_URL = "queue"
LOGOUT_REDIRECT_URL = "sign_in"
SESAME_ONE_TIME = True
SESAME_MAX_AGE = 24 * 60 * 60
SESSION_COOKIE_AGE = 14 * 24 * 60 * 60

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch")]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True

# Our pages are the only ones that may use these files.
WHITENOISE_ALLOW_ALL_ORIGINS = False
STATIC_URL = "static/"
STATIC_ROOT = Path(environment.text("STATIC_ROOT", str(DATA_DIR / "static")))
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = ["dashboard.static_files.Finder"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "dashboard.static_files.StaticFiles"},
}

# Behind TLS set SECURE=on; without it a browser on 127.0.0.1 could not keep its session.
SECURE = environment.switch("SECURE", False)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SECURE_SSL_REDIRECT = SECURE
SECURE_REDIRECT_EXEMPT = ["^healthz$"]
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if SECURE else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if environment.switch("BEHIND_PROXY", False) else None
# HSTS for subdomains and preloading: for the owner of the domain to decide, not for one site in it.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "font-src": [SELF],
        "img-src": [SELF, "data:"],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# Celery carries ids, never state: rows are the truth, so messages may be lost and results are not kept.
# Without another one it is the embedded broker of this data folder, which `switchboard run` starts.
BROKER_URL = environment.text("BROKER_URL", "") or locations.broker_url(locations.sockets(DATA_DIR))
CELERY_BROKER_URL = BROKER_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_PUBLISH_RETRY = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
CELERY_BEAT_SCHEDULER = "celery.beat:Scheduler"
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = {}
if BROKER_URL.startswith(("redis", "valkey")):
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "visibility_timeout": 120,
        "unacked_restore_interval": 5,
        "unacked_restore_throttle": 1,
        "socket_connect_timeout": 2,
        "socket_timeout": 5,
    }

# Which private addresses connections may lead to: all, none, or these networks.
PRIVATE_ADDRESSES = environment.networks("PRIVATE_ADDRESSES", "on")
# Which hosts the rules of editors may call, with .example.com for all below one; and which private addresses of them.
RULE_HOSTS = environment.words("RULE_HOSTS", "")
RULE_PRIVATE_ADDRESSES = environment.networks("RULE_PRIVATE_ADDRESSES", "off")
# Where applications of Microsoft Entra get their tokens; other clouds have other places.
ENTRA_AUTHORITY = environment.text("ENTRA_AUTHORITY", "https://login.microsoftonline.com").rstrip("/")

# Where people reach this site: links in messages begin with it.
HOST = environment.text("HOST", "127.0.0.1").replace("0.0.0.0", "127.0.0.1")  # noqa: S104  compared, not bound
PUBLIC_URL = environment.text("PUBLIC_URL", f"http://{HOST}:{environment.text('PORT', '8000')}").rstrip("/")
# The mail server of notifications; without one there are none by e-mail.
EMAIL_HOST = environment.text("EMAIL_HOST", "")
EMAIL_PORT = int(environment.number("EMAIL_PORT", 25, least=1))
EMAIL_HOST_USER = environment.text("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = environment.text("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = environment.switch("EMAIL_USE_TLS", False)  # STARTTLS
EMAIL_USE_SSL = environment.switch("EMAIL_USE_SSL", False)
EMAIL_TIMEOUT = 10  # seconds for each step of the conversation
DEFAULT_FROM_EMAIL = environment.text("EMAIL_FROM", "switchboard@localhost")

# Seconds from one tick to the next; what a tick starts goes on working until the next one is due.
TICK_SECONDS = environment.number("TICK_SECONDS", 2.0, least=0.5)
# How many poll loops run at once over all workers.
POLLERS = int(environment.number("POLLERS", 1, least=1))
# How many requests one poll loop has under way at once.
POLL_CONCURRENCY = int(environment.number("POLL_CONCURRENCY", 96, least=1))
# How many runs each worker listens to at once; others are polled.
STREAMS = int(environment.number("STREAMS", 16, least=0))
# How long a claimed row stays with its worker. The time for one answer is shorter, so no row is asked twice at once.
LEASE_SECONDS = environment.number("LEASE_SECONDS", 12.0, least=4)
# How long a form waits for its operation before it answers that the work goes on.
OPERATION_WAIT_SECONDS = environment.number("OPERATION_WAIT_SECONDS", 3.0)
# What somebody looks at is read again when it was last read longer ago than this.
STALE_SECONDS = environment.number("STALE_SECONDS", 10.0)
# The least time between two polls of a run that waits for answers: others rarely act on it.
WAITING_POLL_SECONDS = environment.number("WAITING_POLL_SECONDS", 15.0)

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": environment.text("LOG_LEVEL", "WARNING")},
    # Its debug lines have whole addresses, and that of a webhook is a secret.
    "loggers": {"urllib3": {"level": "INFO"}},
}
