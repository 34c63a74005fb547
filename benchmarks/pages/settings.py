"""The dashboard's settings with Django's admin and a bare view beside its pages."""

from dashboard.settings import *  # noqa: F403  ours plus a little

INSTALLED_APPS = ["django.contrib.admin", *INSTALLED_APPS]  # noqa: F405
STATICFILES_FINDERS = [*STATICFILES_FINDERS, "django.contrib.staticfiles.finders.AppDirectoriesFinder"]  # noqa: F405
ROOT_URLCONF = "benchmarks.pages.urls"
ALLOWED_HOSTS = ["testserver"]
