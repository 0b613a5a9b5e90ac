"""The science kit that indicators share; it knows nothing of the workbench."""
