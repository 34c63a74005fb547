"""The index of the words of messages, in the database's own way."""

from django.db import migrations

SQLITE = [
    # The rows' text stays in their own table; the index follows by triggers.
    "CREATE VIRTUAL TABLE assistants_message_words USING fts5("
    "text, content='assistants_message', content_rowid='id', tokenize='unicode61 remove_diacritics 2')",
    "CREATE TRIGGER assistants_message_words_insert AFTER INSERT ON assistants_message BEGIN "
    "INSERT INTO assistants_message_words(rowid, text) VALUES (new.id, new.text); END",
    "CREATE TRIGGER assistants_message_words_delete AFTER DELETE ON assistants_message BEGIN "
    "INSERT INTO assistants_message_words(assistants_message_words, rowid, text) "
    "VALUES ('delete', old.id, old.text); END",
    "CREATE TRIGGER assistants_message_words_update AFTER UPDATE OF text ON assistants_message "
    "WHEN old.text IS NOT new.text BEGIN "
    "INSERT INTO assistants_message_words(assistants_message_words, rowid, text) "
    "VALUES ('delete', old.id, old.text); "
    "INSERT INTO assistants_message_words(rowid, text) VALUES (new.id, new.text); END",
]
# left(): a tsvector may not be larger than a megabyte.
POSTGRES = [
    "CREATE INDEX message_words ON assistants_message USING gin (to_tsvector('simple', left(text, 200000)))",
]


def make(apps, schema_editor):
    for statement in POSTGRES if schema_editor.connection.vendor == "postgresql" else SQLITE:
        schema_editor.execute(statement, params=None)


def unmake(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP INDEX message_words")
        return
    for trigger in ("insert", "delete", "update"):
        schema_editor.execute(f"DROP TRIGGER assistants_message_words_{trigger}")
    schema_editor.execute("DROP TABLE assistants_message_words")


class Migration(migrations.Migration):
    dependencies = [("assistants", "0001_initial")]
    operations = [migrations.RunPython(make, unmake)]
