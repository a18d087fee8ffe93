"""Documents as such: Markdown, notebook files, attributes, and the doors to their libraries."""
