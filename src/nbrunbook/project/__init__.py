"""Where we are and who is at work: the configuration, git, the CI, versions and the operator."""
