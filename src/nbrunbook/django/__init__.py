"""The Django app: settings, migrations that wait, the journal by the project's connections. The door to Django."""
