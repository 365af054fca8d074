"""Octets to packets and back."""
