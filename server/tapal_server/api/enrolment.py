"""Letting a box in over the API: by its one-time code, which is all it has so far."""

from fastapi import APIRouter, Request

from tapal_contract.enrolment import Enrolled, Enrolment
from tapal_server.api.access import ServicesOf, client_of
from tapal_server.api.problems import PROBLEMS

__all__ = ["router"]

router = APIRouter(tags=["nodes"], responses=PROBLEMS)


@router.post("/enrolments", status_code=201)
def enrol(asked: Enrolment, request: Request, services: ServicesOf) -> Enrolled:
    """Exchange public keys with a box that holds an unused code of `tapal server enrol-code`."""
    services.auth.rates.stranger(client_of(request))
    return services.enrolment.enrol(asked)
