"""The database: engine, schema, migrations, and repositories of runs."""
