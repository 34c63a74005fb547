"""The project's addresses: all of them are the application's."""

from django.urls import include, path

urlpatterns = [path("", include("assistants_app.urls"))]
