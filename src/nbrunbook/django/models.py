"""The app's models: none yet. Django sends `pre_migrate` only to apps that have this module."""
