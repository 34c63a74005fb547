"""The dashboard's addresses, the bare views', and the admin's."""

from django.contrib import admin
from django.urls import include, path

from assistants_app.models import Message, Thread
from benchmarks.pages import bare


class MessageAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """What a careful person sets up first."""

    list_display = ("remote_id", "role", "status", "created_at", "text")
    list_filter = ("role",)
    list_per_page = 50
    ordering = ("-created_at", "-id")


class ThreadAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """The same columns as ours."""

    list_display = ("remote_id", "preview", "status", "assistant", "connection", "active_at")
    list_select_related = ("assistant", "connection")
    list_per_page = 50
    ordering = ("-active_at", "-id")


admin.site.register(Message, MessageAdmin)
admin.site.register(Thread, ThreadAdmin)

urlpatterns = [
    path("bare/threads/", bare.threads),
    path("bare/threads/<int:key>/", bare.thread),
    path("admin/", admin.site.urls),
    path("", include("assistants_app.urls")),
]
