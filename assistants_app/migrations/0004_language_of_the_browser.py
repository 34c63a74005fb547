from django.db import migrations, models


def follow_the_browser(apps, schema_editor):
    """Until now everything was in English, whatever was chosen: nobody has chosen English over another language."""
    apps.get_model('assistants', 'Preferences').objects.filter(language='en').update(language='browser')


class Migration(migrations.Migration):

    dependencies = [
        ('assistants', '0003_preferences'),
    ]

    operations = [
        migrations.AlterField(
            model_name='preferences',
            name='language',
            field=models.CharField(default='browser', max_length=16),
        ),
        migrations.RunPython(follow_the_browser, migrations.RunPython.noop, elidable=True),
    ]
