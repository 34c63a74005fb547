import json

from django.db import migrations


def move_to_drafts(apps, schema_editor):
    """What was typed too late is a draft as well; one that is there already is newer."""
    drafts = apps.get_model('assistants', 'Draft').objects
    for kept in apps.get_model('assistants', 'KeptAnswer').objects.filter(call__draft=None).iterator():
        fields = {f'output-{kept.call_id}': [kept.text], f'format-{kept.call_id}': ['text']}
        drafts.create(call_id=kept.call_id, content=json.dumps(fields), by_id=kept.by_id, saved_at=kept.at)


class Migration(migrations.Migration):

    dependencies = [
        ('assistants', '0007_connections'),
    ]

    operations = [
        migrations.RunPython(move_to_drafts, migrations.RunPython.noop, elidable=True),
        migrations.DeleteModel(name='KeptAnswer'),
    ]
