"""Benchmarks: `make bench`. Each measures what it is compared with in the same run, on services and processes of its own."""
