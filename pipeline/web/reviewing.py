"""Review: proposals for corrections, accepted or refused by a person on this machine."""

from __future__ import annotations

from fastapi import APIRouter

from pipeline.web.app import Site


def router(site: Site) -> APIRouter:
    return APIRouter(include_in_schema=False)
