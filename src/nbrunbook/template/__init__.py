"""What an author wrote: files in; findings, plans and mended files out."""
