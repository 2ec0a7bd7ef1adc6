"""Why a file could not be opened: one well-named error a cause, each with one plain sentence."""

from __future__ import annotations


class ReadError(Exception):
    """A document that cannot be read at all; `status` is the word the store keeps for it."""

    status = "damaged"


class NotPdf(ReadError):
    """The bytes are no PDF."""

    status = "not_pdf"


class EmptyFile(ReadError):
    """The file has no bytes."""

    status = "empty"


class Encrypted(ReadError):
    """The PDF wants a password, and none or a wrong one was given."""

    status = "encrypted"


class Damaged(ReadError):
    """The file begins like a PDF, but its structure cannot be mended."""

    status = "damaged"
