"""What the office asks of a running node: carried out or refused, and answered either way."""

import json
import logging
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from tapal_contract.errors import MessageError, TapalError
from tapal_contract.ids import Uuid
from tapal_contract.node import ClipCause, Command, CommandAnswer, parse_control
from tapal_edge.config import EdgeConfig
from tapal_edge.evidence import Evidence
from tapal_edge.films import ClipError, Films
from tapal_edge.geometry import changed, keep, with_geometry
from tapal_edge.post import Post
from tapal_edge.sources.live import LiveCamera
from tapal_edge.updates.updater import Updater

log = logging.getLogger(__name__)

ANSWERS_KEPT = 16
_UUID: TypeAdapter[str] = TypeAdapter(Uuid)
Show = Callable[[str, bytes], None]


@dataclass
class Commands:
    """Obeys one command at a time; a repeated one is answered again, not carried out again.

    Attributes:
        config: the node, with the lines and zones in force.
        path: its configuration file.
        posts: its cameras.
        evidence: what open alerts rest on.
        show: sends a picture somebody asked for.
        on_answer: told after each answer, so that it is sent at once.
        updater: changes the model; None where it was given from outside.
        films: makes the clips that are asked for.
    """

    config: EdgeConfig
    path: Path | None
    posts: Sequence[Post]
    evidence: Evidence
    show: Show
    on_answer: Callable[[], None]
    updater: Updater | None = None
    films: Films | None = None
    _answers: deque[CommandAnswer] = field(default_factory=lambda: deque(maxlen=ANSWERS_KEPT))

    def answers(self) -> tuple[CommandAnswer, ...]:
        """The last answers, the newest at the end."""
        return tuple(self._answers)

    def take(self, payload: bytes) -> None:
        """Carry out a command as it came, or say why not."""
        try:
            command = parse_control(Command, payload)
        except MessageError as error:
            log.warning("a command was refused: %s", error)
            command_id = _id_of(payload)
            if command_id is not None:
                self._answer(command_id, str(error))
            return
        if any(answer.id == command.id for answer in self._answers):
            self.on_answer()
            return
        try:
            done = self._carry_out(command)
        except TapalError as error:
            log.warning("%s of %s was refused: %s", command.name, command.issued_by, error)
            self.tell(command.id, error)
            return
        if done:
            log.info("%s of %s for %s: done", command.name, command.issued_by, command.camera or "the node")
            self._answer(command.id)

    def _carry_out(self, command: Command) -> bool:
        """Return whether it is done by now; a snapshot is when its frame has come, a clip when it was made."""
        if command.name == "keep":
            self.evidence.keep(command)
            return True
        if command.name in {"use-model", "previous-model"}:
            self._change_model(command)
            return True
        post = self._post(command)
        if command.name == "set-geometry":
            self._set_geometry(command, post)
        elif command.name == "restart-camera":
            if not isinstance(post.source, LiveCamera):
                raise TapalError(f"camera {post.name!r} is a recording; restart the node to play it again")
            post.source.restart()
        elif command.name == "clip":
            self._make_film(command, post)
            return False
        elif command.name in {"snapshot", "learn-view"}:
            if post.state != "online":
                raise TapalError(f"camera {post.name!r} shows nothing now: {post.detail or post.state}")
            if command.name == "learn-view":
                post.seat.view.learn_anew()
            post.seat.view.ask_for_picture(lambda jpeg: self._pictured(command.id, jpeg))
            return False
        return True

    def tell(self, command_id: str, error: TapalError | None) -> None:
        """Answer a command, refused or done."""
        cause = error.cause if isinstance(error, ClipError) else None
        self._answer(command_id, str(error) if error is not None else "", cause)

    def _change_model(self, command: Command) -> None:
        if self.updater is None:
            raise TapalError("this node shares its model with others: change it there")
        if command.offer is not None:
            self.updater.use(command.offer)
        else:
            self.updater.back()

    def _make_film(self, command: Command, post: Post) -> None:
        if self.films is None:
            raise ClipError("no-clips", "this node makes no clips")
        self.films.ask(command, post)

    def _set_geometry(self, command: Command, post: Post) -> None:
        drawn = changed(self.config, post.name, command.lines, command.zones)
        config = with_geometry(self.config, drawn)
        file = keep(config, self.path, drawn)
        self.config = config
        post.seat.view.watch(drawn.lines, drawn.zones)
        log.info("camera %s: %s set its lines and zones, kept in %s", post.name, command.issued_by, file)

    def _pictured(self, command_id: str, jpeg: bytes) -> None:
        self.show(command_id, jpeg)
        self._answer(command_id)

    def _post(self, command: Command) -> Post:
        found = next((post for post in self.posts if post.name == command.camera), None)
        if found is None:
            known = ", ".join(post.name for post in self.posts)
            raise TapalError(f"there is no camera {command.camera!r} here; choose among {known}")
        return found

    def _answer(self, command_id: str, refusal: str = "", cause: ClipCause | None = None) -> None:
        outcome = "refused" if refusal else "done"
        fields = {"id": command_id, "outcome": outcome, "reason": refusal[:500], "time": datetime.now(UTC)}
        fields["cause"] = cause
        self._answers.append(CommandAnswer.model_validate(fields))
        self.on_answer()


def _id_of(payload: bytes) -> str | None:
    """The id of a command that cannot be read otherwise, so that it is at least answered."""
    try:
        body = json.loads(payload)
        return _UUID.validate_python(body.get("id") if isinstance(body, dict) else None, strict=True)
    except (ValueError, RecursionError, ValidationError):
        return None
