"""The version of the meaning layer; a test with stored readings fails when the meaning changes and this number does not."""

MEANING_VERSION = 37
