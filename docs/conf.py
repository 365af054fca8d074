"""Sphinx configuration: `make docs`."""

from importlib.metadata import version as _version

project = "nalpml"
author = "nalpml developers"
copyright = "2026, nalpml developers"
release = version = _version("nalpml")

extensions = [
    "myst_parser",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
]
exclude_patterns = ["_build"]
html_theme = "pydata_sphinx_theme"
html_theme_options = {"show_prev_next": False}
html_sidebars = {"index": []}

# Methods are listed on the page of their class; pages of their own would be all but empty.
numpydoc_show_class_members = False
autosummary_generate = False
autodoc_typehints = "none"
