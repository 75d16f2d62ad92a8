"""Clockko: who worked on what, from when to when."""
