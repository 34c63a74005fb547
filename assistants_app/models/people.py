"""What a person may do, four roles, each with all that those before it may do; and how a person likes to work."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.IntegerChoices):
    """Each stands for a Django group; its label is what people read."""

    NONE = 0, _("none")
    VIEWER = 1, _("viewer")
    OPERATOR = 2, _("operator")
    EDITOR = 3, _("editor")
    ADMIN = 4, _("admin")

    @property
    def group(self) -> str:
        """The name of its group, the same in every language."""
        return self.name.lower()


class Preferences(models.Model):
    """What a person chose under Settings, and how far they came in their first minutes: one row a person. Who never
    chose anything has none; the defaults below hold."""

    class Theme(models.TextChoices):
        SYSTEM = "system", _("System")
        LIGHT = "light", _("Light")
        DARK = "dark", _("Dark")

    class Density(models.TextChoices):
        COMFORTABLE = "comfortable", _("Comfortable")
        COMPACT = "compact", _("Compact")

    # Of time_zone and language, beside what can be named: whatever the browser says.
    BROWSER = "browser"

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="preferences"
    )
    theme = models.CharField(max_length=16, choices=Theme.choices, default=Theme.SYSTEM)
    density = models.CharField(max_length=16, choices=Density.choices, default=Density.COMFORTABLE)
    time_zone = models.CharField(max_length=64, default=BROWSER)
    language = models.CharField(max_length=16, default=BROWSER)
    single_keys = models.BooleanField(default=True)
    notifications = models.BooleanField(default=False)
    sound = models.BooleanField(default=False)

    # First minutes: a waiting run was opened, a reply seen after an answer of theirs; and it needs no more guiding.
    opened_run_at = models.DateTimeField(null=True, blank=True)
    saw_reply_at = models.DateTimeField(null=True, blank=True)
    guided_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "preferences"

    def __str__(self) -> str:
        return f"preferences of {self.user_id}"
