"""Background work: the platform's own jobs in the database; Wagtail's tasks at once."""

TASKS = {
    # Wagtail's own tasks (its index of references) do not say which site they are for: they run where they are made, inside its schema.
    "default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"},
    # Ours carry their site; tables in `public` alone.
    "jobs": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default"]},
}
