"""What manage.py finds: one command, which is the command line."""
