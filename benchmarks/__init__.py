"""Measurements that are run by hand. Nothing of the assistant needs them."""
