"""Version of the reading. Raise it whenever the tables, cells or lines of any document may change."""

READING_VERSION = 30
