"""What happens, for Prometheus; nothing in it names a person."""

from collections.abc import Iterator

from fastapi import APIRouter, Response
from sqlalchemy import func, select

from tapal_server.api.access import PartsOf
from tapal_server.db.tables import AlertRow, DeliveryRow, EventRow, NodeRow
from tapal_server.ingest.refusals import refusals
from tapal_server.parts import Parts

__all__ = ["router"]

router = APIRouter(tags=["running"])


@router.get("/metrics", include_in_schema=False)
def metrics(parts: PartsOf) -> Response:
    """Counts in the text format of Prometheus."""
    return Response("\n".join(_lines(parts)) + "\n", media_type="text/plain; version=0.0.4")


def _lines(parts: Parts) -> Iterator[str]:
    taken = {f'{{kind="{kind}"}}': count for kind, count in parts.intake.counts.messages.items()}
    yield from _metric("tapal_messages_total", "counter", "Messages of edges taken, by what they were.", taken)
    with parts.database.read() as session:
        states = session.execute(select(AlertRow.state, func.count()).group_by(AlertRow.state)).all()
        deliveries = session.execute(select(DeliveryRow.state, func.count()).group_by(DeliveryRow.state)).all()
        nodes = session.scalars(select(NodeRow)).all()
        refused = refusals(session)
        newest = session.scalar(select(func.max(EventRow.arrival))) or 0
    yield from _metric("tapal_alerts", "gauge", "Alerts by state.", {f'{{state="{state}"}}': n for state, n in states})
    yield from _metric(
        "tapal_deliveries", "gauge", "Messages to people.", {f'{{state="{state}"}}': n for state, n in deliveries}
    )
    yield from _metric("tapal_events_arrival", "counter", "Number of the newest event.", {"": newest})
    for name, what in (("lost", "lost for good"), ("conflicts", "with a number used twice"), ("repeats", "repeated")):
        values = {f'{{node="{node.node}"}}': int(getattr(node, name)) for node in nodes}
        yield from _metric(f"tapal_node_messages_{name}_total", "counter", f"Messages {what}.", values)
    by_reason = {
        f'{{node="{node}",reason="{reason}"}}': count
        for node, one in refused.items()
        for reason, count in one.by_reason.items()
    }
    yield from _metric("tapal_refused_messages_total", "counter", "Messages refused, by node and reason.", by_reason)
    online = {f'{{node="{node.node}"}}': int(node.status == "online") for node in nodes}
    yield from _metric("tapal_node_online", "gauge", "1 while the node says so.", online)
    yield from _metric("tapal_correlator_running", "gauge", "1 while it runs.", {"": int(parts.correlator.running)})


def _metric(name: str, kind: str, text: str, values: dict[str, int]) -> Iterator[str]:
    yield f"# HELP {name} {text}"
    yield f"# TYPE {name} {kind}"
    yield from (f"{name}{labels} {value}" for labels, value in values.items())
