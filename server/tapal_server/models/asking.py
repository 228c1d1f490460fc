"""Commands about models, written down for the dispatcher to send."""

from datetime import datetime, timedelta
from typing import Literal

from pydantic import ValidationError
from sqlalchemy.orm import Session

from tapal_contract.events import first_problem
from tapal_contract.ids import new_id
from tapal_contract.node import Command
from tapal_contract.updates import ModelBounds, ModelOffer
from tapal_server.commands.writing import written
from tapal_server.db.tables import CommandRow, ModelRow
from tapal_server.errors import InvalidError

__all__ = ["ask", "offer_of"]

EXPIRES = timedelta(minutes=10)


def ask(  # noqa: PLR0917 - the command's own fields
    session: Session,
    node: str,
    site: str,
    name: Literal["use-model", "previous-model"],
    by: str,
    now: datetime,
    *,
    offer: ModelOffer | None = None,
) -> CommandRow:
    """Write a command down within the caller's transaction."""
    command = Command(id=new_id(), name=name, issued_at=now, issued_by=by, offer=offer)
    row = written(command, node, site, EXPIRES)
    session.add(row)
    return row


def offer_of(model: ModelRow, address: str, bounds: ModelBounds) -> ModelOffer:
    """What a node is told of a model.

    Raises:
        InvalidError: nodes could not fetch from this server's address.
    """
    url = f"{address.rstrip('/')}/api/v1/bundles/{model.sha256}"
    try:
        return ModelOffer(
            name=model.name, version=model.version, sha256=model.sha256, bytes=model.bytes, url=url, bounds=bounds
        )
    except ValidationError as error:
        raise InvalidError(f"{model.title} cannot be offered: {first_problem(error)}") from error
