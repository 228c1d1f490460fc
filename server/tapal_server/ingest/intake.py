"""Takes a batch of messages into the database in one transaction, and says what to answer."""

import json
import logging
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from tapal_contract.clip import Piece
from tapal_contract.events import Crossing, ZoneEvent
from tapal_contract.node import Ack, Health, State
from tapal_contract.topics import Topic
from tapal_server.clips.taking import take_pieces
from tapal_server.clock import Clock
from tapal_server.commands.answers import note_answers, take_snapshots
from tapal_server.db.database import Database
from tapal_server.db.tables import EventRow, NodeRow
from tapal_server.events import Bus, EventsStored, MediaStored, NodeSeen, ServerEvent
from tapal_server.ingest.proof import Proof
from tapal_server.ingest.refusals import REJECTED_KEPT, note_refused
from tapal_server.ingest.replays import Replays
from tapal_server.ingest.rows import Told
from tapal_server.ingest.sorting import AnyEvent, FilmPiece, Incoming, Picture, Refused, refuse, sort_out
from tapal_server.ingest.streams import Gaps, acknowledge, behind_a_gap, close_hole, keep_order, meet_nodes, store_all
from tapal_server.media import MediaStore, is_another_picture, note_picture

__all__ = ["Answer", "Counts", "Intake"]

log = logging.getLogger(__name__)

RESEND_AFTER = timedelta(seconds=2)  # what another replica has may be on its way into the database


@dataclass(frozen=True, slots=True)
class Answer:
    """An acknowledgement and where it goes."""

    topic: str
    ack: Ack


@dataclass(slots=True)
class Counts:
    """What was taken since the start of this process."""

    messages: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class _OfNode:
    """What one batch holds of one node."""

    site: str
    boot: str | None = None
    told: list[Told] = field(default_factory=list)
    said: list[State | Health] = field(default_factory=list)
    pictures: dict[str, Picture] = field(default_factory=dict)
    pieces: dict[str, Piece] = field(default_factory=dict)

    def heard(self, boot: str, site: str) -> None:
        """The newest start counts; starts are named by UUIDv7, which order by time."""
        if self.boot is None or boot > self.boot:
            self.boot, self.site = boot, site


class Intake:
    """Stores what edges send: once, whole, and only then acknowledged. Synchronous; one batch at a time."""

    def __init__(
        self,
        database: Database,
        store: MediaStore,
        *,
        bus: Bus,
        clock: Clock,
        largest_picture: int,
        proof: Proof | None = None,
        shares: bool = False,
        kept_for: timedelta | None = None,
    ) -> None:
        self._database = database
        self._store = store
        self._bus = bus
        self._clock = clock
        self._largest_picture = largest_picture
        self.proof = proof or Proof(database, "when_enrolled")
        self.counts = Counts()
        self._replays = Replays(kept_for)
        self._gaps = Gaps(RESEND_AFTER if shares else timedelta())

    def take(self, batch: Sequence[Incoming], *, unstorable: str | None = None) -> list[Answer]:
        """Commit the batch; raise, with nothing stored and nothing to answer, if the database cannot.

        With a reason why they are `unstorable`, the messages are refused, whatever they say.
        """
        self.proof.refresh()
        nodes, refused = self._sort(batch, unstorable)
        pictured: dict[str, _OfNode] = {}
        if self._store.is_far:
            # Nobody who only stores events should wait for a picture on its way to another machine.
            for name, one in nodes.items():
                if one.pictures or one.pieces:
                    pictured[name] = _OfNode(one.site, pictures=one.pictures, pieces=one.pieces)
                    one.pictures, one.pieces = {}, {}
        answers = self._commit(nodes, refused)
        if pictured:
            answers += self._commit(pictured, [])
        return answers

    def _commit(self, nodes: Mapping[str, _OfNode], refused: Sequence[Refused]) -> list[Answer]:
        answers: list[Answer] = []
        hints: list[ServerEvent] = []
        with self._database.write() as session:
            if any(one.told for one in nodes.values()):
                keep_order(session)
            now = self._clock.now()
            rows = meet_nodes(session, {name: (one.site, one.boot) for name, one in nodes.items()}, now)
            news, replayed = self._replays.apart([(rows[name], one.told) for name, one in nodes.items()], now)
            self.counts.messages.update("replayed" for _ in replayed)
            count = store_all(session, news, now, deleted_before=self._replays.deleted_before(now))
            told = {name for name, one in nodes.items() if one.told or one.pictures or one.pieces}
            for name, of_node in nodes.items():
                hints += self._note_said(session, rows[name], of_node, now)
            beyond = behind_a_gap(session, told)
            for name in sorted(told):
                media, pictured = self._take_pictures(session, rows[name], nodes[name].pictures, now)
                filmed, played = take_pieces(session, self._store, rows[name], nodes[name].pieces, now)
                hints += [*pictured, *played]
                media += filmed
                ack = acknowledge(session, rows[name], media, beyond=name in beyond)
                topic = Topic(nodes[name].site, name, "ack").path
                answers.append(Answer(topic, self._gaps.patient(name, ack, now)))
            note_refused(session, [*refused, *replayed], now, kept=REJECTED_KEPT)
        if count:
            sites = {one.site for of_node in nodes.values() for one in of_node.told}
            hints.insert(0, EventsStored(count=count, sites=tuple(sorted(sites))))
        self._bus.publish(*hints)
        return answers

    def _sort(self, batch: Iterable[Incoming], unstorable: str | None) -> tuple[dict[str, _OfNode], list[Refused]]:
        nodes: dict[str, _OfNode] = {}
        refused: list[Refused] = []
        for message in batch:
            if unstorable is None:
                meant = sort_out(message, largest_picture=self._largest_picture, proof=self.proof)
            else:
                meant = refuse(message, unstorable)
            self.counts.messages[type(meant).__name__.lower()] += 1
            if isinstance(meant, Refused):
                refused.append(meant)
                if meant.place is not None and meant.site is not None:
                    of_node = nodes.setdefault(meant.place.node, _OfNode(meant.site))
                    of_node.told.append(_placeholder(meant, self._clock.now()))
                    of_node.heard(meant.place.boot, meant.site)
                continue
            of_node = nodes.setdefault(meant.node, _OfNode(meant.site))
            if isinstance(meant, Picture):
                of_node.pictures[meant.event_id] = meant
                continue
            if isinstance(meant, FilmPiece):
                of_node.pieces[meant.piece.id] = meant.piece
                continue
            of_node.heard(meant.boot, meant.site)
            if isinstance(meant, State | Health):
                of_node.said.append(meant)
            else:
                of_node.told.append(_told(meant, message.payload))
        return nodes, refused

    def _note_said(self, session: Session, row: NodeRow, of_node: _OfNode, now: datetime) -> list[ServerEvent]:
        before = row.status
        answered: list[ServerEvent] = []
        for said in of_node.said:
            if said.boot != row.boot:
                continue  # the last will of a start that is over, or a late report of it
            close_hole(session, row, said.boot, said.oldest_seq)
            if isinstance(said, State):
                if row.status != said.state:
                    row.status, row.since = said.state, now
                row.version = said.version
            else:
                row.health = said.model_dump(mode="json", by_alias=True)
                answered += note_answers(session, row, said.commands, now)
                if row.status != "online":
                    row.status, row.since = "online", now
        if not of_node.said and row.status == before:
            return []
        return [NodeSeen(node=row.node, site=row.site, status=row.status, at=now), *answered]

    def _take_pictures(
        self, session: Session, row: NodeRow, pictures: dict[str, Picture], now: datetime
    ) -> tuple[tuple[str, ...], list[ServerEvent]]:
        """Keep them; return the ids to acknowledge, and what to tell."""
        if not pictures:
            return (), []
        looks, hints = take_snapshots(
            session, self._store, row, {one.event_id: one.jpeg for one in pictures.values()}, now
        )
        media = self._take_evidence(session, row, {key: one for key, one in pictures.items() if key not in looks}, now)
        return (*media, *looks), [*hints, *(MediaStored(event_id=event_id) for event_id in media)]

    def _take_evidence(
        self, session: Session, row: NodeRow, pictures: dict[str, Picture], now: datetime
    ) -> tuple[str, ...]:
        if not pictures:
            return ()
        query = select(EventRow.id, EventRow.node).where(EventRow.id.in_(pictures))
        owner = dict(session.execute(query).all())
        for event_id, picture in pictures.items():
            if owner.get(event_id) == row.node and is_another_picture(session, event_id, picture.jpeg):
                # Evidence stays what it was when it first came, whoever has the keys of the node by now.
                self.counts.messages["replaced_picture"] += 1
                log.warning("node %s sent another picture of event %s; the first one is kept", row.node, event_id)
            elif owner.get(event_id) == row.node:
                path = self._store.put(event_id, picture.jpeg)
                note_picture(session, picture.event_id, row, path, picture.jpeg, now)
            else:
                # Acknowledged all the same: the node would send it for ever, and nobody will ever look at it.
                self.counts.messages["strayed_picture"] += 1
                log.warning("node %s sent a picture of an event it never sent; dropped", row.node)
        return tuple(pictures)


def _told(event: AnyEvent, payload: bytes) -> Told:
    crossing = event if isinstance(event, Crossing) else None
    return Told(
        id=event.id,
        boot=event.boot,
        seq=event.seq,
        type=event.type,
        site=event.site,
        camera=event.camera,
        time=event.time,
        body=payload.decode(),
        line=crossing.line if crossing else None,
        direction=crossing.direction if crossing else None,
        label=event.label if isinstance(event, Crossing | ZoneEvent) else None,
    )


def _placeholder(refused: Refused, now: datetime) -> Told:
    """Keeps the place of a message that cannot be read, so that the node is not asked for it for ever."""
    assert refused.place is not None
    return Told(
        id=refused.place.id,
        boot=refused.place.boot,
        seq=refused.place.seq,
        type="refused",
        site=refused.place.site,
        camera="",
        time=now,
        body=json.dumps({"reason": refused.reason[:500]}),
    )
