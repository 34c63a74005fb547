"""The map of pages. An object's address has its server's id, or ~ and our key where that is not plain."""

from django.urls import path, register_converter

from assistants_app.views import (
    assistant_form,
    assistant_resources,
    assistant_transfer,
    assistants,
    bulk,
    claims,
    compose,
    connections,
    drafts,
    files,
    find,
    functions,
    health,
    help,
    history,
    messages,
    notifications,
    palette,
    people,
    queue,
    rules,
    runs,
    settings,
    styleguide,
    threads,
    trials,
    vector_stores,
)


class Reference:
    """One part of an address."""

    regex = "[^/]+"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(Reference, "reference")

urlpatterns = [
    path("", queue.home, name="home"),
    path("healthz", health.healthz, name="healthz"),
    path("find", find.find, name="find"),
    path("styleguide/", styleguide.styleguide, name="styleguide"),
    path("palette", palette.palette, name="palette"),
    path("help/", help.show, name="help"),
    # people
    path("sign-in/", people.sign_in, name="sign_in"),
    path("sign-in/link/", people.sign_in_link, name="sign_in_link"),
    path("sign-out/", people.sign_out, name="sign_out"),
    path("settings/", settings.settings, name="settings"),
    path("settings/choose/", settings.choose, name="settings_choose"),
    path("settings/first-steps/", settings.dismiss_first_steps, name="settings_first_steps"),
    # notifications
    path("notifications/", notifications.show, name="notifications"),
    path("notifications/test/", notifications.test, name="notifications_test"),
    path("notifications/silence/", notifications.silence, name="notifications_silence"),
    path("notifications/team/", notifications.team, name="notifications_team"),
    path("notifications/team/remove/", notifications.remove_team, name="notifications_team_remove"),
    # the queue
    path("queue/", queue.show, name="queue"),
    path("queue/waiting/", queue.waiting, name="queue_waiting"),
    path("queue/views/save/", queue.save_view, name="queue_view_save"),
    path("queue/views/rename/", queue.rename_view, name="queue_view_rename"),
    path("queue/views/delete/", queue.delete_view, name="queue_view_delete"),
    # assistants
    path("assistants/", assistants.index, name="assistants"),
    path("assistants/new/", assistant_form.new, name="assistants_new"),
    path("assistants/import/", assistant_transfer.bring_in, name="assistants_import"),
    path("assistants/bulk/", bulk.bulk, name="bulk"),
    path("assistants/bulk/<uuid:uuid>/", bulk.bulk_change, name="bulk_change"),
    path("assistants/resources/", assistant_resources.show, name="resources"),
    path("assistants/resources/upload/", assistant_resources.upload, name="resource_upload"),
    path("assistants/resources/store/", assistant_resources.create_store, name="resource_store"),
    path("assistants/resources/<uuid:uuid>/<str:field>/", assistant_resources.act, name="resource_act"),
    path("assistants/<reference:reference>/", assistants.show, name="assistant"),
    path("assistants/<reference:reference>/edit/", assistant_form.edit, name="assistant_edit"),
    path("assistants/<reference:reference>/delete/", assistants.delete, name="assistant_delete"),
    path("assistants/<reference:reference>/files/", assistants.files, name="assistant_files"),
    path("assistants/<reference:reference>/try/", trials.show, name="assistant_try"),
    path("assistants/<reference:reference>/versions/", assistants.history, name="assistant_versions"),
    path("assistants/<reference:reference>/export/", assistant_transfer.export, name="assistant_export"),
    path("assistants/<reference:reference>/raw/", assistants.raw, name="assistant_raw"),
    # connections
    path("connections/", connections.index, name="connections"),
    path("connections/add/", connections.add, name="connections_add"),
    path("connections/<int:key>/", connections.show, name="connection"),
    path("connections/<int:key>/edit/", connections.edit, name="connection_edit"),
    path("connections/<int:key>/key/", connections.replace_key, name="connection_key"),
    path("connections/<int:key>/check/", connections.check, name="connection_check"),
    path("connections/<int:key>/allow/", connections.allow, name="connection_allow"),
    path("connections/<int:key>/archive/", connections.close, name="connection_archive"),
    path("connections/<int:key>/remove/", connections.remove, name="connection_remove"),
    # threads
    path("threads/", threads.index, name="threads"),
    path("threads/add/", threads.add, name="threads_add"),
    path("threads/create/", threads.create, name="threads_create"),
    path("threads/new/", compose.new_thread, name="threads_new"),
    path("threads/<reference:reference>/", threads.show, name="thread"),
    path("threads/<reference:reference>/raw/", threads.raw, name="thread_raw"),
    path("threads/<reference:reference>/messages/", threads.post_message, name="thread_messages"),
    path("threads/<reference:reference>/messages/<int:key>/", messages.whole, name="thread_message"),
    path("threads/<reference:reference>/messages/<int:key>/raw/", messages.raw, name="thread_message_raw"),
    path("threads/<reference:reference>/messages/<int:key>/details/", messages.details, name="thread_message_details"),
    path("threads/<reference:reference>/messages/<int:key>/refresh/", messages.refresh, name="thread_message_refresh"),
    path(
        "threads/<reference:reference>/messages/<int:key>/metadata/", messages.metadata, name="thread_message_metadata"
    ),
    path("threads/<reference:reference>/messages/<int:key>/delete/", messages.delete, name="thread_message_delete"),
    path("threads/<reference:reference>/runs/", threads.start_run, name="thread_runs"),
    path("threads/<reference:reference>/compose/", compose.on_thread, name="thread_compose"),
    path("threads/<reference:reference>/refresh/", threads.refresh, name="thread_refresh"),
    path("threads/<reference:reference>/metadata/", threads.metadata, name="thread_metadata"),
    path("threads/<reference:reference>/delete/", threads.delete, name="thread_delete"),
    # files: an id may be of any shape, so it is named in the query
    path("files/content/", files.content, name="file_content"),
    path("files/image/", files.image, name="file_image"),
    path("files/", files.index, name="files"),
    path("files/upload/", files.upload, name="files_upload"),
    path("files/<reference:reference>/", files.show, name="file"),
    path("files/<reference:reference>/raw/", files.raw, name="file_raw"),
    path("files/<reference:reference>/refresh/", files.refresh, name="file_refresh"),
    path("files/<reference:reference>/delete/", files.delete, name="file_delete"),
    # vector stores
    path("vector-stores/", vector_stores.index, name="vector_stores"),
    path("vector-stores/new/", vector_stores.create, name="vector_stores_new"),
    path("vector-stores/<reference:reference>/", vector_stores.show, name="vector_store"),
    path("vector-stores/<reference:reference>/raw/", vector_stores.raw, name="vector_store_raw"),
    path("vector-stores/<reference:reference>/refresh/", vector_stores.refresh, name="vector_store_refresh"),
    path("vector-stores/<reference:reference>/delete/", vector_stores.delete, name="vector_store_delete"),
    path("vector-stores/<reference:reference>/files/", vector_stores.add_file, name="vector_store_files"),
    path(
        "vector-stores/<reference:reference>/files/<int:key>/refresh/",
        vector_stores.refresh_file,
        name="vector_store_file_refresh",
    ),
    path(
        "vector-stores/<reference:reference>/files/<int:key>/remove/",
        vector_stores.remove_file,
        name="vector_store_file_remove",
    ),
    # functions
    path("functions/", functions.index, name="functions"),
    path("functions/returns/", functions.returns, name="function_returns"),
    # history
    path("history/", history.show, name="history"),
    path("history/<str:what>.csv", history.export, name="history_export"),
    path("functions/templates/", functions.templates, name="function_templates"),
    path("functions/templates/delete/", functions.delete_template, name="function_template_delete"),
    # rules
    path("rules/", rules.index, name="rules"),
    path("rules/add/", rules.add, name="rules_add"),
    path("rules/<int:key>/", rules.show, name="rule"),
    path("rules/<int:key>/edit/", rules.edit, name="rule_edit"),
    path("rules/<int:key>/switch/", rules.switch, name="rule_switch"),
    path("rules/<int:key>/delete/", rules.delete, name="rule_delete"),
    # runs
    path("runs/<reference:reference>/", runs.show, name="run"),
    path("runs/<reference:reference>/raw/", runs.raw, name="run_raw"),
    path("runs/<reference:reference>/steps/<int:key>/raw/", runs.step_raw, name="run_step_raw"),
    path("runs/<reference:reference>/steps/<int:key>/refresh/", runs.refresh_step, name="run_step_refresh"),
    path("runs/<reference:reference>/metadata/", runs.metadata, name="run_metadata"),
    path("runs/<reference:reference>/calls/<int:key>/<str:part>/", runs.call, name="run_call"),
    path("runs/<reference:reference>/holder/", claims.show, name="run_holder"),
    path("runs/<reference:reference>/claim/", claims.hold, name="run_claim"),
    path("runs/<reference:reference>/claim/release/", claims.release, name="run_claim_release"),
    path("runs/<reference:reference>/claim/take-over/", claims.take_over, name="run_claim_take_over"),
    path("runs/<reference:reference>/drafts/", drafts.save, name="run_drafts"),
    path("runs/<reference:reference>/drafts/<int:key>/", drafts.show, name="run_draft"),
    path("runs/<reference:reference>/answers/", runs.answer, name="run_answers"),
    path("runs/<reference:reference>/cancel/", runs.cancel, name="run_cancel"),
    path("runs/<reference:reference>/again/", runs.again, name="run_again"),
    path("runs/<reference:reference>/refresh/", runs.refresh, name="run_refresh"),
]
