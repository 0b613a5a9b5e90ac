"""The ways in: JupyterLab, apps, batch, command line."""
