"""The explorer: pages and a JSON API over the published store, read-only, on this machine."""
