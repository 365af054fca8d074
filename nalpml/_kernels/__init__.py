"""Compiled loops over bytes and packets: arrays in, arrays out, no policy.

Kernels take what their callers have checked, never raise, and touch no byte outside the
bounds they are given. Each has a slow, obvious twin in the tests.
"""
