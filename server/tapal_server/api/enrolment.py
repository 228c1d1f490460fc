"""Letting a box in over the API: by its one-time code, which is all it has so far."""

from fastapi import APIRouter

from tapal_contract.enrolment import Enrolled, Enrolment
from tapal_server.api.access import ServicesOf
from tapal_server.api.problems import PROBLEMS

__all__ = ["router"]

router = APIRouter(tags=["nodes"], responses=PROBLEMS)


@router.post("/enrolments", status_code=201)
def enrol(asked: Enrolment, services: ServicesOf) -> Enrolled:
    """Exchange public keys with a box that holds an unused code of `tapal server enrol-code`."""
    return services.enrolment.enrol(asked)
