"""The live runbook in JupyterLab: panels, server, hub. The door to anywidget."""
