"""Tests of what surrounds the program: guides, conventions, linters, packages."""
