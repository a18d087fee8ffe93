"""Markdown: read (steps, headings, boxes that nobody sees), filled with values, drawn as HTML."""
