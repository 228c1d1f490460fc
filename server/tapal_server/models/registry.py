"""Models that were proven, as signed bundles: kept for the nodes, with card and lineage."""

import hashlib
import os
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from tapal_contract import bundle as bundles
from tapal_contract.errors import TapalError
from tapal_server.audit.log import AuditLog
from tapal_server.clock import Clock
from tapal_server.db.database import Database
from tapal_server.db.tables import ModelRow
from tapal_server.errors import ConflictError, InvalidError, NotFoundError
from tapal_server.media import MediaStore
from tapal_server.models.views import ModelView
from tapal_server.people.actor import NOWHERE, Actor
from tapal_server.people.roles import Permission
from tapal_server.viewing import seen

__all__ = ["ModelService"]

SUFFIX = ".tapal"


class ModelService:
    """Takes bundles in and gives them out. Whether to use one is for each node to decide, by its own key.

    A bundle lies with the pictures, where every server of the office finds it, and once more in a folder of this
    server, from which parts of it are given out.
    """

    def __init__(
        self,
        database: Database,
        folder: Path,
        store: MediaStore,
        *,
        key: Path | None,
        audit: AuditLog,
        clock: Clock,
    ) -> None:
        self._database = database
        self._folder = folder
        self._store = store
        self._key = key
        self._audit = audit
        self._clock = clock

    def all(self, actor: Actor) -> tuple[ModelView, ...]:
        """Every model, the newest first; partner agencies see none."""
        actor.require(Permission.SEE)
        if actor.sites == NOWHERE:
            return ()
        with self._database.read() as session:
            rows = session.scalars(select(ModelRow).order_by(ModelRow.uploaded_at.desc(), ModelRow.title)).all()
        return tuple(seen(ModelView, row) for row in rows)

    def get(self, actor: Actor, title: str) -> ModelView:
        """One model.

        Raises:
            NotFoundError: there is none of this name and version.
        """
        actor.require(Permission.SEE)
        with self._database.read() as session:
            row = session.get(ModelRow, title)
        if row is None or actor.sites == NOWHERE:
            raise NotFoundError(f"model {title[:129]!r} is not known")
        return seen(ModelView, row)

    def upload(self, actor: Actor, data: bytes) -> ModelView:
        """Take a bundle in; the same one again changes nothing.

        Raises:
            InvalidError: it is no whole bundle, or not signed by the key in the settings.
            ConflictError: another bundle has this name and version.
        """
        actor.require(Permission.SETTINGS)
        digest = hashlib.sha256(data).hexdigest()
        manifest = self._put(data, digest)
        self._store.put(_name_of(digest), data, suffix=SUFFIX)
        parent = manifest.card.get("parent")
        row = ModelRow(
            title=manifest.title,
            name=manifest.name,
            version=manifest.version,
            sha256=digest,
            bytes=len(data),
            parent=str(parent)[:200] if parent else None,
            card=manifest.card,
            uploaded_at=self._clock.now(),
            uploaded_by=actor.name,
        )
        made = seen(ModelView, row)
        try:
            with self._database.write() as session:
                known = session.get(ModelRow, manifest.title)
                if known is None:
                    session.add(row)
                    detail = {"sha256": digest, "parent": made.parent}
                    self._audit.append(session, actor, "model.upload", f"model:{made.title}", detail)
                else:
                    made = seen(ModelView, known)
        except IntegrityError as error:
            raise ConflictError(f"a bundle with the bytes of {manifest.title} is there under another name") from error
        if made.sha256 != digest:
            raise ConflictError(
                f"{made.title} is there already and is another bundle; give the new one its own version"
            )
        return made

    def path_of(self, sha256: str) -> Path:
        """The file of a bundle by its hash, which only who was offered it knows.

        Raises:
            NotFoundError: there is none.
        """
        path = self._folder / f"{sha256}{SUFFIX}"
        if len(sha256) != 64 or not set(sha256) <= set("0123456789abcdef"):
            raise NotFoundError(f"bundle {sha256[:64]!r} is not known")
        if not path.is_file():
            self._put(self._of_another_server(sha256), sha256)
        return path

    def _of_another_server(self, sha256: str) -> bytes:
        """The bytes of a bundle that another server of the office took in."""
        with self._database.read() as session:
            known = session.scalar(select(ModelRow.title).where(ModelRow.sha256 == sha256))
        try:
            data = self._store.get(self._store.path_of(_name_of(sha256), SUFFIX)) if known is not None else b""
        except FileNotFoundError:
            data = b""
        if hashlib.sha256(data).hexdigest() != sha256:
            raise NotFoundError(f"bundle {sha256!r} is not known")
        return data

    def _put(self, data: bytes, digest: str) -> bundles.BundleManifest:
        self._folder.mkdir(parents=True, exist_ok=True)
        draft = self._folder / f".{digest}.{os.getpid()}"
        try:
            with draft.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            manifest = bundles.inspect(draft) if self._key is None else bundles.verify(draft, self._key)[0]
            draft.replace(self._folder / f"{digest}{SUFFIX}")
        except TapalError as error:
            raise InvalidError(str(error).replace(str(draft), "body"), field="body") from error
        finally:
            draft.unlink(missing_ok=True)
        return manifest


def _name_of(digest: str) -> str:
    """The id under which the store keeps a bundle: its hash in the form of a UUID."""
    return f"{digest[:8]}-{digest[8:12]}-8{digest[12:15]}-8{digest[15:18]}-{digest[18:30]}"
